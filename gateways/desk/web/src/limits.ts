// What an account takes of files, asked before anything is sent. Pure; the router refuses by the same literal.

import type { Capabilities } from "./contract.ts";

export type Limit =
  | { readonly is: "none" }
  | { readonly is: "kind" }
  | { readonly is: "empty" }
  | { readonly is: "bytes"; readonly most: number }
  | { readonly is: "together"; readonly most: number }
  | { readonly is: "count"; readonly most: number };

interface Sized {
  readonly size: number;
}

/** Above this the desk takes nothing, whatever the channel would. */
export const DESK_BYTES = 30_000_000;
const POSSIBLE = { image: "images", video: "video", audio: "audio" } as const;

/** Whether files may be sent at all. */
export function takesFiles(capabilities: Capabilities): boolean {
  return [...Object.values(POSSIBLE), "files" as const].some((name) => capabilities[name] === true);
}

/** Why this file may not be added to those taken already; null: it may. */
export function limitOf(
  file: Sized & { readonly type: string },
  taken: readonly Sized[],
  capabilities: Capabilities,
): Limit | null {
  if (!takesFiles(capabilities)) return { is: "none" };
  if (!takes(file.type, capabilities)) return { is: "kind" };
  if (file.size === 0) return { is: "empty" };
  const most = bytesOf(file.type, capabilities);
  if (file.size > most) return { is: "bytes", most };
  const count = capabilities.files_per_message ?? 0;
  if (count > 0 && taken.length >= count) return { is: "count", most: count };
  const together = capabilities.message_bytes ?? 0;
  const sum = taken.reduce((all, { size }) => all + size, file.size);
  return together > 0 && sum > together ? { is: "together", most: together } : null;
}

/** The largest file of a type, in bytes. */
export function bytesOf(type: string, capabilities: Capabilities): number {
  const said = type.startsWith("image/") ? capabilities.image_bytes : capabilities.file_bytes;
  return Math.min(said === undefined || said === 0 ? DESK_BYTES : said, DESK_BYTES);
}

function takes(type: string, capabilities: Capabilities): boolean {
  const family = type.split("/")[0] ?? "";
  const name = POSSIBLE[family as keyof typeof POSSIBLE] ?? "files";
  if (capabilities[name] !== true) return false;
  const types = capabilities.file_types ?? [];
  return types.length === 0 || type === "" || types.includes(type) || types.includes(`${family}/*`);
}
