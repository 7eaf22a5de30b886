// The page that the visitor is on, and its change without a load (applications of one page).

const LOOK_MS = 1000;

export interface Page {
  url: string;
  title: string;
  referrer: string;
  utm: Record<string, string>;
}

export function page(): Page {
  const { href, search } = location;
  const utm: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) if (name.startsWith("utm_")) utm[name] = value;
  return { url: href, title: document.title, referrer: document.referrer, utm };
}

/** Calls back when the address has changed; the title is read a moment later, when it has followed. */
export function onPage(changed: () => void, signal: AbortSignal): void {
  let known = location.href;
  const timer = setInterval(() => {
    if (location.href === known) return;
    known = location.href;
    changed();
  }, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}
