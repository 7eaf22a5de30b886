"""Who may see a row of the feed: a `Sight` as JSON, made once for each that there is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NewType
from uuid import UUID

from shared.contract.feed import Sight
from shared.contract.rights import Right

SightText = NewType("SightText", str)

EVERYBODY: Final = SightText(Sight().model_dump_json(exclude_none=True))


@lru_cache(maxsize=64)
def needs(right: Right) -> SightText:
    """Those with one right see it."""
    return SightText(Sight(right=right).model_dump_json(exclude_none=True))


@lru_cache(maxsize=1024)
def only(operator_id: UUID) -> SightText:
    """One operator alone sees it."""
    return SightText(Sight(operator_id=operator_id).model_dump_json(exclude_none=True))


@lru_cache(maxsize=1024)
def of_account(account: str) -> SightText:
    """Those who may see the account: the sight of a conversation there that nobody has taken."""
    return of_conversation(account, "account", None, ())


@lru_cache(maxsize=4096)
def of_conversation(
    account: str,
    status: str,
    assignee: UUID | None,
    participants: tuple[UUID, ...],
    offered_to: UUID | None = None,
    offered_group: str | None = None,
) -> SightText:
    """Those who may see a conversation."""
    sight = Sight(
        account=account,
        status=status,
        assignee=assignee,
        participants=participants,
        offered_to=offered_to,
        offered_group=offered_group,
    )
    return SightText(sight.model_dump_json(exclude_none=True))
