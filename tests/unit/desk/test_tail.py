"""The feed's end: whatever hints are lost, repeated or reordered, the rows have no hole and no repeat."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.desk.row import Row
from gateways.desk.tail import Expired, FeedTail
from shared.contract.feed import FeedHead, FeedPage, FeedRow
from tests.support.waiting import eventually

AT = datetime(2026, 1, 31, 10, tzinfo=UTC)


def row(seq: int, command_id: UUID | None = None) -> FeedRow:
    return FeedRow(
        seq=seq, at=AT, entity="message", id=str(seq), what="received", version=1, command_id=command_id
    )


class Shelf:
    """A store with rows up to `head`, none before `oldest`."""

    def __init__(self, head: int = 0) -> None:
        self.head = head
        self.oldest = 1
        self.asked = 0

    async def feed(self, after: int, limit: int = 1000) -> FeedPage:
        self.asked += 1
        first = max(after + 1, self.oldest)
        items = tuple(row(seq) for seq in range(first, min(self.head, after + limit) + 1))
        return FeedPage(head=self.head, oldest=self.oldest, items=items)


def hint(seq: int) -> bytes:
    return row(seq).model_dump_json().encode()


async def seqs(tail: FeedTail, after: int) -> list[int]:
    """Every row after `after`, page by page, as a connection pulls them."""
    found: list[Row] = []
    while rows := await tail.rows_after(found[-1].row.seq if found else after, 7):
        found += rows
    return [one.row.seq for one in found]


class Running:
    """A tail that fills its holes, without a broker: the test hands it its hints."""

    def __init__(self, shelf: Shelf, capacity: int = 1000) -> None:
        self.tail = FeedTail(shelf, capacity)
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> FeedTail:
        await self._group.__aenter__()
        self._task = self._group.create_task(self.tail.fill())
        await self.tail.started.wait()
        return self.tail

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await self._group.__aexit__(None, None, None)


@pytest.mark.feature("BY9")
@given(order=st.lists(st.integers(1, 30), max_size=60))
@settings(max_examples=60, deadline=None)
async def test_no_hole_and_no_repeat_whatever_is_heard(order: list[int]) -> None:
    shelf = Shelf()
    async with Running(shelf) as tail:
        for seq in order:
            shelf.head = max(shelf.head, seq)
            await tail.heard(hint(seq))
        await tail.heard(FeedHead(head=shelf.head).model_dump_json().encode())
        await eventually(lambda: tail.head == shelf.head)
        assert await seqs(tail, 0) == list(range(1, shelf.head + 1))


async def test_the_ring_forgets_the_oldest_and_the_store_is_asked_for_them() -> None:
    shelf = Shelf()
    async with Running(shelf, capacity=100) as tail:
        for seq in range(1, 1001):
            shelf.head = seq
            await tail.heard(hint(seq))
        before = shelf.asked
        assert await seqs(tail, 950) == list(range(951, 1001))
        assert shelf.asked == before
        assert await seqs(tail, 10) == list(range(11, 1001))
        shelf.oldest = 500
        with pytest.raises(Expired):
            await tail.rows_after(10)


async def test_rows_beyond_our_head_are_known_after_asking() -> None:
    shelf = Shelf(10)
    async with Running(shelf) as tail:
        shelf.head = 20
        assert await tail.reach(15)
        assert tail.head == 20
        assert not await tail.reach(21)


async def test_a_store_that_went_back_is_followed_back() -> None:
    shelf = Shelf(10)
    async with Running(shelf) as tail:
        shelf.head = 4
        await tail.heard(FeedHead(head=99).model_dump_json().encode())
        await eventually(lambda: tail.head == 4)
        assert tail.floor == 4


async def test_a_store_whose_rows_are_gone_is_taken_up_at_its_head() -> None:
    shelf = Shelf(10)
    async with Running(shelf) as tail:
        shelf.head, shelf.oldest = 5000, 4000
        await tail.heard(FeedHead(head=5000).model_dump_json().encode())
        await eventually(lambda: tail.head == 5000)
        with pytest.raises(Expired):
            await tail.rows_after(10)


async def test_an_effect_is_found_before_and_after_it_comes() -> None:
    shelf = Shelf()
    command = UUID(int=7)
    async with Running(shelf) as tail, asyncio.TaskGroup() as group:
        waiting = group.create_task(tail.effect(command, lambda one: one.id == "2", 5))
        await tail.heard(row(1, command).model_dump_json().encode())
        await tail.heard(row(2, command).model_dump_json().encode())
        found = await waiting
        assert found is not None
        assert found.row.seq == 2
        assert await tail.effect(command, lambda one: one.id == "1", 5) is not None
        assert await tail.effect(UUID(int=8), lambda _: True, 0.01) is None


async def test_what_cannot_be_read_is_asked_for() -> None:
    shelf = Shelf()
    async with Running(shelf) as tail:
        shelf.head = 3
        for bad in (b"", b"[]", b"null", b'{"seq": 1}', b"\xff", b'{"head": "x"}'):
            await tail.heard(bad)
        await eventually(lambda: tail.head == 3)
