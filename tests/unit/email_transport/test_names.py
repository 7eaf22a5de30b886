"""Names of mails, tokens, subjects, and what servers say: pure and small."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateways.email import answers, names, subjects

pytestmark = pytest.mark.feature("CH11")
KEY, OURS = b"k" * 32, UUID(int=7)


def test_our_name_is_the_same_for_ever_and_nobody_makes_it_without_the_key() -> None:
    name = names.own_id(KEY, OURS, "shop.example")
    assert name == names.own_id(KEY, OURS, "shop.example")
    assert names.message_of(KEY, name) == OURS
    assert names.message_of(b"another key", name) is None
    assert names.message_of(KEY, name.replace("0007.", "0008.")) is None
    assert names.message_of(KEY, "a@b.example") is None


def test_a_long_name_is_a_hash() -> None:
    long = "x" * 500 + "@mail.example"
    assert names.bounded("a@b.example") == "a@b.example"
    assert len(names.bounded(long)) < 100
    assert names.bounded(long) != names.bounded(long + "x")


def test_tokens_are_found_in_addresses_of_ours_alone() -> None:
    token = names.token_of(KEY, "thread")
    ours = names.plus_address("support@shop.example", token)
    others = ["support+t-short@shop.example", f"sales+t-{token}@shop.example", "support@shop.example"]
    assert names.tokens_in("support@shop.example", [*others, ours.upper()]) == [token]
    assert names.is_ours("support@shop.example", ours)
    assert not names.is_ours("support@shop.example", "supports@shop.example")


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: A Question", "a question"),
        ("RE[2]: Fwd: Re: a  question", "a question"),
        ("Отв: На: Пер: Вопрос", "вопрос"),
        ("[help] Re: Вопрос", "вопрос"),
        ("Regarding: x", "regarding: x"),
        ("Re:", ""),
    ],
)
def test_what_stays_of_a_subject(subject: str, bare: str) -> None:
    assert subjects.bare(subject) == bare


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("A question", "Re: A question"),
        ("Re: Re: A question", "Re: A question"),
        ("Отв: Вопрос", "Re: Вопрос"),
        ("", "Re:"),
        ("Fwd: x", "Re: Fwd: x"),
    ],
)
def test_one_re_and_no_more(subject: str, answer: str) -> None:
    assert subjects.of_answer(subject) == answer


def test_the_server_spells_folders_its_own_way() -> None:
    assert answers.folder_name("INBOX") == '"INBOX"'
    assert answers.folder_name("Tom & Jerry") == '"Tom &- Jerry"'
    assert answers.folder_name("Отправленные") == '"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"'
    assert answers.folder_name('a"b\\c') == '"a\\"b\\\\c"'


def test_sizes_and_times_are_read_in_any_order() -> None:
    lines = [
        b'3 FETCH (INTERNALDATE " 1-Nov-2026 10:00:00 +0300" RFC822.SIZE 12 UID 9)',
        b"4 FETCH (FLAGS ())",
        b"done",
    ]
    ((uid, size),) = answers.sizes(lines).items()
    assert (uid, size.bytes, size.at) == (9, 12, datetime(2026, 11, 1, 7, tzinfo=UTC))
    assert (
        answers.sizes([b'1 FETCH (UID 1 RFC822.SIZE 1 INTERNALDATE "99-Foo-2026 10:00:00 +0300")', b""])[1].at
        is None
    )


def test_bodies_as_literals_as_quoted_strings_and_as_nothing() -> None:
    lines = [
        b"1 FETCH (UID 5 BODY[] {3}", bytearray(b"abc"), b")",
        b"2 FETCH (FLAGS (\\Seen))",
        b"3 FETCH (BODY[] {2}", bytearray(b"de"), b" UID 6)",
        b'4 FETCH (UID 7 BODY[] "a\\"b")',
        b"5 FETCH (UID 8 BODY[] NIL)",
        b"done",
    ]  # fmt: skip
    assert answers.bodies(lines) == {5: b"abc", 6: b"de", 7: b'a"b'}


def test_a_refusal_that_passes_is_told_from_one_that_does_not() -> None:
    assert answers.passing("[UNAVAILABLE] the database sleeps")
    assert not answers.passing("[AUTHENTICATIONFAILED] wrong")


def test_a_count_that_is_said_unasked() -> None:
    assert answers.counted(b"* 23 EXISTS") == answers.Counted(23, exist=True)
    assert answers.counted(b"* 3 EXPUNGE") == answers.Counted(0, exist=False)
    assert answers.counted(b"* 3 FETCH (FLAGS (EXISTS))") is None
