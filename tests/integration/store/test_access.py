"""Who may see what: the two readings of the one predicate are equal, and every query goes through it."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.access import Scope, Viewer, sight
from shared.contract.rights import RIGHTS
from shared.db.engine import reading, writing
from store.api.answers import Folder
from store.api.counting import count_closed, count_open
from store.api.standing import in_folder, visible
from store.tables import conversations, participants
from store.views import ConversationView
from tests.integration.store.shop import Shop
from tests.unit.store.story import START, Story, account, operator

ANNA, BORIS, CLARA = PEOPLE = UUID(int=1), UUID(int=2), UUID(int=3)
ACCOUNTS = ("webchat.site", "webchat.shop", "sms.main")
PARTIES = ((), (ANNA,), (BORIS, CLARA), PEOPLE)
OFFERS = ((None, None), (ANNA, None), (BORIS, None), (None, "sales"), (None, "night"))
SCOPES = {
    UUID(int=number): Scope(account, status, assignee, frozenset(parties), *offered)
    for number, (account, status, assignee, parties, offered) in enumerate(
        product(ACCOUNTS, ("new", "active", "closed"), (None, *PEOPLE), PARTIES, OFFERS), start=1000
    )
}

viewers = st.builds(
    Viewer,
    operator_id=st.sampled_from((*PEOPLE, UUID(int=9))),
    rights=st.frozensets(st.sampled_from(RIGHTS)),
    accounts=st.frozensets(st.sampled_from((*ACCOUNTS, "vk.none"))),
    groups=st.frozensets(st.sampled_from(("sales", "night", "none"))),
)


@pytest.fixture
async def town(engine: AsyncEngine) -> AsyncEngine:
    """A database with a conversation of every scope that there is."""
    async with writing(engine) as conn:
        rows, parties = [], []
        for id_, scope in SCOPES.items():
            view = ConversationView(
                conversation_id=id_, dialog_id=id_, channel="webchat", account=scope.account, kind="personal",
                status=scope.status, assignee=scope.assignee, opened_at=START,  # type: ignore[arg-type]  # a word
            )  # fmt: skip
            closed = scope.status == "closed"
            offered = {"offered_to": scope.offered_to, "offered_group": scope.offered_group}
            rows.append({**view.__dict__, **offered, "closed": closed, "active_at": START})
            parties += [{"conversation_id": id_, "operator_id": one} for one in scope.participants]
        await conn.execute(insert(conversations), rows)
        await conn.execute(insert(participants), parties)
    return engine


@pytest.mark.feature("AD3")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(viewer=viewers)
async def test_memory_and_database_see_the_same(town: AsyncEngine, viewer: Viewer) -> None:
    clause = sight(viewer)
    query = select(conversations.c.conversation_id).where(clause.sql(conversations.c, participants))
    async with reading(town) as conn:
        seen = set((await conn.execute(query)).scalars())
    assert seen == {id_ for id_, scope in SCOPES.items() if clause.matches(scope)}


def _stands(viewer: Viewer, scope: Scope) -> Folder:
    """The folder of a visible conversation, by the rule that the page applies too."""
    offered = scope.offered_to == viewer.operator_id or scope.offered_group in viewer.groups
    if scope.status == "closed":
        return "closed"
    if offered or viewer.operator_id == scope.assignee or viewer.operator_id in scope.participants:
        return "mine"
    return "new" if scope.assignee is None else "others"


@pytest.mark.feature("LC2", "AD3")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(viewer=viewers)
async def test_each_conversation_stands_in_one_folder_and_is_counted_there(
    town: AsyncEngine, viewer: Viewer
) -> None:
    clause = sight(viewer)
    wanted: dict[Folder, set[UUID]] = {"new": set(), "mine": set(), "others": set(), "closed": set()}
    for id_, scope in SCOPES.items():
        if clause.matches(scope):
            wanted[_stands(viewer, scope)].add(id_)
    async with reading(town) as conn:
        for folder, ids in wanted.items():
            query = select(conversations.c.conversation_id).where(in_folder(folder, viewer), visible(viewer))
            assert set((await conn.execute(query)).scalars()) == ids, folder
        open_ones, accounts = await count_open(conn, viewer)
        totals = {one.folder: one.total for one in (*open_ones, await count_closed(conn, viewer))}
    assert sum(one.total for one in accounts) == totals["all"]
    groups = (scope.offered_group for id_, scope in SCOPES.items() if id_ in wanted["mine"])
    assert totals.pop("group") == sum(group in viewer.groups for group in groups)
    assert totals.pop("all") == sum(len(ids) for folder, ids in wanted.items() if folder != "closed")
    assert totals == {folder: len(ids) for folder, ids in wanted.items()}


@pytest.mark.feature("LC3", "AD3")
async def test_an_offer_is_among_ones_own_and_seen_without_the_right(shop: Shop) -> None:
    story = Story()
    await shop.publish(
        account("site"), operator(ANNA), operator(CLARA, "clara"),
        operator(BORIS, "boris", without=("others.read",), groups=("sales",)),
        story.opened(), story.heard("hello"), story.assigned(ANNA), story.offered(to=BORIS, by=ANNA),
    )  # fmt: skip
    await shop.caught_up()
    path = f"/v1/conversations/{story.conversation_id}"
    shown = await shop.get(path, BORIS)
    assert (shown["offer"]["operator_id"], shown["offer"]["comment"]) == (str(BORIS), "please")
    for who, folder in ((ANNA, "mine"), (BORIS, "mine"), (CLARA, "others")):
        counted = {one["folder"]: one["total"] for one in (await shop.get("/v1/folders", who))["folders"]}
        assert {name for name, total in counted.items() if total} == {folder, "all"}
        assert len((await shop.get("/v1/conversations", who, folder=folder))["items"]) == 1
    await shop.publish(story.offer_ended("declined"), story.offered(group="sales", by=ANNA))
    await shop.caught_up()
    assert (await shop.get(path, BORIS))["offer"]["group"] == "sales"
    assert (await shop.get(path, BORIS))["status"] == "active"
    await shop.publish(story.offer_ended("expired"))
    await shop.caught_up()
    assert (await shop.get(path, BORIS, status=404))["code"] == "not_found"
    assert (await shop.get("/v1/conversations", BORIS, folder="mine"))["items"] == []


@pytest.mark.feature("AD2", "AD3")
async def test_what_is_invisible_is_not_there(shop: Shop) -> None:
    hidden, taken = Story(visitor="v1", account="shop"), Story(visitor="v2", account="site")
    await shop.publish(
        account("site"),
        account("shop", groups=("sales",)),
        operator(ANNA, "anna", groups=("sales",)),
        operator(BORIS, "boris", without=("others.read",)),
        hidden.opened(), hidden.heard("secret"), taken.opened(), taken.heard("mine"), taken.assigned(ANNA),
    )  # fmt: skip
    await shop.caught_up()
    for story in (hidden, taken):
        for path in ("", "/history"):
            await shop.get(f"/v1/conversations/{story.conversation_id}{path}", ANNA)
            found = await shop.get(f"/v1/conversations/{story.conversation_id}{path}", BORIS, status=404)
            assert found["code"] == "not_found"
    assert (await shop.get("/v1/conversations", BORIS))["items"] == []
    assert {
        one["folder"]: one["total"] for one in (await shop.get("/v1/folders", BORIS))["folders"]
    } == dict.fromkeys(("new", "mine", "group", "others", "all", "closed"), 0)
    assert [one["account"] for one in (await shop.get("/v1/accounts", BORIS))["items"]] == ["webchat.site"]
    assert len((await shop.get("/v1/accounts"))["items"]) == 2


@pytest.mark.feature("AD3")
async def test_earlier_conversations_of_others_stay_hidden_in_the_dialogs_history(shop: Shop) -> None:
    story = Story()
    await shop.publish(account("site"), operator(ANNA), operator(BORIS, "boris", without=("others.read",)))
    await shop.publish(story.opened(), story.heard("for Anna"), story.assigned(ANNA), story.closed(ANNA))
    await shop.publish(story.opened(), story.heard("for anybody"))
    await shop.caught_up()
    path = f"/v1/conversations/{story.conversation_id}/history"
    assert len((await shop.get(path, ANNA))["items"]) == 6
    seen = (await shop.get(path, BORIS))["items"]
    assert [line["kind"] for line in seen] == ["conversation.opened", "message"]


@pytest.mark.feature("AD3")
async def test_access_version_rises_with_whatever_changes_sight(shop: Shop) -> None:
    versions = []
    for change in (
        operator(ANNA, accounts=("webchat.site",)),
        account("site"),
        account("site", groups=("sales",), version=2),
        operator(ANNA, groups=("sales",), version=2),
    ):
        await shop.publish(change)
        await shop.caught_up()
        told = await shop.get("/v1/viewer", ANNA)
        versions.append((told["access_version"], told["accounts"]))
    assert [accounts for _, accounts in versions] == [[], ["webchat.site"], [], ["webchat.site"]]
    assert [number for number, _ in versions] == sorted({number for number, _ in versions})
    before = versions[-1][0]
    await shop.publish(account("site", groups=("sales",), version=3))
    await shop.caught_up()
    assert (await shop.get("/v1/viewer", ANNA))["access_version"] == before


async def test_nobody_is_let_in_without_the_services_token(shop: Shop) -> None:
    await shop.publish(operator(ANNA, disabled=True))
    await shop.caught_up()
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic YTpi"}):
        async with shop.session.get("/v1/feed", headers=headers) as response:
            assert response.status == 401
    assert (await shop.get("/v1/viewer", ANNA, status=403))["code"] == "operator_disabled"
    assert (await shop.get("/v1/viewer", BORIS, status=403))["code"] == "operator_unknown"
    assert (await shop.get("/v1/viewer", status=400))["code"] == "operator_needed"
    await shop.publish(operator(BORIS, "boris", role="administrator"))
    await shop.caught_up()
    assert (await shop.get("/v1/feed", BORIS, status=403))["code"] == "forbidden"
