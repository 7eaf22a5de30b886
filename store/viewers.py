"""Operators as far as sight goes, read anew each time: rights, groups, and the accounts that they may see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.access import Viewer, allowed_accounts
from shared.contract.rights import Right
from store.directory import accounts, operators
from store.views import OperatorView


@dataclass(frozen=True, slots=True)
class Known:
    """An operator and what they may see, as of the transaction that read it."""

    operator: OperatorView
    viewer: Viewer


async def find(conn: AsyncConnection, operator_id: UUID) -> Known | None:
    """The operator; none where there is no such one. One who is switched off is found too."""
    query = select(operators).where(operators.c.operator_id == operator_id)
    row = (await conn.execute(query)).mappings().first()
    if row is None:
        return None
    listed = (
        await conn.execute(select(accounts.c.account, accounts.c.groups, accounts.c.access_version))
    ).all()
    rights: frozenset[Right] = frozenset(row["rights"])
    members = {one.account: frozenset(one.groups) for one in listed}
    visible = allowed_accounts(row["accounts"], row["groups"], members)
    version = row["access_version"] + sum(one.access_version for one in listed)
    viewer = Viewer(operator_id, rights, visible, version, frozenset(row["groups"]))
    return Known(OperatorView.model_validate(row), viewer)
