"""The private broker of `make run` and of tests: whenever it is killed, what it left is found and ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import aio_pika
import pytest

from deploy.local.processes import MARK_VARIABLE, Process, Run, RunAliveError, marked
from deploy.local.rabbitmq import RabbitNode
from tests.support.broker import Broker
from tests.support.session import command_line
from tests.support.waiting import eventually, eventually_blocking

ROOT = Path(__file__).parents[2]


def kept_running(folder: Path) -> subprocess.Popen[str]:
    """A process that owns a run with a broker, as `make run` does, until it is signalled."""
    command = [sys.executable, "-m", "tests.support.broker", str(folder)]
    owner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert "RabbitMQ is up" in owner.stdout.readline()
    return owner


def of_run(folder: Path) -> list[Process]:
    run = Run.read(folder)
    assert run is not None
    return run.left()


def test_leftovers_of_a_killed_owner_are_found_and_ended_epmd_too(tmp_path: Path) -> None:
    owner = kept_running(tmp_path)
    with owner:
        left = of_run(tmp_path)
        words = "\n".join(command_line(process) for process in left)
        assert "beam.smp" in words
        assert "epmd" in words
        with pytest.raises(RunAliveError, match=str(owner.pid)):
            Run.begin(tmp_path)
        owner.send_signal(signal.SIGKILL)
        owner.wait(10)
    assert all(process.alive for process in left if "beam" in command_line(process)), (
        "the kill left it running"
    )

    again = Run.begin(tmp_path)

    assert not [command_line(process) for process in left if process.alive]
    again.end()


def test_an_interrupted_owner_leaves_nothing(tmp_path: Path) -> None:
    with kept_running(tmp_path) as owner:
        left = of_run(tmp_path)
        owner.send_signal(signal.SIGINT)
        assert owner.wait(20) == 0
    assert not [process for process in left if process.alive]


async def test_what_is_on_disk_survives_a_kill_of_the_node(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    try:
        broker = Broker(run, RabbitNode.at(tmp_path))
        broker.start()
        await _put(broker.node.url(), b"kept")
        await eventually(lambda: _register_names_the_queue(tmp_path))
        killed = broker.pid
        broker.kill()
        assert not broker.node.listening()
        broker.start()
        assert broker.pid != killed
        assert await _take(broker.node.url()) == b"kept"
    finally:
        run.end()


async def _put(url: str, body: bytes) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("letters", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, routing_key="letters")


def _register_names_the_queue(folder: Path) -> bool:
    """RabbitMQ 3.10 writes new quorum queues down half a second late: killed before, they are lost."""
    return any(b"letters" in register.read_bytes() for register in folder.glob("data/*/quorum/*/names.dets"))


async def _take(url: str) -> bytes:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue("letters")
        async with queue.iterator(timeout=20) as letters:
            async for letter in letters:
                await letter.ack()
                return letter.body
    raise AssertionError("no letter came")


def test_a_pid_that_was_given_to_another_process_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        living = Process.find(stranger.pid)
        assert living is not None
        recorded = Process(living.pid, living.started - 1)
        assert not recorded.alive
        recorded.signal(signal.SIGKILL)
        owner = Process(recorded.pid, recorded.started)
        Run(tmp_path, "no-such-mark", owner, [recorded]).end()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_what_a_child_of_a_child_started_is_found_by_its_mark(tmp_path: Path) -> None:
    run = Run.begin(tmp_path)
    orphaning = ["sh", "-c", "setsid sleep 60 & echo done"]
    run.start(orphaning, dict(os.environ), tmp_path / "log").wait()
    said = eventually_blocking(
        lambda: [one for one in map(command_line, marked(run.mark)) if "sleep 60" in one]
    )
    assert len(said) == len(marked(run.mark)) == 1, said
    assert MARK_VARIABLE not in os.environ or run.mark not in os.environ[MARK_VARIABLE]
    run.end()
    assert not marked(run.mark)
