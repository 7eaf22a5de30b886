// Why a conversation waits, and who was considered for it: what the router explains, and what lines of history keep.

export type Why =
  | "chosen"
  | "more_loaded"
  | "at_limit"
  | "status"
  | "absent"
  | "declined"
  | "no_access"
  | "disabled";

/** One operator, as the distribution saw them. */
export interface Considered {
  readonly operator_id: string;
  readonly why: Why;
  readonly load?: number;
  readonly limit?: number | null;
}

export interface Explanation {
  /** A word for why nobody has it yet: `free_for_all`, `all_full` … */
  readonly waits: string;
  readonly considered: readonly Considered[];
}

/** What a line of history keeps of the distribution. */
export function consideredIn(detail: Readonly<Record<string, unknown>> | null | undefined): readonly Considered[] {
  const said = detail?.["considered"];
  return Array.isArray(said) ? (said as readonly Considered[]) : [];
}
