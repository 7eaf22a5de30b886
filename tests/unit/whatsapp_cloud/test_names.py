"""Numbers, user ids and what becomes of a chat when more of them are learned (BY13)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateways.kit.aliases import Alias
from gateways.whatsapp_cloud import parse
from gateways.whatsapp_cloud.people import Chats, Person
from shared.contract.ids import dialog_id
from tests.support.whatsapp_cloud_provider import BUSINESS, CLIENT, NUMBER, change, heard, message, said

pytestmark = pytest.mark.feature("BY13")

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
USER = "RU.1349001"
OURS = parse.Ours("main", NUMBER, BUSINESS)

SPAM = {"id": "w", "status": "failed", "recipient_id": CLIENT, "errors": [{"code": 131048}]}
PHONE_ONLY = Person((CLIENT,))
ID_ONLY = Person((), USER)
BOTH = Person((CLIENT,), USER)


def after(*people: Person) -> tuple[list[str], list[Alias]]:
    """The chats of people who write one after another, each in a notice of its own; and what was learned."""
    known: dict[str, str] = {}
    found, learned = [], []
    for person in people:
        chats = Chats("main", dict(known))
        found.append(chats.of(person)[0])
        learned += chats.learned
        known |= {one.alias: one.chat for one in chats.learned}
    return found, learned


@pytest.mark.parametrize(
    ("people", "chats"),
    [
        ((PHONE_ONLY, BOTH, ID_ONLY), [CLIENT] * 3),
        ((ID_ONLY, BOTH, PHONE_ONLY), [USER] * 3),
        ((BOTH, ID_ONLY, PHONE_ONLY), [CLIENT] * 3),
        ((ID_ONLY, PHONE_ONLY), [USER, CLIENT]),
        ((ID_ONLY, ID_ONLY, BOTH, BOTH), [USER] * 4),
        ((Person(("521", "52")), Person(("52",)), Person(("521",))), ["521"] * 3),
    ],
)
def test_one_person_is_one_dialog(people: tuple[Person, ...], chats: list[str]) -> None:
    assert after(*people)[0] == chats


def test_what_is_known_is_learned_once() -> None:
    _, learned = after(BOTH, BOTH, ID_ONLY, PHONE_ONLY)
    assert learned == [Alias(USER, CLIENT)]


def read(payload: Any, known: dict[str, str] | None = None) -> parse.Heard:
    return parse.read(payload, OURS, known or {}, NOW)


def test_every_name_of_a_notice_is_looked_up() -> None:
    told = heard(message("text", {"body": "x"}, from_user_id=USER), user_id=USER)
    assert {CLIENT, USER, f"chat:{USER}"} <= set(parse.chats(told))
    assert parse.chats([{"from": 7}, None]) == set()


def test_a_known_alias_is_the_old_dialog_and_nothing_new() -> None:
    found = read(said("hi"), {CLIENT: "79990000055"})
    (row,) = found.rows
    assert row.dialog_id == dialog_id("whatsapp_cloud", "main", "79990000055")
    assert found.aliases == ()


def test_a_number_that_changed_leads_to_the_same_dialog() -> None:
    told = message("system", {"type": "user_changed_number", "wa_id": "79990000009", "body": "changed"})
    found = read(change({"messages": [told]}))
    assert found.aliases == (Alias("79990000009", CLIENT),)
    again = read(change({"messages": [told]}), {"79990000009": CLIENT})
    assert [row.fact_id for row in again.rows] == [found.rows[0].fact_id]
    assert again.aliases == ()


def test_a_user_id_that_changed_leads_to_the_same_dialog() -> None:
    told = {"wa_id": CLIENT, "user_id": {"previous": USER, "current": "RU.1349002"}}
    found = read(change({"user_id_update": [told]}, "user_id_update"))
    assert found.aliases == (Alias(USER, CLIENT), Alias("RU.1349002", CLIENT))
    assert [row.type for row in found.rows] == ["inbound.identity.v1"]


def test_two_people_and_one_contact_are_two_people() -> None:
    other = {**message("text", {"body": "y"}, "wamid.A2"), "from": "79990000002"}
    found = read(heard(message("text", {"body": "x"}), other))
    assert found.aliases == ()
    assert len({row.dialog_id for row in found.rows}) == 2


def test_what_is_of_another_number_or_business_is_not_ours() -> None:
    assert read(change({"messages": [message("text", {"body": "x"})]}, number="1")).rows == []
    template = change({"event": "APPROVED"}, "message_template_status_update")
    del template["entry"][0]["changes"][0]["value"]["metadata"]
    assert read(template).errands == [{"look": "templates"}]
    template["entry"][0]["id"] = "1"
    assert read(template).errands == []


@pytest.mark.parametrize(
    ("value", "field", "errands"),
    [
        ({"event": "DISABLED_UPDATE"}, "account_update", 1),
        ({"event": "FLAGGED"}, "phone_number_quality_update", 1),
        ({"new_name": "x"}, "phone_number_name_update", 0),
        ({"errors": [{"code": 190}]}, "messages", 1),
        ({"statuses": [SPAM]}, "messages", 1),
    ],
)
def test_what_meta_says_of_the_account_is_looked_at(value: dict[str, Any], field: str, errands: int) -> None:
    assert len(read(change(value, field)).errands) == errands


def test_a_message_keeps_its_id_when_it_is_edited() -> None:
    picture = {"id": "1080001", "mime_type": "image/jpeg"}
    first = read(heard(message("image", picture, "wamid.A0"))).rows[0]
    told = {"original_message_id": "wamid.A0", "message": {"type": "image", "image": picture}}
    edit = read(heard(message("edit", told, "wamid.E1", at=1769853700))).rows[0]
    assert edit.files[0].message_id == first.fact_id
    assert edit.files[0].file.attachment_id != first.files[0].file.attachment_id
