// Who the client is and where they are: beside the thread where there is room, over it where there is not.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Identity } from "../contract.ts";
import { beginning, mayBegin, openWith, reached } from "../firsts.ts";
import { go } from "../route.ts";
import { linesOf } from "../thread.ts";
import { shaped } from "../times.ts";
import { clockAt, fieldsOf, languageName, placeOf, webAddress } from "../visits.ts";
import { accountName } from "../people.ts";
import type { Conversation } from "../wire.ts";
import { Avatar } from "./Avatar.tsx";
import { serverNow } from "./clock.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { openDialog } from "./dialogs.ts";
import { Icon } from "./Icon.tsx";
import { cardShown, isOver, showCard } from "./standing.ts";

export function ClientCard({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const workplace = useWorkplace();
  const words = useWords();
  const { client_name: said, client_number: number } = conversation;
  const name = said == null || said.trim() === "" ? words.client.guest : said;
  const hide = useRef<HTMLButtonElement>(null);
  const shown = cardShown.value;
  useEffect(() => {
    if (shown && isOver()) hide.current?.focus();
  }, [shown]);
  if (!shown) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") showCard(false);
  };
  return (
    <aside
      class="client"
      id="client-card"
      aria-label={words.client.heading}
      data-testid="client-card"
      onKeyDown={onKeyDown}
    >
      <header class="client-head">
        <h3>{words.client.heading}</h3>
        <button
          ref={hide}
          class="button bare icon-only"
          type="button"
          aria-label={words.client.hide}
          data-testid="client-hide"
          onClick={() => showCard(false)}
        >
          <Icon name="close" size={16} />
        </button>
      </header>
      <div class="client-who">
        <Avatar name={name} id={conversation.dialog_id} />
        <p>
          <b data-testid="client-name">{name}</b>
          {number != null && <span class="hint">{words.list.client(String(number))}</span>}
        </p>
      </div>
      <Blocked conversation={conversation} />
      <dl class="facts">
        {conversation.description != null && (
          <Fact name={words.describing.label} id="client-description">
            {conversation.description}
          </Fact>
        )}
        <Fact name={words.client.account}>{accountName(workplace.directory.value, conversation.account)}</Fact>
        <Fact name={words.client.started}>{shaped(conversation.opened_at, "whole", app.language.value)}</Fact>
        <Addresses conversation={conversation} />
        <VisitFacts conversation={conversation} />
        <Fields dialog={conversation.dialog_id} />
      </dl>
    </aside>
  );
}

