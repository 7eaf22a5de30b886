// Accounts by channel with their counters: one press shows what is of an account, in every folder; another clears it.

import { present } from "../directory.ts";
import type { Account } from "../wire.ts";
import { ChannelIcon } from "./ChannelIcon.tsx";
import { filter } from "./choosing.ts";
import { useWords, useWorkplace } from "./context.ts";

export function AccountList() {
  const { directory } = useWorkplace();
  const words = useWords();
  const accounts = present(directory.value.accounts);
  if (accounts.length < 2) return null;
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

function AccountButton({ account: { account, channel, name } }: { account: Account }) {
  const { showing } = useWorkplace();
  const words = useWords();
  const { total, unread, waiting } = showing.account(account);
  const lit = filter.value.account === account;
  const said = words.folders.counts(String(total), unread, waiting);
  return (
    <button
      class={`folder account ${lit ? "is-lit" : ""}`}
      type="button"
      aria-pressed={lit}
      title={`${name} · ${said}`}
      data-testid="account"
      data-account={account}
      data-total={total}
      data-unread={unread}
      data-waiting={waiting}
      onClick={() => {
        filter.value = { ...filter.value, account: lit ? "" : account };
      }}
    >
      <ChannelIcon channel={channel} size={18} />
      <span class="folder-name">{name}</span>
      {waiting > 0 && <span class="folder-waiting" aria-hidden="true" />}
      <span class={`count ${unread > 0 ? "hot" : ""}`} aria-hidden="true" hidden={total === 0}>
        {unread > 0 ? unread : total}
      </span>
      <span class="unseen">{said}</span>
    </button>
  );
}
