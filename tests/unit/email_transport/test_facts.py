"""What a mail becomes: bounded, whatever it holds, and named the same for ever."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateways.email import parse
from gateways.email.keeping import MOST_FILES, kept, placed_pictures
from gateways.email.mail import Attached, Mail
from gateways.email.parse import Coming
from gateways.email.thread import Arrived, Known
from gateways.email.threads import place
from gateways.kit.spool import SpoolRow
from shared.contract.content import Address
from shared.topology import MAX_BODY_BYTES
from tests.unit.email_transport.test_threads import BOX, NOW, mail

pytestmark = pytest.mark.feature("CH11")
COMING = Coming("main", datetime(2026, 1, 31, 10, tzinfo=UTC))


def fact(said: Mail) -> SpoolRow:
    arrived = Arrived(said, parse.identity_of(said, said.message_id), said.message_id, NOW)
    placed = place(arrived, Known(), BOX)
    return parse.message(arrived, placed, kept("main", arrived.identity, b"raw", said), COMING)


def test_the_largest_mail_fits_the_broker() -> None:
    people = tuple(Address(address="ж" * 300 + f"{n}@x.example", name="ж" * 500) for n in range(200))
    file = Attached("ж" * 500, "application/" + "x" * 500, b"x")
    said = mail(
        text="\x01" * 500_000, reply_text="\x01" * 500_000, quoted_text='"' * 500_000, signature="я" * 50_000,
        subject="я" * 5_000, to=people, cc=people, reply_to=people, attachments=(file,) * 300,
    )  # fmt: skip
    row = fact(said)
    assert len(row.body) < MAX_BODY_BYTES
    content = json.loads(row.body)["data"]["content"]
    assert "cut" in content["letter"]["marks"]
    assert len(content["parts"]) == MOST_FILES + 1


def test_a_text_is_cut_between_letters() -> None:
    assert parse.cut_to("яя", 100) == ("яя", False)
    assert parse.cut_to("я" * 100, 52) == ("я" * 25, True)
    assert parse.cut_to("\x00", 100) == ("\N{REPLACEMENT CHARACTER}", False)


def test_the_same_mail_has_the_same_names_in_any_folder_and_year() -> None:
    assert fact(mail()).fact_id == fact(mail()).fact_id
    assert fact(mail()).fact_id != fact(replace(mail(), text="other words")).fact_id


def test_pictures_are_named_by_their_attachments() -> None:
    ids = {"a b@x": UUID(int=1), "c&d@x": UUID(int=2)}
    html = '<img src="cid:a%20b@x"><img src=\'CID:c&amp;d@x\'><img src="cid:unknown@x">'
    assert placed_pictures(html, ids) == (
        f'<img src="cid:{UUID(int=1)}"><img src=\'cid:{UUID(int=2)}\'><img src="cid:unknown@x">'
    )


def test_a_mail_of_quoted_words_alone_is_shown_whole() -> None:
    said = mail(
        text="> Ten roubles\n-- \nAnna", reply_text="\n", quoted_text="> Ten roubles", signature="Anna"
    )
    content = json.loads(fact(said).body)["data"]["content"]
    assert content["parts"][0]["text"] == "> Ten roubles\n-- \nAnna"
    assert "quoted" not in content["letter"]
