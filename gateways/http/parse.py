"""What an integrator says, as our facts. Pure.

    {"facts": [{"type": "message", "chat": "c7", "id": "m1", "sent_at": "2026-01-31T10:00:00Z",
                "sender": {"id": "u1", "name": "Anna"}, "parts": [{"kind": "text", "text": "Hello"}]}]}

One fact may stand there by itself. A person is known by the account and `id`: two integrators may both have
a client 7.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from gateways.http import contents, events, rules
from gateways.http.contents import Filing, Stored
from gateways.http.places import CHANNEL, Place
from gateways.http.protocol import facts as said
from gateways.http.protocol.content import FileGiven
from gateways.http.protocol.facts import FactGiven, Facts
from gateways.kit.intake import heard, left
from gateways.kit.media import attachment_id
from gateways.kit.spool import SpoolRow
from gateways.kit.typing import ClientTyping
from shared.contract.ids import dialog_id, fact_id, message_id
from shared.contract.inbound import Fact, MessageEdited, MessageHeard, RequestLeft
from shared.db.inbox import KEPT
from shared.http import problem
from shared.http.intake import field_names, parse_model
from shared.http.problem import Fault, Problem
from shared.trace import current, new_trace

NAMES: Final = field_names(Facts)
MOST_FAULTS: Final = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a request: rows in the order of its facts, who writes, and the ids of the answer."""

    rows: list[SpoolRow] = field(default_factory=list)
    typing: list[ClientTyping] = field(default_factory=list)
    ids: list[UUID | None] = field(default_factory=list)


def read(raw: bytes) -> Facts:
    """The facts of a body; raises `Problem` that names each field that is wrong."""
    try:
        value = from_json(raw)
    except (ValueError, RecursionError):
        raise Problem(problem.BAD_JSON) from None
    alone = isinstance(value, dict) and "type" in value and "facts" not in value
    try:
        return parse_model(b'{"facts":[%s]}' % raw if alone else raw, Facts, NAMES)
    except Problem as raised:
        whole = {"facts": [value]} if alone else value
        faults = [Fault(_place(one.where, whole), one.code, one.words) for one in raised.faults]
        raise Problem(raised.kind, faults=faults) from None


def _place(where: str, value: Any) -> str:
    """The place as its author sees it: the validator names the kind of a fact or part there once more."""
    kept, tag = ["body"], None
    for step in where.split(".")[1:]:
        if step == tag:
            tag = None
            continue
        kept.append(step)
        if isinstance(value, list) and step.isdigit():
            value = value[int(step)]
            tag = value.get("type", value.get("kind")) if isinstance(value, dict) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
            tag = None
    return ".".join(kept)


def require(facts: Facts, fields: Collection[str]) -> None:
    """Returns when no rule is broken; `fields` of the form hold files. Raises `Problem`."""
    if faults := rules.broken(facts, fields):
        raise Problem(problem.INVALID, faults=faults[:MOST_FAULTS])


def uploads(facts: Facts, account: str) -> list[tuple[UUID, FileGiven]]:
    """The files whose bytes are in the request, with the ids that they get."""
    found: list[tuple[UUID, FileGiven]] = []
    for fact in facts.facts:
        if isinstance(fact, said.Message | said.Edit):
            found += contents.uploads(fact, _home(fact, account))
        elif isinstance(fact, said.Call) and fact.recording is not None and fact.recording.upload is not None:
            found.append((attachment_id(events.recording_home(fact, account), 0), fact.recording))
    return found


