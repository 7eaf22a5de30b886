// Why conversations wait, asked when somebody looks: worth nothing a moment later, so nothing is kept or repeated.

import { type Signal, signal } from "@preact/signals";
import { Failure } from "./api.ts";
import type { Archive } from "./archive.ts";
import { withLast } from "./bounded.ts";
import type { Explanation } from "./explanation.ts";

export type Explained =
  | { readonly is: "asking" }
  | { readonly is: "known"; readonly explanation: Explanation }
  | { readonly is: "failed"; readonly failure: Failure };

const MOST = 50;

export class Explanations {
  /** By conversation. */
  readonly known: Signal<ReadonlyMap<string, Explained>> = signal(new Map());
  readonly #archive: Archive;

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  async ask(conversation: string): Promise<void> {
    if (this.known.peek().get(conversation)?.is !== "known") this.#become(conversation, { is: "asking" });
    try {
      this.#become(conversation, { is: "known", explanation: await this.#archive.explanation(conversation) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#become(conversation, { is: "failed", failure: error });
    }
  }

  #become(conversation: string, explained: Explained): void {
    this.known.value = withLast(this.known.peek(), conversation, explained, MOST);
  }
}
