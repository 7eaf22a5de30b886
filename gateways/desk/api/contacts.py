"""Who writes to us: whom we do not listen to for a while (RT12).

The store carries these out itself, so that they are done, and can be read, when it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic import Field

from gateways.desk import words
from gateways.desk.acts import Asked
from gateways.desk.api.acting import Wish, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Written
from shared.contract.commands import BlockContact, Command, UnblockContact
from shared.contract.wire import Utc
from shared.http.route import Call, Input, Reply, Routes


class OneContact(Input):
    contact_id: UUID


class Blocking(Wish):
    until: Utc
    reason: str = Field(min_length=1, max_length=500)


class ContactsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/contacts/{contact_id}"
        return (
            write_row(
                f"{one}/block", "block", "contacts.block", Blocking, self.block,
                "What they write until then is kept and not shown", params=OneContact,
            ),
            write_row(
                f"{one}/unblock", "unblock", "contacts.block", Wish, self.unblock, "Listen to them again",
                params=OneContact,
            ),
        )  # fmt: skip

    async def block(self, call: Call[OneContact, Blocking]) -> Reply[Written]:
        said = call.body.model_dump(include={"until", "reason"})
        return await self._act(call, lambda common: BlockContact(**common, **said))

    async def unblock(self, call: Call[OneContact, Wish]) -> Reply[Written]:
        return await self._act(call, lambda common: UnblockContact(**common))

    async def _act(
        self, call: Call[OneContact, Any], command: Callable[[dict[str, Any]], Command]
    ) -> Reply[Written]:
        who, id_ = call.principal, call.params.contact_id
        actor, deadline = self._desk.acts.begin(who)
        meant = command({"actor": actor, "deadline": deadline, "contact_id": id_})
        asked = Asked(call.body.id, who, meant, f"contact:{id_}", call.traceparent)
        if await self._desk.acts.ask(asked) is None:
            raise words.undecided()
        return Reply(Written(pending=False))
