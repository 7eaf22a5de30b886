"""Who the client of a conversation is."""

from __future__ import annotations

from gateways.desk.api.acting import One
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Entity
from shared.http.problem import NOT_FOUND
from shared.http.route import SESSION, Call, Route, Routes


class ClientsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/conversations/{conversation_id}/client", "client", SESSION,
                params=One, returns=Entity, handler=self.client,
                summary="Who the client is, with every address", errors=(NOT_FOUND,),
            ),
        )  # fmt: skip

    async def client(self, call: Call[One, None]) -> Entity:
        return await self._desk.read(call, f"/v1/conversations/{call.params.conversation_id}/client", Entity)
