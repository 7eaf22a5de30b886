// Accounts by channel with their counters: one press shows what is of an account, in every folder; another clears it.

import { present } from "../directory.ts";
import type { Account } from "../wire.ts";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { filter } from "./choosing.ts";
import { useWords, useWorkplace } from "./context.ts";
import { Icon } from "./Icon.tsx";
import { healthOf } from "./standing.ts";

export function AccountList() {
  const { directory } = useWorkplace();
  const words = useWords();
  const accounts = present(directory.value.accounts);
  if (accounts.length < 2 && accounts.every((account) => healthOf(account) === "well")) return null;
  const sorted = accounts.toSorted(
    (one, other) => one.channel.localeCompare(other.channel) || one.name.localeCompare(other.name),
  );
  return (
    <div class="accounts" role="group" aria-label={words.accounts.heading}>
      <p class="accounts-heading" aria-hidden="true">
        {words.accounts.heading}
      </p>
      {sorted.map((account) => (
        <AccountButton key={account.account} account={account} />
      ))}
    </div>
  );
}

function AccountButton({ account: whole }: { account: Account }) {
  const { account, channel, name } = whole;
  const { showing } = useWorkplace();
  const words = useWords();
  const { total, unread, waiting } = showing.account(account);
  const lit = filter.value.account === account;
  const health = healthOf(whole);
  const unwell = health === "well" ? null : words.unwell[health];
  const said = [unwell, words.folders.counts(String(total), unread, waiting)].filter((one) => one !== null).join(" · ");
  return (
    <button
      class={`folder account ${lit ? "is-lit" : ""} ${health === "well" ? "" : `is-${health}`}`}
      type="button"
      aria-pressed={lit}
      title={`${name} · ${said}`}
      data-testid="account"
      data-account={account}
      data-total={total}
      data-unread={unread}
      data-waiting={waiting}
      data-health={health}
      onClick={() => {
        filter.value = { ...filter.value, account: lit ? "" : account };
      }}
    >
      <ChannelIcon channel={channel} size={18} />
      <span class="folder-name">
        {name}
        {unwell !== null && <span class="account-health">{unwell}</span>}
      </span>
      {unwell !== null && <Icon name="warning" size={15} />}
      {waiting > 0 && <span class="folder-waiting" aria-hidden="true" />}
      <span class={`count ${unread > 0 ? "hot" : ""}`} aria-hidden="true" hidden={total === 0}>
        {unread > 0 ? unread : total}
      </span>
      <span class="unseen">{said}</span>
    </button>
  );
}