function Blocked({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const { blocked_until: until, block_reason: reason } =
    useWorkplace().clients.known.value.get(conversation.conversation_id) ?? {};
  if (until == null || Date.parse(until) <= serverNow(app)) return null;
  return (
    <p class="blocked" data-testid="client-blocked">
      <b>{words.block.blocked(shaped(until, "whole", app.language.value))}</b> {reason}
    </p>
  );
}

/** Every address of the client, and whether somebody vouches for it. */
function Addresses({ conversation }: { conversation: Conversation }) {
  const { clients } = useWorkplace();
  const words = useWords();
  const { conversation_id: id, contact_id: contact, client_name: name, last_position: last } = conversation;
  const mark = `${contact} ${name} ${last}`;
  useEffect(() => clients.read(conversation, mark), [clients, id, mark]);
  const identities = clients.known.value.get(id)?.identities ?? [];
  if (identities.length === 0) return null;
  return (
    <Fact name={words.client.addresses} id="client-addresses">
      {identities.map((identity) => (
        <span class="fact-row address" key={`${identity.channel} ${identity.address}`}>
          {[identity.name, identity.username].filter((one) => one != null).join(" · ")}
          {identity.phone != null && <a href={`tel:${identity.phone.replace(/[^+\d]/g, "")}`}>{identity.phone}</a>}
          {identity.email != null && <a href={`mailto:${encodeURIComponent(identity.email)}`}>{identity.email}</a>}
          {identity.profile_url != null && <Address address={identity.profile_url} />}
          <span class="hint">
            {identity.address} · {identity.verified === true ? words.client.verified : words.client.claimed}
          </span>
          <WriteTo identity={identity} conversation={conversation} />
        </span>
      ))}
    </Fact>
  );
}

/** By this address, through the accounts that can; what is open there already is led to. */
function WriteTo({ identity, conversation }: { identity: Identity; conversation: Conversation }) {
  const workplace = useWorkplace();
  const words = useWords();
  const accounts = beginning(workplace.directory.value).filter((account) => reached(identity, account) !== null);
  const [only, ...others] = accounts;
  if (!mayBegin(workplace.me.value.rights) || only === undefined) return null;
  const contact = others.length === 0 ? conversation.contact_id : null;
  const open = contact == null ? null : openWith(workplace.model.value, contact, only);
  if (open?.conversation_id === conversation.conversation_id) return null;
  const write = (): void => {
    if (open === null) openDialog(workplace, { is: "first", to: identity });
    else go("all", open.conversation_id);
  };
  return (
    <button
      class="link"
      type="button"
      aria-label={words.firsts.writeToWhom(identity.phone ?? identity.email ?? identity.address)}
      data-testid="write-to"
      onClick={write}
    >
      {words.firsts.writeTo}
    </button>
  );
}

function Fields({ dialog }: { dialog: string }) {
  const workplace = useWorkplace();
  const words = useWords();
  const fields = fieldsOf(linesOf(workplace.model.value.threads.get(dialog)));
  if (fields.size === 0) return null;
  return (
    <Fact name={words.client.fields} id="client-fields">
      {[...fields].map(([name, value]) => (
        <span class="fact-row" key={name}>
          <span class="hint">{name}</span> {value}
        </span>
      ))}
    </Fact>
  );
}

function VisitFacts({ conversation }: { conversation: Conversation }) {
  const app = useApp();
  const words = useWords();
  const { client } = words;
  const reader = app.language.value;
  const visit = conversation.visit ?? {};
  const place = placeOf(visit, reader);
  const utm = Object.entries(visit.utm ?? {});
  const clock = visit.time_zone == null ? null : clockAt(visit.time_zone, serverNow(app), reader);
  return (
    <>
      {visit.url != null && (
        <Fact name={client.page} id="client-page">
          <Address address={visit.url} title={visit.title} />
        </Fact>
      )}
      {visit.referrer != null && visit.referrer !== "" && (
        <Fact name={client.referrer} id="client-referrer">
          <Address address={visit.referrer} />
        </Fact>
      )}
      {utm.length > 0 && (
        <Fact name={client.utm} id="client-utm">
          {utm.map(([key, value]) => (
            <span class="fact-row" key={key}>
              <span class="hint">{key}</span> {value}
            </span>
          ))}
        </Fact>
      )}
      {visit.language != null && (
        <Fact name={client.language} id="client-language">
          {languageName(visit.language, reader)}
        </Fact>
      )}
      {visit.time_zone != null && (
        <Fact name={client.zone} id="client-zone">
          {visit.time_zone}
          {clock !== null && ` · ${client.clock(clock)}`}
        </Fact>
      )}
      {place !== "" && <Fact name={client.place}>{place}</Fact>}
      {visit.user_agent != null && <Fact name={client.browser}>{visit.user_agent}</Fact>}
    </>
  );
}

function Fact({ name, id, children }: { name: string; id?: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd data-testid={id}>{children}</dd>
    </div>
  );
}

function Address({ address, title }: { address: string; title?: string | null | undefined }) {
  const href = webAddress(address);
  const words = title == null || title === "" ? address : title;
  if (href === null) return <>{words}</>;
  return (
    <a class="outside" href={href} title={address} target="_blank" rel="noopener noreferrer">
      {words}
    </a>
  );
}
