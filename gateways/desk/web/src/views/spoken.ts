// What a gateway wrote, in the reader's language. Gateways write English; for Russian their words are looked up.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { reasonIn } from "../reasons.ts";
import type { Maybe } from "../contract.ts";
import type { Phrasebook } from "../words/phrasebook.ts";
import { useApp } from "./context.ts";

/** Fetched when somebody reads Russian; until then, and where it cannot be had, gateways are read as they write. */
const russian = signal<Phrasebook | null>(null);

interface Spoken {
  /** What a part probably is. */
  noun(said: string): string;
  /** Why something failed; an empty string where nobody says. */
  reason(said: Maybe<string>, code?: Maybe<string>): string;
}

export function useSpoken(): Spoken {
  const inRussian = useApp().language.value === "ru";
  useEffect(() => {
    if (inRussian && russian.value === null) void fetchRussian();
  }, [inRussian]);
  const book = inRussian ? russian.value : null;
  return {
    noun: (said) => book?.noun(said) ?? said,
    reason: (said, code) => reasonIn(book, said ?? "", code ?? ""),
  };
}

async function fetchRussian(): Promise<void> {
  try {
    russian.value = (await import("../words/ru.gateways.ts")).ruGateways;
  } catch {
    // The page was deployed anew meanwhile, or there is no connection: asked again with the next view.
  }
}
