"""Everything that the API's nouns are made of; put together once, in process.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.desk.acts import Acts, Dialogs, Effect
from gateways.desk.admission import Admission, Origins, SignedIn
from gateways.desk.api.shown import Written
from gateways.desk.attendance import Attendance
from gateways.desk.counters import Counters
from gateways.desk.sessions import Life
from gateways.desk.signin import SignIn
from gateways.desk.sockets import Sockets
from gateways.desk.store_client import StoreClient
from gateways.desk.tail import FeedTail
from gateways.desk.typists import Typists
from gateways.desk.viewers import Viewers
from shared.clock import Clock
from shared.files.blobs import Blobs
from shared.http.route import Call, Reply

M = TypeVar("M", bound=BaseModel)
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Desk:
    engine: AsyncEngine
    clock: Clock
    life: Life
    store: StoreClient
    viewers: Viewers
    counters: Counters
    tail: FeedTail
    sockets: Sockets
    acts: Acts
    dialogs: Dialogs
    typists: Typists
    attendance: Attendance
    blobs: Blobs
    sign_in: SignIn
    admission: Admission
    origins: Origins

    async def read(self, call: Call[Any, Any], path: str, model: type[M]) -> M:
        """The store's answer to the same question, asked for whoever is signed in."""
        who: SignedIn = call.principal
        params = {} if call.params is None else call.params.model_dump(mode="json", exclude_none=True)
        params = {name: str(value) for name, value in params.items() if name not in _in_path(call)}
        body = await self.store.get(path, viewer=who.id, params=params, language=call.language)
        return model.model_validate_json(body)


def _in_path(call: Call[Any, Any]) -> set[str]:
    return set(call.request.match_info)


def written(effect: Effect) -> Reply[Written]:
    """200 when it can be read, 202 when it is decided only."""
    model = Written(pending=effect.pending, seq=effect.seq, entity=effect.entity, state=effect.state)
    return Reply(model, status=ACCEPTED if effect.pending else None)
