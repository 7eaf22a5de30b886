"""Which thread a mail belongs to, and what is told about it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from gateways.email import names
from gateways.email.mail import Mail, Report
from gateways.email.thread import Arrived, Filed, Known, Mailbox, Placed, chained
from gateways.email.threads import DAY, place
from shared.contract.content import Address

pytestmark = pytest.mark.feature("CH11")

BOX = Mailbox("main", "support@shop.example", b"k" * 32)
OURS = UUID(int=7)
OUR_NAME = names.own_id(BOX.key, OURS, "shop.example")
NOW = 1_000 * DAY


def mail(sender: str = "anna@mail.example", **known: Any) -> Mail:
    blank: dict[str, Any] = {
        "kind": "message", "sender": Address(address=sender, name="Anna"), "reply_to": (),
        "to": (Address(address=BOX.address),), "cc": (), "subject": "A question", "date": None,
        "message_id": "m1@mail.example", "in_reply_to": (), "references": (), "text": "How much?",
        "html": None, "remote_content": False, "reply_text": "How much?", "quoted_text": "", "signature": "",
        "attachments": (),
    }  # fmt: skip
    return Mail(**blank | known)


def arrived(
    sender: str = "anna@mail.example", *, at: int = NOW, outside: bool = False, **known: Any
) -> Arrived:
    said = mail(sender, **known)
    return Arrived(said, f"{said.message_id} hash", said.message_id, at, outside)


@pytest.fixture
def known() -> Known:
    """Anna asked, and we answered."""
    here = Known()
    placed = place(arrived(), here, BOX)
    here.file(OUR_NAME, Filed(placed.thread.chat, OURS))
    return here


def second(known: Known, sender: str = "anna@mail.example", **more: Any) -> Placed:
    return place(
        arrived(sender, **{"message_id": "m2@mail.example", "subject": "Re: A question"} | more), known, BOX
    )


def test_a_first_mail_begins_a_thread_of_its_own_name() -> None:
    placed = place(arrived(), Known(), BOX)
    assert (placed.thread.chat, placed.joined, placed.marks) == ("m1@mail.example", False, ())
    assert placed.thread.last.references == ("m1@mail.example",)


@pytest.mark.parametrize(
    "said",
    [
        {"in_reply_to": (OUR_NAME,)},
        {"references": ("nobody@knows", OUR_NAME)},
        {"in_reply_to": ("nobody@knows",), "references": ("m1@mail.example", "nobody@knows")},
        {"in_reply_to": ("m1@mail.example",)},
        {},
    ],
)
def test_an_answer_joins(known: Known, said: dict[str, Any]) -> None:
    placed = second(known, **said)
    assert (placed.thread.chat, placed.joined, placed.marks) == ("m1@mail.example", True, ())


def test_our_token_behind_a_plus_comes_first(known: Known) -> None:
    other = place(arrived(message_id="o1@mail.example", subject="Other"), known, BOX).thread
    to = (Address(address=names.plus_address(BOX.address, other.token)),)
    placed = second(known, to=to, in_reply_to=(OUR_NAME,))
    assert placed.thread.chat == "o1@mail.example"


def test_a_token_of_somebody_elses_making_is_none(known: Known) -> None:
    forged = names.plus_address(BOX.address, names.token_of(b"other key", "m1@mail.example"))
    placed = second(known, "eve@mail.example", to=(Address(address=forged),))
    assert not placed.joined


def test_a_new_address_with_our_name_joins_and_is_marked(known: Known) -> None:
    placed = second(known, "anna.private@home.example", in_reply_to=(OUR_NAME,))
    assert (placed.joined, placed.marks) == (True, ("other_sender",))
    again = second(known, "anna.private@home.example", in_reply_to=(OUR_NAME,), message_id="m3@mail.example")
    assert again.marks == ()


def test_who_only_names_the_clients_mail_begins_a_thread(known: Known) -> None:
    placed = second(known, "eve@mail.example", in_reply_to=("m1@mail.example",))
    assert not placed.joined
    assert placed.thread.chat == "m2@mail.example"


def test_the_subject_alone_never_joins_people(known: Known) -> None:
    assert not second(known, "eve@mail.example").joined


def test_a_forged_sender_joins_nobody_by_subject_and_is_marked(known: Known) -> None:
    placed = second(known, dmarc="fail")
    assert (placed.joined, placed.marks) == (False, ("forged_sender",))
    placed = second(known, dmarc="fail", in_reply_to=("m1@mail.example",), message_id="m3@mail.example")
    assert (placed.joined, placed.marks) == (True, ("forged_sender",))


def test_a_subject_joins_for_two_weeks_and_an_answer_only(known: Known) -> None:
    assert not second(known, at=NOW + 15 * DAY).joined
    assert not second(known, subject="A question", message_id="m3@mail.example").joined
    assert second(known, at=NOW + 13 * DAY, message_id="m4@mail.example").joined


def test_an_empty_subject_joins_nothing() -> None:
    known = Known()
    place(arrived(subject=""), known, BOX)
    assert not second(known, subject="Re:").joined


def test_who_got_a_copy_belongs_to_the_thread(known: Known) -> None:
    second(known, in_reply_to=(OUR_NAME,), cc=(Address(address="Boris@mail.example"),))
    placed = second(
        known, "boris@mail.example", in_reply_to=("m2@mail.example",), message_id="m3@mail.example"
    )
    assert (placed.joined, placed.marks) == (True, ("other_sender",))


def test_a_changed_subject_and_an_old_conversation_are_told_once(known: Known) -> None:
    placed = second(known, in_reply_to=(OUR_NAME,), subject="Re: Delivery", at=NOW + 40 * DAY)
    assert placed.marks == ("new_subject", "old_conversation")
    placed = second(
        known,
        in_reply_to=(OUR_NAME,),
        subject="Re: Delivery",
        at=NOW + 41 * DAY,
        message_id="m3@mail.example",
    )
    assert placed.marks == ()


def test_an_answer_that_comes_before_what_it_answers() -> None:
    known = Known()
    first = second(known, in_reply_to=("m1@mail.example",))
    late = place(arrived(), known, BOX)
    assert (first.joined, late.joined) == (False, True)
    assert late.thread.chat == first.thread.chat


def test_a_name_that_somebody_else_uses_too_is_not_a_way_in(known: Known) -> None:
    stranger = replace(arrived("eve@mail.example"), identity="m1@mail.example another hash")
    placed = place(stranger, known, BOX)
    assert (placed.joined, placed.thread.chat) == (False, "m1@mail.example another hash")


def test_a_report_stands_in_the_thread_of_what_it_is_about(known: Known) -> None:
    about = (Report(OUR_NAME, "anna@mail.example", "delayed"),)
    placed = second(known, "mailer-daemon@mx.example", kind="delay", reports=about, subject="Delayed")
    assert (placed.joined, placed.marks) == (True, ())
    assert known.threads["m1@mail.example"].last.address == "anna@mail.example"


def test_what_one_of_us_wrote_elsewhere_stands_in_its_thread(known: Known) -> None:
    placed = second(known, BOX.address, outside=True, in_reply_to=("m1@mail.example",))
    assert (placed.joined, placed.marks) == (True, ())
    assert placed.thread.last.answer_to == "anna@mail.example"
    assert placed.thread.last.references[-1] == "m2@mail.example"


def test_a_mail_of_nobody_is_its_own_sender() -> None:
    placed = place(arrived(sender="x@y.example"), Known(), BOX)
    nobody = Arrived(replace(mail(), sender=None), "sha256:0123456789abcdef", None, NOW)
    assert place(nobody, Known(), BOX).thread.client == "unknown:0123456789abcdef"
    assert placed.thread.client == "x@y.example"


def test_references_keep_their_beginning_and_their_end() -> None:
    chain: tuple[str, ...] = ()
    for number in range(50):
        chain = chained(chain, f"m{number}")
    assert (len(chain), chain[0], chain[-1]) == (20, "m0", "m49")
    assert chained(chain, "m49") == chain


def test_names_that_no_header_can_hold_are_not_named() -> None:
    placed = place(
        arrived(message_id="a b@mail.example", references=("я@mail.example", "x" * 2000)), Known(), BOX
    )
    assert (placed.thread.last.name, placed.thread.last.references) == (None, ())