def facts(
    given: Facts,
    account: str,
    at: datetime,
    stored: Mapping[UUID, Stored] | None = None,
    webhook: str | None = None,
) -> Heard:
    """What the request says; raises `Problem` for a fact that is too large to travel."""
    found = Heard()
    for place, fact in enumerate(given.facts):
        if isinstance(fact, said.Typing):
            found.typing.append(ClientTyping(dialog_id(CHANNEL, account, fact.chat), fact.on))
            found.ids.append(None)
            continue
        rows = _rows(fact, account, at, stored or {}, webhook)
        if any(len(row.body) > rules.ROW_BYTES for row in rows):
            raise Problem(problem.INVALID, faults=[Fault(f"body.facts.{place}", "too_large", rules.TOO_BIG)])
        found.rows.extend(rows)
        found.ids.append(rows[0].fact_id)
    return found


def _home(fact: said.Message | said.Edit, account: str) -> UUID:
    """What the files of it are named by: the message; for an edit, the edit."""
    if isinstance(fact, said.Message):
        return message_id(CHANNEL, account, fact.chat, fact.id, fact.sent_at)
    return _edit_id(fact, account)


def _edit_id(fact: said.Edit, account: str) -> UUID:
    return fact_id(
        "edit",
        f"{dialog_id(CHANNEL, account, fact.chat)} {fact.message}",
        fact.at.astimezone(UTC).isoformat(),
    )


def _rows(
    fact: FactGiven, account: str, at: datetime, stored: Mapping[UUID, Stored], webhook: str | None
) -> list[SpoolRow]:
    """The rows of one fact, the first of which is known by its id."""
    match fact:
        case said.Typing():
            return []
        case said.Request():
            return [_request(fact, account, at)]
        case said.Message() | said.Edit():
            filing = Filing(_home(fact, account), stored, webhook)
            if isinstance(fact, said.Message):
                return [_heard(_message(fact, Place(account, fact), at, filing), filing.message, at, filing)]
            return [_heard(_edit(fact, Place(account, fact), filing), filing.message, at, filing)]
        case said.Call():
            place = Place(account, fact)
            filing = Filing(events.recording_home(fact, account), stored, webhook)
            identity, known = events.event(fact, place)
            recording = events.recording(fact, place, at, filing)
            rows = [_heard(known, identity, at)]
            return rows if recording is None else [*rows, _heard(recording, filing.message, at, filing)]
    identity, known = events.event(fact, Place(account, fact))
    return [_heard(known, identity, at)]


def _heard(fact: Fact, identity: UUID, at: datetime, filing: Filing | None = None) -> SpoolRow:
    files = () if filing is None else tuple(filing.wanted)
    return heard(fact, identity=identity, time=at, traceparent=current() or new_trace(), files=files)


def _message(fact: said.Message, place: Place, at: datetime, filing: Filing) -> MessageHeard:
    """Older than the deduplication keys, nobody could tell a repeat from a new one: it is history too."""
    old = fact.history or at - fact.sent_at > KEPT
    return MessageHeard(
        dialog=place.dialog,
        provider={} if old else place.context,
        message_id=filing.message,
        external_id=fact.id,
        sender=place.identity(fact.sender),
        origin=fact.origin,
        content=contents.content(fact, filing),
        sent_at=fact.sent_at,
        received_at=at,
        sequence=fact.sequence,
        backfill=old,
        visit=None if fact.page is None else place.visit(fact.page),
        dialog_title=fact.title,
    )


def _edit(fact: said.Edit, place: Place, filing: Filing) -> MessageEdited:
    return MessageEdited(
        dialog=place.dialog,
        provider=place.context,
        external_id=fact.message,
        content=contents.content(fact, filing),
        edited_at=fact.at,
    )


def _request(fact: said.Request, account: str, at: datetime) -> SpoolRow:
    identity = fact_id("request", f"{CHANNEL}.{account}", fact.id)
    request = RequestLeft(
        channel=CHANNEL,
        account=account,
        external_id=fact.id,
        name=fact.name,
        phone=fact.phone,
        email=fact.email,
        comment=fact.comment,
        fields=fact.fields,
        visit=None if fact.page is None else Place.visit(fact.page),
        received_at=at,
    )
    return left(request, identity=identity, time=at, traceparent=current() or new_trace())
