// The first frame of a connection: who comes, from which page, and what they have already.

import type { User } from "./frames.ts";
import type { Kept } from "./kept.ts";
import type { Mailbox } from "./mailbox.ts";
import { page } from "./page.ts";

export function hello(door: { site: string; language: string }, kept: Kept, mailbox: Mailbox, user?: User): object {
  return {
    t: "hello",
    site: door.site,
    token: kept.token,
    last_seq: mailbox.lastSeq,
    lang: door.language,
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    page: page(),
    user,
  };
}
