"""MS7: after the window only a template goes, refused here before anything is sent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from router.registry import Registry
from router.templates import hear_templates
from shared.contract import commands, inbound
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Answer, Refusal
from shared.contract.content import Content, File, Image, Template, Text
from shared.contract.inbound import KnownTemplate, TemplatesKnown
from shared.contract.outbound import Act, SendMessage
from shared.contract.refusals import words as words_for
from tests.unit.router.people import (
    ACCOUNT,
    ANNA,
    CHANNEL,
    NOON,
    REF,
    VISITOR,
    Desk,
    account,
    actor,
    number,
    words,
)
from tests.unit.router.samples import TECHNICAL

DAY = timedelta(hours=24)
ORDER = KnownTemplate(
    name="order", language="ru", header="Заказ {{1}}", text="{{2}}, ждём в {{1}}. {{1}} — это время.",
    footer="Лавка", parameters=4, buttons=("Открыть",),
)  # fmt: skip
HELLO = KnownTemplate(name="hello", language="en", text="Hello!")
PLACES = {"name": "order", "needed": "4"}
GIVEN = ("17", "полдень", "Вера", "order/17")
ABLE = Capabilities(templates=True, images=True, reply_window_hours=24)


def desk(capabilities: Capabilities = ABLE, **heard: Any) -> Desk:
    """Anna's conversation of a channel with a window."""
    here = Desk(ANNA, account(capabilities=capabilities))
    here.hear(**heard)
    assert here.ask(commands.AcceptConversation, actor(ANNA)).ok
    return here


def know(here: Desk, *templates: KnownTemplate) -> None:
    fact = TemplatesKnown(channel=CHANNEL, account=ACCOUNT, templates=templates, at=NOON)
    known = hear_templates(here.registry, fact)
    assert known is not None
    here.registry.put(known)


def post(here: Desk, content: Content, **fields: Any) -> Answer:
    return here.ask(commands.PostMessage, actor(ANNA), message_id=number("ours"), content=content, **fields)


def template(name: str = "order", language: str = "ru", parameters: tuple[str, ...] = GIVEN) -> Content:
    return Content(parts=(Template(name=name, language=language, parameters=parameters),))


def refused(answer: Answer) -> Refusal:
    assert answer.refusal is not None
    assert all(
        words_for(answer.refusal.code, language, answer.refusal.parameters) for language in ("en", "ru")
    )
    return answer.refusal


def sent(here: Desk) -> SendMessage:
    (act,) = [effect for effect in here.effects if isinstance(effect, SendMessage)]
    return act


def until(here: Desk) -> datetime | None:
    found: datetime | None = here.conversation.free_text_until
    return found


@pytest.mark.feature("MS7")
@pytest.mark.parametrize(
    ("sent_at", "counted"),
    [
        (NOON - timedelta(hours=1), NOON - timedelta(hours=1)),
        (NOON + timedelta(hours=5), NOON + timedelta(seconds=1)),
        (None, NOON + timedelta(seconds=1)),
    ],
    ids=["the provider's time", "a provider's clock that is ahead", "no time of the provider"],
)
def test_the_window_is_counted_from_the_earlier_time(sent_at: datetime | None, counted: datetime) -> None:
    here = Desk(ANNA, account(capabilities=ABLE))
    here.hear(sent_at=sent_at)
    assert until(here) == counted + DAY
    assert here.effects[-1].conversation.free_text_until == counted + DAY


@pytest.mark.feature("MS7")
def test_within_the_window_words_go_and_wait_no_longer_than_it() -> None:
    here = desk()
    assert post(here, words("Добрый день")).ok
    assert sent(here).not_after == until(here)
    here.now = until(here) or NOON
    before = here.state
    refusal = refused(post(here, words("Ещё здесь?")))
    assert (refusal.code, refusal.parameters) == ("window_over", {"hours": "24"})
    assert here.state == before
    assert not any(isinstance(effect, Act) for effect in here.effects)
    assert post(here, template()).ok
    assert sent(here).not_after == here.now + DAY


