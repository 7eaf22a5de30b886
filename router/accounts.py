"""Accounts as their gateways tell of them: declared, gone from the file, well or not. Pure.

A declaration that says nothing new changes nothing; one that is older than what is known is passed by.
Settings of routing stay whatever a gateway says.
"""

from __future__ import annotations

from dataclasses import replace

from router.registry import Account, Registry
from shared.contract.inbound import AccountDeclared, AccountHealth


def declare(registry: Registry, fact: AccountDeclared) -> Account | None:
    """The account after the declaration; none when nothing changes."""
    before = registry.accounts.get(f"{fact.channel}.{fact.account}")
    if before is None:
        return Account(
            fact.channel,
            fact.account,
            fact.name,
            fact.capabilities,
            fact.connected,
            declared_at=fact.declared_at,
        )
    if fact.declared_at < before.declared_at:
        return None
    after = replace(before, name=fact.name, capabilities=fact.capabilities, connected=fact.connected)
    if after == before:
        return None
    return replace(after, declared_at=fact.declared_at, version=before.version + 1)


def hear_health(registry: Registry, fact: AccountHealth) -> Account | None:
    """The account after a change of its health; none for what is older, the same, or of no known account."""
    before = registry.accounts.get(f"{fact.channel}.{fact.account}")
    if before is None:
        return None
    known = before.health
    if known is not None and fact.at < known.at:
        return None
    if known is not None and _said(known) == _said(fact):
        return None
    return replace(before, health=fact, version=before.version + 1)


def _said(fact: AccountHealth) -> tuple[object, ...]:
    return fact.state, fact.reason, fact.until
