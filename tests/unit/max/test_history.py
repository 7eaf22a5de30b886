"""When the histories of chats are looked through, and how far."""

from typing import Any

import pytest

from gateways.max.history import MARGIN_MS, MOST, Watch, before, missed, read, request
from gateways.max.subscription import GIVEN_UP_SECONDS

pytestmark = pytest.mark.feature("BY11")

NOW = 1769853600000


def at(moment: int) -> dict[str, Any]:
    return {"timestamp": moment}


@pytest.mark.parametrize(
    ("alive", "given_up", "since"),
    [
        (0, False, None),
        (0, True, None),
        (NOW - 100_000, False, None),
        (NOW - 200_000, False, NOW - 200_000 - MARGIN_MS),
        (NOW - 1000, True, NOW - 1000 - MARGIN_MS - int(GIVEN_UP_SECONDS * 1000)),
    ],
)
def test_a_gap_begins_where_we_last_were_alive(alive: int, given_up: bool, since: int | None) -> None:
    assert Watch(alive).seen(NOW, 180, given_up=given_up) == Watch(NOW, since)


def test_chat_after_chat_then_alive() -> None:
    watch = Watch(NOW, NOW - 1000)
    walked = []
    while (watch := watch.next_chat({"9", "-7", "182"})).since is not None:
        walked.append(watch.chat)
        assert read(watch.written()) == watch
    assert walked == ["-7", "182", "9"]
    assert watch == Watch(NOW)


def test_only_the_gap_is_told_the_oldest_first() -> None:
    assert missed([at(5), at(3), at(1), "nonsense"], 2) == [at(3), at(5)]


def test_a_chat_with_much_to_tell_is_asked_again_from_the_oldest() -> None:
    watch = Watch(NOW, since=10, chat="182")
    full = [at(1000 - n) for n in range(MOST)]
    assert before(full, watch) == 901
    assert "from=901" in request(Watch(NOW, 10, "182", 901)).path
    assert before(full[:-1], watch) is None
    assert before([*full[:-1], at(9)], watch) is None
    assert before(full, Watch(NOW, 10, "182", 901)) is None, "it tells the same again"