@pytest.mark.feature("MS7")
def test_each_message_of_the_client_opens_it_again_and_an_older_one_shortens_nothing() -> None:
    here = desk()
    first = until(here)
    assert first is not None
    here.hear(sent_at=NOON - DAY)
    assert until(here) == first
    here.hear(backfill=True)
    here.hear(origin="external")
    here.give(inbound.Reacted(dialog=REF, external_id="m1", sender=VISITOR, emoji=("👍",)))
    assert until(here) == first
    here.hear(content=TECHNICAL)
    assert until(here) == here.now + DAY
    here.now += 2 * DAY
    assert refused(post(here, words("?"))).code == "window_over"
    here.hear("Да")
    assert post(here, words("Отлично")).ok


def test_a_channel_without_a_window_has_none() -> None:
    here = desk(Capabilities())
    here.now += 30 * DAY
    assert until(here) is None
    assert post(here, words("Добрый день")).ok
    assert sent(here).not_after == here.now + DAY


@pytest.mark.feature("MS7")
def test_a_client_who_has_not_written_gets_a_template_only() -> None:
    here = desk(Capabilities())
    here.registry.put(account(capabilities=ABLE))
    assert refused(post(here, words("Здравствуйте"))).code == "window_over"
    assert post(here, template()).ok


@pytest.mark.feature("MS7")
@pytest.mark.parametrize(
    ("content", "code", "parameters"),
    [
        (template("orders"), "template_not_approved", {"name": "orders", "language": "ru"}),
        (template(language="en"), "template_not_approved", {"name": "order", "language": "en"}),
        (template(parameters=GIVEN[:3]), "template_places", PLACES | {"given": "3"}),
        (template(parameters=(*GIVEN, "x")), "template_places", PLACES | {"given": "5"}),
        (template(parameters=(*GIVEN[:3], " ")), "template_places", PLACES | {"given": "3"}),
        (Content(parts=(*template().parts, Text(text="и ещё"))), "template_alone", {}),
        (Content(parts=template().parts * 2), "template_alone", {}),
    ],
)  # fmt: skip
def test_a_template_that_the_account_would_not_send(
    content: Content, code: str, parameters: dict[str, str]
) -> None:
    here = desk()
    know(here, ORDER, HELLO)
    before = here.state
    refusal = refused(post(here, content))
    assert (refusal.code, refusal.parameters) == (code, parameters)
    assert here.state == before
    assert here.events() == []


@pytest.mark.feature("MS7")
def test_a_template_says_what_the_client_reads() -> None:
    here = desk()
    know(here, ORDER, HELLO)
    picture = Image(file=File(attachment_id=number("i"), mime_type="image/png"))
    assert post(here, Content(parts=(*template().parts, picture))).ok
    said = sent(here).content.parts[0]
    assert isinstance(said, Template)
    assert said.text == "Заказ 17\n\nВера, ждём в полдень. полдень — это время.\n\nЛавка"
    assert here.effects[0].content == sent(here).content


@pytest.mark.feature("MS7")
def test_what_nobody_told_of_is_left_to_the_provider() -> None:
    here = desk()
    assert post(here, template("anything", "de", ())).ok
    assert sent(here).content == template("anything", "de", ())


def test_a_list_of_templates_is_kept_when_it_is_newer_and_another() -> None:
    registry = Registry()
    fact = TemplatesKnown(channel=CHANNEL, account=ACCOUNT, templates=(HELLO,), at=NOON)
    first = hear_templates(registry, fact)
    assert first is not None
    registry.put(first)
    assert hear_templates(registry, fact.model_copy(update={"at": NOON + DAY})) is None
    changed = fact.model_copy(update={"templates": (ORDER,)})
    assert hear_templates(registry, changed.model_copy(update={"at": NOON - DAY})) is None
    second = hear_templates(registry, changed.model_copy(update={"at": NOON + DAY}))
    assert second is not None
    event = second.event(number("cause"))
    assert (event.version, event.templates, event.TYPE) == (2, (ORDER,), "account.templates.v1")
