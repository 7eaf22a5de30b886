// Ids that the page makes. `crypto.randomUUID` is absent on plain http, `getRandomValues` is not.

let latest = 0;

/** A UUIDv7 (RFC 9562), greater than those made before it: the id of an act; the act, repeated, keeps it. */
export function uuid7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  latest = Math.max(now, latest + 1);
  let rest = latest;
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = hexadecimal(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A W3C traceparent of a trace that begins here. */
export function traceparent(): string {
  return `00-${random(16)}-${random(8)}-01`;
}

function random(size: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(size));
  bytes[size - 1] = bytes[size - 1]! | 1; // all zeros would mean "no trace"
  return hexadecimal(bytes);
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
