"""What operators are doing (OP1): the table of statuses, one's own, and those that signing in and out set."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from gateways.desk.api.acting import Wish, act, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import StatusTable, Written
from shared.contract.commands import SetPreferences, SetStatus, SetStatuses
from shared.contract.statuses import StatusRow
from shared.http.problem import FORBIDDEN
from shared.http.route import SESSION, Call, Reply, Route, Routes


class MyStatus(Wish):
    status: str = Field(pattern=r"^[a-z0-9_]{1,40}$", description="`slug` of a row of the table")


class MyPreferences(Wish):
    """A field that is not given stays as it is; an empty word: none."""

    status_on_sign_in: str | None = Field(default=None, pattern=r"^[a-z0-9_]{0,40}$")
    status_on_sign_out: str | None = Field(default=None, pattern=r"^[a-z0-9_]{0,40}$")


class Status(StatusRow):
    model_config = ConfigDict(extra="forbid")


class Statuses(Wish):
    """The whole table; its first row is the one of whoever has no other."""

    statuses: tuple[Status, ...] = Field(min_length=1, max_length=30)


class StatusesNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/statuses", "statuses", SESSION, returns=StatusTable, handler=self.statuses,
                summary="The table of statuses",
            ),
            write_row(
                "/statuses", "set_statuses", "routing.manage", Statuses, self.set_statuses,
                "Another table of statuses", method="PUT", params=None,
            ),
            write_row(
                "/me/status", "set_status", SESSION, MyStatus, self.set_status,
                "What I am doing now", method="PUT", params=None, errors=(FORBIDDEN,),
            ),
            write_row(
                "/me/preferences", "set_preferences", SESSION, MyPreferences, self.set_preferences,
                "My statuses on signing in and out", method="PUT", params=None, errors=(FORBIDDEN,),
            ),
        )  # fmt: skip

    async def statuses(self, call: Call[None, None]) -> StatusTable:
        return await self._desk.read(call, "/v1/statuses", StatusTable)

    async def set_statuses(self, call: Call[None, Statuses]) -> Reply[Written]:
        rows = tuple(StatusRow.model_validate(row.model_dump()) for row in call.body.statuses)
        now = await self._desk.read(call, "/v1/statuses", StatusTable)
        same = now.statuses == [row.model_dump(mode="json") for row in rows]
        return await act(
            self._desk, call, lambda common: SetStatuses(**common, statuses=rows),
            subject="statuses", entity="statuses", idle=same,
        )  # fmt: skip

    async def set_status(self, call: Call[None, MyStatus]) -> Reply[Written]:
        return await self._of_mine(call, SetStatus, {"status": call.body.status})

    async def set_preferences(self, call: Call[None, MyPreferences]) -> Reply[Written]:
        return await self._of_mine(call, SetPreferences, call.body.model_dump(exclude={"id"}))

    async def _of_mine(
        self, call: Call[None, Any], command: type[SetStatus | SetPreferences], fields: dict[str, Any]
    ) -> Reply[Written]:
        """Changes these fields of whoever asks."""
        me, mine = call.principal.id, call.principal.known.operator
        given = {name: value for name, value in fields.items() if value is not None}
        return await act(
            self._desk, call, lambda common: command(**common, operator_id=me, **given),
            subject=f"operator:{me}", entity="operator", entity_id=str(me),
            idle=all((mine.get(name) or "") == value for name, value in given.items()),
        )  # fmt: skip
