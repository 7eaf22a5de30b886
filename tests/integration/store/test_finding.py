"""Conversations are found by the words of their clients' names, and counted by account (UI3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from store.names import MOST_WORDS, words_of
from tests.integration.store.shop import Shop
from tests.unit.store.story import Story, account, operator

ANNA, BORIS = UUID(int=1), UUID(int=2)
CLIENTS = (
    ("v1", "site", "Пётр О’Нил"),
    ("v2", "site", "Анна Петрова"),
    ("v3", "shop", "Petr_2"),
    ("v4", "shop", None),
)


def test_words_are_compared_without_case_and_yo() -> None:
    assert words_of("Семён  О’НИЛ-семен") == ("семен", "о", "нил")
    assert words_of("«—»") == ()
    assert len(words_of(" ".join(map(str, range(100))))) == MOST_WORDS


@pytest.mark.feature("UI3")
async def test_found_by_how_a_word_of_the_name_begins(shop: Shop) -> None:
    stories = [Story(visitor=visitor, account=site, name=name) for visitor, site, name in CLIENTS]
    await shop.publish(
        operator(ANNA, without=("others.read",)), operator(BORIS, "boris", accounts=("webchat.site",)),
        account("site"), account("shop"),
        *(told for one in stories for told in (one.opened(), one.heard("hello"))),
        stories[1].assigned(BORIS),
    )  # fmt: skip
    await shop.caught_up()

    async def found(who: UUID = ANNA, folder: str = "all", **asked: Any) -> set[str]:
        page = await shop.get("/v1/conversations", who, folder=folder, **asked)
        return {one["client_name"] for one in page["items"]}

    assert await found(name="петр") == {"Пётр О’Нил"}, "the other one is somebody else's"
    assert await found(BORIS, name="петр") == {"Пётр О’Нил", "Анна Петрова"}
    assert await found(BORIS, name="пе анн", folder="mine") == {"Анна Петрова"}
    assert await found(BORIS, name="пе", folder="new") == {"Пётр О’Нил"}
    assert await found(name="PETR", account="webchat.shop") == {"Petr_2"}
    for nothing in ("нил пётр2", "ил", "%", "'"):
        assert await found(name=nothing) == set()
    assert await found(name="петр", folder="closed") == set()

    counted = (await shop.get("/v1/folders", ANNA))["accounts"]
    assert counted == [
        {"account": "webchat.shop", "total": 2, "unread": 2, "waiting": 2},
        {"account": "webchat.site", "total": 1, "unread": 1, "waiting": 1},
    ]
    counted = (await shop.get("/v1/folders", BORIS))["accounts"]
    assert [(one["account"], one["total"]) for one in counted] == [("webchat.site", 2)]

    stories[0].name = "Иван"
    await shop.publish(stories[0].heard("my name is Ivan"))
    await shop.caught_up()
    assert (await found(name="ив"), await found(name="петр")) == ({"Иван"}, set())
