"""The commands for integrators: the live path's own translations, and mistakes with their line and remedy."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from gateways.__main__ import main
from gateways.registry import GATEWAYS
from shared.contract.content import Content, Location, Part, text_content
from shared.contract.envelope import Data, wrap
from shared.contract.ids import dialog_id, effect_id
from shared.contract.outbound import (
    ACTS,
    CloseChat,
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    SendMessage,
    WithdrawMessage,
)
from shared.contract.people import DialogRef

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
DIALOG = dialog_id("webchat", "main", "v1")
REF = DialogRef(dialog_id=DIALOG, channel="webchat", account="main", chat="v1")
ID = effect_id(DIALOG, 1)
FRAME = {"t": "msg", "cid": "5f0c8a52-0d5e-4f0e-9c59-6f5b7a9d1c11", "text": "Добрый день"}
DOCS = Path(__file__).parents[3] / "docs" / "integrators.md"


class Run:
    """`run("webchat", "parse", typed=…)`: the exit code; then `out` and `err`."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str, typed: bytes) -> int:
        code = main(list(arguments), io.BytesIO(typed))
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def act(data: Data) -> bytes:
    return wrap(data, id=effect_id(DIALOG, 0), source="router", time=NOW, subject=str(DIALOG)).encode()


def send(content: Content) -> bytes:
    return act(
        SendMessage(
            dialog=REF, not_after=NOW, message_id=effect_id(DIALOG, 1), content=content, author_name="Anna",
            created_at=NOW,
        )
    )  # fmt: skip


@pytest.mark.feature("CH1")
def test_a_payload_becomes_facts_each_a_line(run: Run) -> None:
    frames = [{"t": "hello", "site": "demo-site", "page": {"url": "https://shop.example/"}}, FRAME]
    assert run("webchat", "parse", "shop", typed="\n".join(map(json.dumps, frames)).encode()) == 0
    facts = [json.loads(line) for line in run.out.splitlines()]
    assert all({"id", "source", "type", "time", "subject", "data"} <= fact.keys() for fact in facts)
    said = next(fact for fact in facts if fact["type"] == "inbound.message.v1")
    assert said["source"] == "webchat/shop"
    assert said["data"]["content"]["parts"][0]["text"] == "Добрый день"


def test_the_words_of_the_command_stand_in_either_order(run: Run) -> None:
    assert run("parse", "webchat", "shop", typed=json.dumps(FRAME).encode()) == 0
    assert json.loads(run.out)["source"] == "webchat/shop"
    assert run("parse", "nowhere", typed=b"") == 2
    assert "python -m gateways webchat parse" in run.err


def test_a_payload_without_facts_says_so(run: Run) -> None:
    assert run("webchat", "parse", typed=b'{"t": "ping"}') == 0
    assert (run.out, run.err) == ("", "nothing in it is a fact\n")


@pytest.mark.parametrize(
    ("typed", "line"),
    [(b'\n\n{"t": "dance"}', 3), (b"not json", 1), (json.dumps(FRAME).encode() + b"\n\xff", 2)],
)
def test_a_bad_payload_names_line_and_remedy(run: Run, typed: bytes, line: int) -> None:
    assert run("webchat", "parse", typed=typed) == 2
    assert run.out == ""
    assert re.match(rf"line {line}: .+; (write|save) ", run.err), run.err


@pytest.mark.feature("CH1")
def test_a_message_becomes_requests(run: Run) -> None:
    assert run("webchat", "render", typed=send(text_content("Здравствуйте"))) == 0
    [frame] = json.loads(run.out)
    assert frame["from"] == "operator"
    assert (frame["name"], frame["text"]) == ("Anna", "Здравствуйте")


@pytest.mark.feature("CH16")
def test_what_can_never_be_sent_says_why(run: Run) -> None:
    place = cast(Part, Location(latitude=1, longitude=2))
    assert run("webchat", "render", typed=send(Content(parts=(place,)))) == 1
    assert "not_possible" in run.err


