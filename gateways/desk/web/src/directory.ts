// Of what the page knows, what changes seldom: who and what stands around the conversations. Pure.

import type { Kept, Model } from "./model.ts";

export type Directory = Pick<Model, "viewer" | "operators" | "accounts" | "groups" | "templates" | "statuses">;

const NONE: readonly string[] = [];

export function directoryOf({ viewer, operators, accounts, groups, templates, statuses }: Model): Directory {
  return { viewer, operators, accounts, groups, templates, statuses };
}

export function isSame(one: Directory, other: Directory): boolean {
  return (Object.keys(one) as (keyof Directory)[]).every((name) => one[name] === other[name]);
}

/** The groups of whoever looks. */
export function groupsOf(directory: Directory): readonly string[] {
  return directory.operators.get(directory.viewer)?.state?.groups ?? NONE;
}

/** What is there of a kind. */
export function present<T>(entities: ReadonlyMap<string, Kept<T>>): readonly T[] {
  return [...entities.values()].flatMap(({ state }) => (state === null ? [] : [state]));
}
