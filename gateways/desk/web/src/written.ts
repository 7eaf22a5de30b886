// The answer to a write as the delta that it amounts to. Pure.

import type { Delta, Written } from "./wire.ts";

const IDENTIFIERS: Readonly<Record<string, string>> = {
  conversation: "conversation_id",
  message: "entry_id",
  operator: "operator_id",
  template: "template_id",
};

/** Null: what was done cannot be read yet, or is not of a kind that this page keeps. */
export function deltaOf(written: Written): Delta | null {
  const { entity, pending, seq } = written;
  if (pending || entity === undefined || seq === undefined) return null;
  const state = written.state as Record<string, unknown> | null;
  const id = state?.[IDENTIFIERS[entity] ?? ""];
  return typeof id === "string" ? { t: "delta", seq, entity, id, what: "", version: 0, state } : null;
}
