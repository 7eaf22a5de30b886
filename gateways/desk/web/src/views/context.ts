// What every view may reach: the page, and the workplace while somebody is signed in.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App } from "../app.ts";
import type { Failure } from "../api.ts";
import type { Words } from "../words/index.ts";
import type { Workplace } from "../workplace.ts";

export const AppContext = createContext<App | null>(null);
export const WorkplaceContext = createContext<Workplace | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("a view outside of the page");
  return app;
}

export function useWords(): Words {
  return useApp().words.value;
}

export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext);
  if (workplace === null) throw new Error("a view of the workplace where nobody is signed in");
  return workplace;
}

/** What to tell: the answer's own words, else ours. */
export function failureWords(failure: Failure, words: Words): string {
  if (failure.words !== "") return failure.words;
  return failure.kind === "unreachable" ? words.outage.busy : words.outage.unavailable;
}
