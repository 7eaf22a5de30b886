"""Nothing that VK may say raises, is lost, or lets a secret through."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, MultiDict
from pydantic import SecretStr

from gateways.kit.payload import read_json
from gateways.kit.verification import Call
from gateways.vk.account import VkAccount
from gateways.vk.callback import Proof, hook
from gateways.vk.contents import content_of
from gateways.vk.happenings import HAPPENINGS
from gateways.vk.kinds import READERS
from gateways.vk.parse import told
from shared.clock import FixedClock

pytestmark = pytest.mark.feature("CH5")

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
SECRET = "obviously-fake-key"
KINDS = [
    "message_new", "message_reply", "message_edit", "message_read", "message_typing_state", "message_event",
    "message_reaction_event", "message_allow", "no_such_kind", *HAPPENINGS,
]  # fmt: skip
NAMES = st.sampled_from(
    [
        "message", "id", "date", "peer_id", "from_id", "text", "attachments", "type", "photo",
        "sizes", "url", "geo", "doc", "video", "files", "sticker", "payload", "fwd_messages",
        "reply_message", "action", "member_id", "user_id", "conversation_message_id", "coordinates",
        "latitude", "longitude", "update_time", "deleted", "out", "cmid", "title", "images",
        "width", "duration", "link_ogg", "owner_id", "ref", "artist", "audio", "audio_message",
        "link",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)
MESSAGE = {"date": 1769853600, "peer_id": 7, "from_id": 7, "conversation_message_id": 3}


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(KINDS), VALUES, st.text(max_size=8))
def test_anything_becomes_something(kind: str, said: Any, event: str) -> None:
    update = {"type": kind, "group_id": 501, "event_id": event, "secret": SECRET, "object": said}
    read = read_json(json.dumps(update).encode())
    rows = told([read], "main", NOW).rows
    assert rows or kind in ("message_typing_state", "message_edit")
    assert not any(SECRET.encode() in row.body for row in rows)
    assert [row.fact_id for row in rows] == [row.fact_id for row in told([read], "main", NOW).rows]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["message_new", "message_reply", "message_edit"]), st.dictionaries(NAMES, VALUES))
def test_a_message_is_read_whatever_else_stands_in_it(kind: str, more: dict[str, Any]) -> None:
    update = {"type": kind, "group_id": 501, "event_id": "e", "object": more | MESSAGE | {"message": None}}
    (row,) = told([read_json(json.dumps(update).encode())], "main", NOW).rows or (None,)
    if row is None:
        assert (kind, more["out"]) == ("message_edit", 1)
    else:
        assert json.loads(row.body)["data"]["dialog"]["chat"] == "7"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(READERS)), st.dictionaries(NAMES, VALUES)), max_size=3))
def test_an_attachment_is_shown_whatever_it_holds(attachments: list[tuple[str, dict[str, Any]]]) -> None:
    shown = [{"type": kind, kind: body} for kind, body in attachments]
    read = read_json(json.dumps(MESSAGE | {"attachments": shown}).encode())
    content, wanted = content_of(read, UUID(int=1))
    assert len(content.parts) == max(1, len(shown))
    assert all(one.reference.startswith("http") for one in wanted)


def test_who_writes_and_who_waits_are_told_beside() -> None:
    press = {"user_id": 7, "peer_id": 7, "event_id": "x", "payload": {"a": 1}}
    one, two = (
        {"type": "message_typing_state", "object": {"state": "typing", "from_id": 7, "to_id": -501}},
        {"type": "message_event", "event_id": "e", "object": press},
    )
    heard = told([one, two], "main", NOW)
    assert len(heard.typing) == len(heard.rows) == 1
    (errand,) = heard.errands
    assert errand["call"] == "messages.sendMessageEventAnswer"
    assert errand["values"] == {"event_id": "x", "user_id": 7, "peer_id": 7}


def call(body: Any) -> Call:
    return Call(json.dumps(body).encode(), CIMultiDict(), MultiDict())


@pytest.mark.parametrize(
    ("body", "proved"),
    [
        ({"type": "message_new", "group_id": 501, "secret": SECRET}, True),
        ({"type": "message_new", "group_id": 502, "secret": SECRET}, False),
        ({"type": "message_new", "group_id": 501}, False),
        ({"type": "confirmation", "group_id": 501}, True),
        ({"type": "confirmation", "group_id": 501, "secret": "another"}, False),
        ({"type": "confirmation", "group_id": 502}, False),
        ([SECRET], False),
    ],
)
def test_whom_we_believe(body: Any, proved: bool) -> None:
    assert Proof("secret", SecretStr(SECRET), group=501).holds(call(body)) is proved


def test_a_community_that_we_ask_believes_no_caller() -> None:
    account = VkAccount(slug="main", name="Shop", group=501, secret_file="x")
    (proof,) = hook(account, FixedClock(NOW)).verify
    assert not proof.holds(call({"type": "confirmation", "group_id": 501}))
    assert not proof.holds(call({"type": "message_new", "group_id": 501, "secret": ""}))


def test_the_answer_to_a_confirmation_is_the_string_of_the_account() -> None:
    account = VkAccount(
        slug="main", name="Shop", group=501, secret_file="x", listen="callback", confirmation="f4k3",
        callback_secret_file="y",
    ).model_copy(update={"callback_secret": SecretStr(SECRET)})  # fmt: skip
    asked = {"type": "confirmation", "group_id": 501}
    parsed = hook(account, FixedClock(NOW)).parse(asked, call(asked))
    assert parsed.reply is not None
    assert (parsed.reply.text, parsed.rows) == ("f4k3", ())
