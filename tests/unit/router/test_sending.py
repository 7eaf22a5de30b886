"""What cannot be sent is refused before anything happens."""

from typing import Any

import pytest

from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.content import Button, Content, Document, File, Image, Quote, Text, Unsupported
from shared.contract.outbound import DeleteMessage, EditMessage, WithdrawMessage
from tests.unit.router.people import ANNA, NOON, Desk, account, actor, number, words

FILE = Document(file=File(attachment_id=number("f"), size_bytes=100))
IMAGE = Image(file=File(attachment_id=number("i"), mime_type="image/png", size_bytes=100))
ASK = Text(text="?")
ABLE = Capabilities(
    files=True,
    images=True,
    files_per_message=1,
    file_bytes=50,
    image_bytes=200,
    quote=True,
    edit=True,
    delete=True,
)


def desk(capabilities: Capabilities = ABLE, **fields: Any) -> Desk:
    """An active conversation of Anna's."""
    here = Desk(ANNA, account())
    here.hear()
    assert here.ask(commands.AcceptConversation, actor(ANNA)).ok
    here.registry.put(account(capabilities=capabilities, **fields))
    return here


def post(here: Desk, content: Content, **fields: Any) -> commands.Answer:
    return here.ask(commands.PostMessage, actor(ANNA), message_id=number("ours"), content=content, **fields)


@pytest.mark.parametrize(
    ("content", "capabilities", "code", "parameters"),
    [
        (Content(), ABLE, "text_empty", {}),
        (words(" \n "), ABLE, "text_empty", {}),
        (words("а" * 11), Capabilities(text_length=10), "text_too_long", {"length": "11", "limit": "10"}),
        (Content(parts=(FILE,)), Capabilities(), "not_possible", {"capability": "files"}),
        (Content(parts=(IMAGE,)), Capabilities(), "not_possible", {"capability": "images"}),
        (Content(parts=(FILE,)), ABLE, "not_possible", {"capability": "file_bytes"}),
        (Content(parts=(IMAGE, IMAGE)), ABLE, "not_possible", {"capability": "files_per_message"}),
        (Content(parts=(Unsupported(raw={}),)), ABLE, "not_possible", {"capability": "unsupported"}),
        (
            Content(parts=(Text(text="?"),), quote=Quote()),
            Capabilities(),
            "not_possible",
            {"capability": "quote"},
        ),
        (
            Content(parts=(ASK,), buttons=(Button(kind="reply", label="Да"),)),
            ABLE,
            "not_possible",
            {"capability": "buttons"},
        ),
    ],
)
def test_the_channel_cannot(
    content: Content, capabilities: Capabilities, code: str, parameters: dict[str, str]
) -> None:
    here = desk(capabilities)
    before = here.state
    answer = post(here, content)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.parameters) == (code, parameters)
    assert here.state == before
    assert here.events() == []


def test_an_image_within_its_limits_goes_and_quotes_what_it_answers() -> None:
    here = desk()
    assert post(here, Content(parts=(IMAGE,), quote=Quote(external_id="m1"))).ok
    assert here.effects[1].quoted_external_id == "m1"


def test_nothing_goes_through_an_account_that_is_not_connected() -> None:
    answer = post(desk(connected=False), words("Добрый день"))
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.parameters) == ("account_not_connected", {"account": "Site"})


def test_scheduling_is_refused() -> None:
    answer = post(desk(), words("Завтра"), not_before=NOON)
    assert answer.refusal is not None
    assert answer.refusal.parameters == {"capability": "scheduled"}


@pytest.mark.parametrize(
    ("command", "fields", "act"),
    [
        (commands.ChangeMessage, {"content": words("Иначе")}, EditMessage),
        (commands.RemoveMessage, {}, DeleteMessage),
        (commands.WithdrawPosted, {}, WithdrawMessage),
    ],
)
def test_edits_deletions_and_withdrawals_are_the_gateways_acts(
    command: type[Any], fields: dict[str, Any], act: type[Any]
) -> None:
    here = desk()
    answer = here.ask(command, actor(ANNA), message_id=number("ours"), **fields)
    assert answer.ok
    assert answer.result["events"] == 0
    assert isinstance(here.effects[0], act)
    assert here.effects[0].message_id == number("ours")


@pytest.mark.parametrize(
    ("command", "fields", "capability"),
    [
        (commands.ChangeMessage, {"content": words("Иначе")}, "edit"),
        (commands.RemoveMessage, {}, "delete"),
        (commands.ReactToMessage, {"external_id": "7", "emoji": ("👍",)}, "reactions"),
    ],
)
def test_what_the_channel_cannot_change_stays(
    command: type[Any], fields: dict[str, Any], capability: str
) -> None:
    answer = desk(Capabilities()).ask(command, actor(ANNA), message_id=number("ours"), **fields)
    assert answer.refusal is not None
    assert answer.refusal.parameters == {"capability": capability}
