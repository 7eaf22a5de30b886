// Initials on one of eight tones that follow from the id, so the same client looks the same everywhere.

const TONES = 8;

export function Avatar({ name, id }: { name: string; id: string }) {
  return (
    <span class={`avatar tone-${toneOf(id)}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")][0] ?? "");
  return letters.join("").toUpperCase();
}

function toneOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % TONES;
}
