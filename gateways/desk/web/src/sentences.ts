// What happened to a conversation, as a sentence, and what somebody said to it. Pure.

import { groupName, operatorName } from "./people.ts";
import type { Directory } from "./directory.ts";
import type { Offer } from "./offers.ts";
import { FILLED_IN, fieldsOf } from "./visits.ts";
import { duration } from "./times.ts";
import type { Actor, Line } from "./wire.ts";
import type { Words } from "./words/index.ts";

export interface Told {
  readonly text: string;
  /** In somebody's own words. */
  readonly comment: string | null;
}

type Detail = Readonly<Record<string, unknown>>;
type Sentence = (said: Said) => string;

interface Said {
  readonly events: Words["events"];
  readonly firsts: Words["firsts"];
  readonly happened: Words["happened"];
  readonly time: Words["time"];
  readonly detail: Detail;
  readonly author: Actor | null;
  /** Who did it, at the beginning of a sentence. */
  readonly actor: string;
  /** An operator, at the beginning of a sentence. */
  who(id: unknown): string;
  /** An operator, elsewhere. */
  whom(id: unknown): string;
  /** To whom something was offered. */
  to(offer: Offer): string;
  readonly line: Line;
}

export function told(line: Line, model: Directory, words: Words): Told {
  const said = saidOf(line, model, words);
  const sentence = SENTENCES[line.kind] ?? (({ events }) => events.leftByClient);
  return { text: sentence(said), comment: commentOf(line) };
}

/** The kinds of lines that are told in the thread. */
export const isTold = (kind: string): boolean => Object.hasOwn(SENTENCES, kind);

const SENTENCES: Readonly<Record<string, Sentence>> = {
  "conversation.opened": ({ events, firsts, author }) => (author?.kind === "operator" ? firsts : events).opened,
  "conversation.reopened": ({ events, firsts, author }) => (author?.kind === "operator" ? firsts : events).reopened,
  "conversation.assigned": assigned,
  "conversation.offered": ({ events, author, actor, detail, to }) =>
    author?.kind === "operator" ? events.offered(actor, to(offerIn(detail))) : events.offeredPlain(to(offerIn(detail))),
  "conversation.offer_ended": offerEnded,
  "conversation.returned": ({ events, author, actor }) =>
    author?.kind === "operator" ? events.returned(actor) : events.returnedPlain,
  "conversation.participants_changed": participants,
  "conversation.described": ({ events, actor, detail }) =>
    textIn(detail, "description") === null ? events.undescribed(actor) : events.described(actor),
  "conversation.closed": closed,
  "dialog.closed_by_client": ({ events }) => events.leftByClient,
  "conversation.rated": ({ happened, detail }) => happened.rated(Number(detail["stars"] ?? 0)),
  "message.pressed": ({ happened, detail }) => {
    const label = textIn(detail, "label");
    return label === null ? happened.pressedUnnamed : happened.pressed(label);
  },
  "dialog.members_changed": members,
  "call.happened": call,
  [FILLED_IN]: ({ events, line }) =>
    events.filledIn([...fieldsOf([line])].map(([name, value]) => `${name} — ${value}`).join(", ")),
};

function assigned({ events, firsts, detail, author, actor, who, whom }: Said): string {
  const assignee = detail["assignee"] ?? author?.id;
  const from = detail["former"] === undefined ? events.somebody : whom(detail["former"]);
  switch (detail["how"]) {
    case "answered":
      return events.answered(who(assignee));
    case "transferred":
      return events.transferred(who(assignee), from);
    case "appointed":
      return author?.kind === "operator" ? events.appointed(actor, whom(assignee)) : events.appointedPlain(who(assignee));
    case "distributed":
      return events.distributed(whom(assignee));
    case "taken_over":
      return events.taken_over(who(assignee), from);
    case "resumed":
      return events.resumed(who(assignee));
    case "returned_to":
      return events.returned_to(whom(assignee));
    case "started":
      return firsts.started(who(assignee));
    default:
      return events.accepted(who(assignee));
  }
}

