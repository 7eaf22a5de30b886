// What is read of the archive, through the desk. Each answer says the `seq` that it was read at.

import type { Api } from "./api.ts";
import type { Client } from "./contract.ts";
import type { Account, Conversation, Folder, Folders, HistoryPage, Me, Operator, Page } from "./wire.ts";

const PAGE = 50;

/** What stands around the conversations. */
export interface Surroundings {
  readonly folders: Folders;
  readonly operators: Page<Operator>;
  readonly accounts: Page<Account>;
}

export class Archive {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  me(): Promise<Me> {
    return this.#api.ask("GET", "/me");
  }

  async surroundings(): Promise<Surroundings> {
    const [folders, operators, accounts] = await Promise.all([
      this.#api.ask<Folders>("GET", "/folders"),
      this.#api.ask<Page<Operator>>("GET", "/operators"),
      this.#api.ask<Page<Account>>("GET", "/accounts"),
    ]);
    return { folders, operators, accounts };
  }

  /** Newest first; `after`: the cursor that the page before gave. */
  list(folder: Folder, after: string | null): Promise<Page<Conversation>> {
    const query = new URLSearchParams({ folder, limit: String(PAGE), ...(after === null ? {} : { after }) });
    return this.#api.ask("GET", `/conversations?${query}`);
  }

  conversation(id: string): Promise<Conversation> {
    return this.#api.ask("GET", `/conversations/${id}`);
  }

  client(conversation: string): Promise<Client> {
    return this.#api.ask("GET", `/conversations/${conversation}/client`);
  }

  /** The newest lines of its dialog, or with `before` those above that position. */
  history(conversation: string, before: number | null): Promise<HistoryPage> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(before === null ? {} : { before: String(before) }) });
    return this.#api.ask("GET", `/conversations/${conversation}/history?${query}`);
  }
}
