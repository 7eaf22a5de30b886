"""No loops: what is a program's, and who gets an automatic mail."""

from dataclasses import replace

import pytest

from gateways.email.describe import account_named
from gateways.email.loops import HOUR, Standing, by_program, came, require_answerable, too_many
from shared.failure import Rejected
from tests.unit.email_transport.test_threads import mail

pytestmark = pytest.mark.feature("CH11")
ACCOUNT = account_named("main").model_copy(
    update={"mails_per_hour_from_one": 3, "automatic_per_hour_to_one": 2, "own_lists": ("help.shop.example",)}
)


def test_a_program_is_known_by_its_kind_and_a_loop_by_our_mark() -> None:
    assert not by_program(mail(), ACCOUNT)
    assert by_program(mail(kind="auto_reply"), ACCOUNT)
    assert by_program(mail(kind="bulk", list_id="news.example"), ACCOUNT)
    assert by_program(mail(looped=True), ACCOUNT)


def test_what_comes_through_a_list_of_ours_was_written_by_people() -> None:
    assert not by_program(mail(kind="bulk", list_id="help.shop.example"), ACCOUNT)


def test_an_address_writes_so_much_in_an_hour_and_begins_anew() -> None:
    standing = Standing()
    for _ in range(3):
        standing = came(standing, mail(), ACCOUNT, HOUR)
    assert not too_many(standing, ACCOUNT)
    standing = came(standing, mail(), ACCOUNT, HOUR)
    assert too_many(standing, ACCOUNT)
    assert not too_many(came(standing, mail(), ACCOUNT, 2 * HOUR), ACCOUNT)


def test_a_program_gets_no_automatic_answer_and_a_person_so_many() -> None:
    person, at = Standing(), HOUR
    for _ in range(2):
        person = require_answerable(person, ACCOUNT, at)
    for refused in (person, replace(Standing(), automatic=True), Standing(hour=1, mails=9)):
        with pytest.raises(Rejected) as error:
            require_answerable(refused, ACCOUNT, at)
        assert error.value.code == "not_answered_automatically"
    assert require_answerable(person, ACCOUNT, 2 * HOUR).answered == 1
