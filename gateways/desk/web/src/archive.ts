// What is read of the archive, through the desk. Each answer says the `seq` that it was read at.

import type { Api } from "./api.ts";
import type { Approved } from "./approved.ts";
import type { Client } from "./contract.ts";
import type { SavedDraft } from "./drafts.ts";
import type { Explanation } from "./explanation.ts";
import type { Scope } from "./lists.ts";
import type { StatusRow } from "./statuses.ts";
import type { Template } from "./templates.ts";
import type { Account, Conversation, Folders, Group, HistoryPage, Me, Operator, Page } from "./wire.ts";

const PAGE = 50;

/** What stands around the conversations. */
export interface Surroundings {
  readonly folders: Folders;
  readonly operators: Page<Operator>;
  readonly accounts: Page<Account>;
  readonly groups: Page<Group>;
  readonly statuses: { readonly seq: number; readonly statuses: readonly StatusRow[] };
  readonly templates: Page<Template>;
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
    const [folders, operators, accounts, groups, statuses, templates] = await Promise.all([
      this.#api.ask<Folders>("GET", "/folders"),
      this.#api.ask<Page<Operator>>("GET", "/operators"),
      this.#api.ask<Page<Account>>("GET", "/accounts"),
      this.#api.ask<Page<Group>>("GET", "/groups"),
      this.#api.ask<Surroundings["statuses"]>("GET", "/statuses"),
      this.#api.ask<Page<Template>>("GET", "/templates"),
    ]);
    return { folders, operators, accounts, groups, statuses, templates };
  }

  /** Newest first; `after`: the cursor that the page before gave. */
  list({ folder, account, name }: Scope, after: string | null): Promise<Page<Conversation>> {
    const query = new URLSearchParams({ folder, limit: String(PAGE), ...(after === null ? {} : { after }) });
    if (account !== "") query.set("account", account);
    if (name !== "") query.set("name", name);
    return this.#api.ask("GET", `/conversations?${query}`);
  }

  /** What may be sent from an account at any time. */
  async approved(account: string): Promise<readonly Approved[]> {
    const path = `/accounts/${encodeURIComponent(account)}/templates`;
    return (await this.#api.ask<{ templates: readonly Approved[] }>("GET", path)).templates;
  }

  conversation(id: string): Promise<Conversation> {
    return this.#api.ask("GET", `/conversations/${id}`);
  }

  /** Why it waits, and who could have it now. */
  explanation(conversation: string): Promise<Explanation> {
    return this.#api.ask("GET", `/conversations/${conversation}/explanation`);
  }

  async drafts(): Promise<readonly SavedDraft[]> {
    return (await this.#api.ask<{ items: readonly SavedDraft[] }>("GET", "/drafts")).items;
  }

  async keepDraft(dialog: string, text: string): Promise<void> {
    await this.#api.ask("PUT", `/drafts/${dialog}`, { body: { text } });
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
