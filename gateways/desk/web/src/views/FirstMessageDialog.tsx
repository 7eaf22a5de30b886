// Writing first: through which account, to whom, what. Only accounts that are connected and can begin are offered;
// somebody's own addresses are written in where the window was opened from their details.

import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { IN_DIALOG } from "../actions.ts";
import { copiesIn, fits } from "../addresses.ts";
import type { Identity } from "../contract.ts";
import type { Filled } from "../approved.ts";
import { beginning, type FirstWords, kindOf, needsTemplate, reached } from "../firsts.ts";
import { LONGEST_SUBJECT } from "../letters.ts";
import { channelName } from "../channels.ts";
import { go } from "../route.ts";
import type { Account } from "../wire.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Answers, Dialog, shut } from "./Dialog.tsx";
import { FirstTemplate } from "./FirstTemplate.tsx";

const USUAL_LENGTH = 4000;

interface Fields {
  readonly account: Signal<string>;
  readonly address: Signal<string>;
  readonly name: Signal<string>;
  readonly subject: Signal<string>;
  readonly copies: Signal<string>;
  readonly text: Signal<string>;
  /** Instead of words, where the channel takes nothing else. */
  readonly template: Signal<Filled | null>;
}

export function FirstMessageDialog({ to }: { to: Identity | null }) {
  const workplace = useWorkplace();
  const words = useWords();
  const { actions } = workplace;
  const accounts = beginning(workplace.directory.value).filter((one) => to === null || reached(to, one) !== null);
  const fields = useFields(accounts, to);
  const account = accounts.find((one) => one.account === fields.account.value);
  const ready = account !== undefined && mayGo(account, fields);
  const send = async (): Promise<void> => {
    if (!ready) return;
    const conversation = await actions.begin(bodyOf(account, fields));
    if (conversation === null) return;
    shut();
    go("mine", conversation === "" ? null : conversation);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <Dialog name="first" heading={words.firsts.heading} submit={() => void send()}>
      <Through accounts={accounts} to={to} fields={fields} />
      {account !== undefined && <ToWhom account={account} fields={fields} />}
      {account?.capabilities.threads === true && <OfMail fields={fields} />}
      {account !== undefined && needsTemplate(account) ? (
        <FirstTemplate account={account.account} filled={fields.template} />
      ) : (
        <label class="field">
          <span>{words.firsts.text}</span>
          <textarea
            rows={6}
            value={fields.text.value}
            maxLength={account?.capabilities.text_length ?? USUAL_LENGTH}
            title={words.firsts.keys}
            dir="auto"
            data-testid="first-text"
            onInput={(event) => (fields.text.value = event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </label>
      )}
      <Answers yes={words.firsts.send} ready={ready} busy={actions.isBusy("begin")}>
        <OpenAlready />
      </Answers>
    </Dialog>
  );
}

function useFields(accounts: readonly Account[], to: Identity | null): Fields {
  const first = accounts[0];
  return {
    account: useSignal(first?.account ?? ""),
    address: useSignal((to !== null && first !== undefined && reached(to, first)) || ""),
    name: useSignal(to?.name ?? ""),
    subject: useSignal(""),
    copies: useSignal(""),
    text: useSignal(""),
    template: useSignal(null),
  };
}

function mayGo(account: Account, { address, copies, text, template }: Fields): boolean {
  const { capabilities } = account;
  const said = text.value.trim() !== "" && [...text.value].length <= (capabilities.text_length ?? USUAL_LENGTH);
  const whole = needsTemplate(account) ? template.value !== null : said;
  return whole && fits(kindOf(capabilities), address.value) && (capabilities.threads !== true || copiesIn(copies.value) !== null);
}

function bodyOf(through: Account, { address, name, subject, copies, text, template }: Fields): FirstWords {
  const { account, capabilities } = through;
  const said = name.value.trim();
  const filled = needsTemplate(through) ? template.value : null;
  return {
    account,
    address: address.value.trim(),
    ...(filled === null ? { text: text.value.trim() } : { template: filled }),
    ...(said !== "" && { name: said }),
    ...(capabilities.threads === true && { subject: subject.value.trim(), cc: copiesIn(copies.value) ?? [] }),
  };
}

function Through({ accounts, to, fields }: { accounts: readonly Account[]; to: Identity | null; fields: Fields }) {
  const words = useWords();
  const choose = (account: string): void => {
    const chosen = accounts.find((one) => one.account === account);
    fields.account.value = account;
    if (to !== null && chosen !== undefined) fields.address.value = reached(to, chosen) ?? "";
  };
  return (
    <label class="field">
      <span>{words.firsts.account}</span>
      <select
        value={fields.account.value}
        data-first={accounts.length > 1 || undefined}
        data-testid="first-account"
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {accounts.map(({ account, channel, name }) => (
          <option key={account} value={account}>
            {`${name} · ${channelName(channel, words)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is wrong with an address is said when the field is left, not while it is typed. */
function ToWhom({ account, fields: { address, name } }: { account: Account; fields: Fields }) {
  const { firsts } = useWords();
  const left = useSignal(false);
  const kind = kindOf(account.capabilities);
  if (kind === "none") return null;
  const wrong = left.value && address.value.trim() !== "" && !fits(kind, address.value);
  return (
    <div class="fields">
      <TextField
        label={firsts.address[kind]}
        value={address}
        most={500}
        hint={HINTS[kind]}
        wrong={wrong ? firsts.wrong[kind] : null}
        mode={MODES[kind]}
        first
        name="address"
        leave={() => (left.value = true)}
      />
      <TextField label={firsts.name} value={name} most={200} name="name" />
    </div>
  );
}

const MODES = { phone: "tel", email: "email", id: "text" } as const;
const HINTS = { phone: "+7 900 123-45-67", email: "anna@example.com", id: "" } as const;

function OfMail({ fields: { subject, copies } }: { fields: Fields }) {
  const { letters, firsts } = useWords();
  const wrong = copiesIn(copies.value) === null ? firsts.copiesWrong : null;
  return (
    <>
      <TextField label={letters.subject} value={subject} most={LONGEST_SUBJECT} name="subject" />
      <TextField label={firsts.copies} value={copies} most={10_000} hint={firsts.copiesHint} wrong={wrong} name="copies" />
    </>
  );
}

interface TextFieldParts {
  readonly label: string;
  readonly value: Signal<string>;
  readonly most: number;
  readonly name: string;
  readonly hint?: string;
  /** Told below the field. */
  readonly wrong?: string | null;
  readonly mode?: "tel" | "email" | "text";
  readonly first?: boolean;
  leave?(): void;
}

function TextField({ label, value, most, name, hint = "", wrong = null, mode = "text", first = false, leave }: TextFieldParts) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value.value}
        maxLength={most}
        placeholder={hint}
        inputMode={mode}
        dir="auto"
        autocomplete="off"
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-wrong`}
        data-first={first || undefined}
        data-testid={`first-${name}`}
        onInput={(event) => (value.value = event.currentTarget.value)}
        onBlur={leave}
      />
      {wrong !== null && (
        <span class="field-error" id={`${id}-wrong`} role="alert" data-testid={`first-${name}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
}

/** The refusal says whose the open one is; this leads there. */
function OpenAlready() {
  const words = useWords();
  const open = useWorkplace().actions.notices.value.get(IN_DIALOG)?.failure.conversation ?? null;
  if (open === null) return null;
  const there = (): void => {
    shut();
    go("all", open);
  };
  return (
    <button class="button is-left" type="button" data-testid="first-there" onClick={there}>
      {words.firsts.goThere}
    </button>
  );
}