def test_a_bad_act_names_line_and_remedy(run: Run) -> None:
    good: dict[str, Any] = json.loads(send(text_content("hi")))
    for typed, words in (
        (b'{\n"a": 1,\n}', r"line 3: this is not JSON"),
        (b"", r"line 1: this is not JSON"),
        (b"[]", r"line 1: "),
        (b'{"a": 1, "a": 2}', r"line 1: this is not JSON \(duplicate\)"),
        (json.dumps(good | {"type": "outbound.dance.v1"}).encode(), r"line 1: there is no act"),
        (json.dumps(good | {"time": "noon"}, indent=1).encode(), r"line 6: time: "),
    ):
        assert run("webchat", "render", typed=typed) == 2, typed
        assert re.match(words + r".*; write ", run.err), run.err


ACTS_OF_A_CHAT: tuple[Data, ...] = (
    EditMessage(
        dialog=REF, not_after=NOW, message_id=ID, external_ids=("7",), content=text_content("Здравствуйте!")
    ),
    DeleteMessage(dialog=REF, not_after=NOW, message_id=ID, external_ids=("7",)),
    WithdrawMessage(dialog=REF, not_after=NOW, message_id=ID),
    React(dialog=REF, not_after=NOW, external_id="7", emoji=("👍",)),
    MarkRead(dialog=REF, not_after=NOW, external_id="7"),
    CloseChat(dialog=REF, not_after=NOW, conversation_id=ID),
)


@pytest.mark.parametrize("data", ACTS_OF_A_CHAT, ids=lambda data: data.TYPE)
@pytest.mark.parametrize("channel", GATEWAYS)
def test_every_act_is_rendered_or_refused_in_words(run: Run, channel: str, data: Data) -> None:
    assert {one.TYPE for one in ACTS} == {one.TYPE for one in ACTS_OF_A_CHAT} | {SendMessage.TYPE}
    code = run(channel, "render", typed=act(data))
    assert code in (0, 1)
    assert json.loads(run.out) if code == 0 else run.err.startswith("never sent, the operator reads: ")


def test_acts_of_the_chat_become_frames(run: Run) -> None:
    frames = []
    for data in ACTS_OF_A_CHAT:
        if run("webchat", "render", typed=act(data)) == 0:
            frames += json.loads(run.out)
    assert [{name: frame.get(name) for name in ("t", "of", "up_to", "text", "by")} for frame in frames] == [
        {"t": "edit", "of": 7, "up_to": None, "text": "Здравствуйте!", "by": None},
        {"t": "delete", "of": 7, "up_to": None, "text": None, "by": None},
        {"t": "seen", "of": None, "up_to": 7, "text": None, "by": None},
        {"t": "closed", "of": None, "up_to": None, "text": None, "by": "operator"},
    ]


def test_every_frame_that_is_a_fact(run: Run) -> None:
    frames = [
        {"t": "contact", "name": "Anna", "phone": "+79991234567"},
        {"t": "page", "page": {"url": "https://shop.example/sofas"}},
        {"t": "fields", "fields": {"cart": "3"}},
        FRAME | {"files": [str(ID)], "quote": 1, "sticker": "🦔"},
        {"t": "read", "seq": 7},
        {"t": "typing", "on": True},
        {"t": "close"},
    ]
    assert run("webchat", "parse", typed="\n".join(map(json.dumps, frames)).encode()) == 0
    facts = [json.loads(line) for line in run.out.splitlines()]
    assert [fact["type"].split(".")[1] for fact in facts] == [
        "visit", "visit", "visit", "message", "receipt", "closing",
    ]  # fmt: skip
    assert [part["kind"] for part in facts[3]["data"]["content"]["parts"]] == ["text", "file", "sticker"]


def test_the_examples_of_the_documentation_work(run: Run) -> None:
    examples = re.findall(
        r"<!-- (\w+) (\w+) -->\n```json\n(.*?)\n```", DOCS.read_text(encoding="utf-8"), re.DOTALL
    )
    assert {verb for _, verb, _ in examples} == {"parse", "render"}
    for channel, verb, typed in examples:
        assert run(channel, verb, typed=typed.encode()) == 0, run.err