function offerEnded({ events, detail, actor, to }: Said): string {
  if (detail["how"] === "declined") return events.declined(actor);
  if (detail["how"] === "recalled") return events.recalled(actor);
  return events.expired(capital(to(offerIn(detail))));
}

function members({ happened, detail }: Said): string {
  const [joined, left] = [peopleIn(detail, "joined"), peopleIn(detail, "left")];
  const title = textIn(detail, "title");
  const said = [
    ...(joined === "" ? [] : [happened.joined(joined)]),
    ...(left === "" ? [] : [happened.gone(left)]),
    ...(title === null ? [] : [happened.titled(title)]),
  ];
  return said.length === 0 ? happened.members : said.join(" · ");
}

function call({ happened, detail, time, whom }: Said): string {
  const states = detail["direction"] === "out" ? happened.callOut : happened.callIn;
  const state = textIn(detail, "state") ?? "";
  const seconds = Number(detail["duration_seconds"] ?? 0);
  const said = Object.hasOwn(states, state) ? states[state as keyof typeof states] : states.ended;
  const lasted = seconds > 0 ? happened.lasted(said, duration(seconds * 1000, time)) : said;
  return typeof detail["operator_id"] === "string" ? happened.answeredBy(lasted, whom(detail["operator_id"])) : lasted;
}

function participants({ events, detail, author, actor, who, whom }: Said): string {
  const removed = idsIn(detail, "removed");
  const added = idsIn(detail, "added");
  if (added.length > 0) return events.added(actor, added.map(whom).join(", "));
  if (removed.length === 1 && removed[0] === author?.id) return events.left(who(removed[0]));
  return events.removed(actor, removed.map(whom).join(", "));
}

function closed({ events, detail, author, actor }: Said): string {
  const category = textIn(detail, "category");
  const silent = detail["how"] === "silence";
  const text = silent ? events.silence : author?.kind === "operator" ? events.closed(actor) : events.closedPlain;
  return category === null ? text : `${text} · ${events.category(category)}`;
}

function saidOf(line: Line, model: Directory, words: Words): Said {
  const { events, firsts, happened, time } = words;
  const detail = line.detail ?? {};
  const author = line.author ?? null;
  const name = (id: unknown): string =>
    operatorName(model, typeof id === "string" ? id : null, words, id === author?.id ? author?.name : null);
  const who = (id: unknown): string => capital(id === model.viewer ? events.you : name(id));
  const whom = (id: unknown): string => (id === model.viewer ? events.toYou : name(id));
  const to = ({ operator_id: id, group }: Offer): string =>
    group == null ? whom(id) : `“${groupName(model, group)}”`;
  return { events, firsts, happened, time, detail, author, actor: who(author?.id), who, whom, to, line };
}

function commentOf({ kind, detail }: Line): string | null {
  if (kind === "conversation.described") return textIn(detail ?? {}, "description");
  const offered = kind === "conversation.offered" ? textIn((detail?.["offer"] ?? {}) as Detail, "comment") : null;
  return textIn(detail ?? {}, "comment") ?? offered;
}

function offerIn(detail: Detail): Offer {
  return (detail["offer"] ?? {}) as Offer;
}

function textIn(detail: Detail, name: string): string | null {
  const said = detail[name];
  return typeof said === "string" && said.trim() !== "" ? said : null;
}

/** The names of people, or their addresses. */
function peopleIn(detail: Detail, name: string): string {
  const people = idsIn(detail, name) as readonly { readonly name?: string | null; readonly address?: string }[];
  return people.map((one) => one.name ?? one.address ?? "").filter((said) => said !== "").join(", ");
}

function idsIn(detail: Detail, name: string): readonly unknown[] {
  const said = detail[name];
  return Array.isArray(said) ? said : [];
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
