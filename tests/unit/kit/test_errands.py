"""Errands are tried once, within bounds; whoever runs them fails for nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from gateways.kit.accounts import Account
from gateways.kit.beside import Errand
from gateways.kit.channel import Sent
from gateways.kit.condition import Account as AccountName
from gateways.kit.condition import Condition, Owned
from gateways.kit.errands import Errands
from gateways.kit.spares import Spares
from shared.clock import SystemClock
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage
from tests.support.waiting import eventually


@asynccontextmanager
async def running(**bounds: Any) -> AsyncIterator[Errands]:
    errands = Errands(**bounds)
    task = asyncio.create_task(errands.run())
    try:
        yield errands
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_bound_on_those_in_flight_on_those_that_wait_and_on_their_time() -> None:
    begun: list[int] = []
    ended: list[int] = []
    failed: list[Exception] = []

    def work(number: int) -> Any:
        async def hang() -> None:
            begun.append(number)
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(number)

        return hang

    async with running(seconds=0.05, in_flight=2, waiting=3) as errands:
        await asyncio.sleep(0)
        for number in range(9):
            errands.add("main", "run", work(number), failed.append)
        assert begun == []
        await eventually(lambda: len(begun) == 2)
        assert ended == []
        await eventually(lambda: ended == [0, 1, 2])
        assert begun == [0, 1, 2], "those beyond three were dropped"
        assert [type(error) for error in failed] == [TimeoutError] * 3
        errands.add("main", "run", work(9))
        await eventually(lambda: begun[-1] == 9)


class Shop:
    """A channel that keeps what it ran."""

    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(self, account: Account) -> None:
        self.account = account
        self.ran: list[Errand] = []
        self.closed = 0

    async def send(self, _message: Envelope[SendMessage]) -> Sent:
        return Sent(())

    async def probe(self) -> None:
        return

    async def run(self, errand: Errand) -> None:
        if errand.get("fails"):
            raise RuntimeError("a bug")
        self.ran.append(errand)

    async def close(self) -> None:
        self.closed += 1


async def test_an_errand_runs_on_our_own_channel_or_on_a_spare_one() -> None:
    opened: list[Shop] = []

    def open_channel(account: Account) -> Shop:
        opened.append(Shop(account))
        return opened[-1]

    owned: dict[str, Owned] = {}
    first, renamed = Account(slug="main", name="Shop"), Account(slug="main", name="Bakery")
    async with running(in_flight=1) as errands:
        spares = Spares(open_channel, owned, errands)
        spares.run_errands("main", [{"before": "any account"}])
        await asyncio.sleep(0.01)
        spares.follow([first])
        spares.run_errands("main", [{"fails": True}, {"n": 1}, {"n": 2}])
        await eventually(lambda: opened and len(opened[0].ran) == 2)
        assert opened[0].ran == [{"n": 1}, {"n": 2}]
        spares.follow([renamed])
        spares.run_errands("main", [{"n": 3}])
        await eventually(lambda: len(opened) == 2 and opened[1].ran)
        assert (opened[0].closed, opened[1].account.name) == (1, "Bakery")
        mine = Shop(renamed)
        owned["main"] = Owned(mine, Condition(AccountName("acme", "main"), SystemClock()))
        spares.run_errands("main", [{"n": 4}])
        await eventually(lambda: mine.ran == [{"n": 4}])
        assert opened[1].closed == 1, "the spare one is not needed any more"
        del owned["main"]
        spares.run_errands("main", [{"n": 5}])
        await eventually(lambda: len(opened) == 3 and opened[2].ran)
        await spares.close()
        assert (opened[2].closed, mine.closed) == (1, 0)
