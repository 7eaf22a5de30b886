"""All services as processes of their own, on free ports, over a given broker and fresh databases.

    async with Stack(amqp_url, database_url) as stack:
        anna = await stack.add_operator("anna", accounts=["webchat.main"])
        await stack.start("desk", replica=2)
        stack.member("router").kill()

`database_url(name)` is called once for each owner of a database; its replicas share it. Two sites are
connected, `webchat.main` and `webchat.other` (`Stack.sites`). Leaving ends everything in whatever state.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from shared.db.migrate import upgrade
from tests.support.hiring import hire, set_password
from tests.support.member import Member, inherited
from tests.support.quiet_ports import give_back, quiet_ports
from tests.support.visitor import Visitor
from tests.support.warm import ROOT, run_warm

SERVICE_TOKEN = "the-word-of-the-services-of-this-stack"
PASSWORD = "a-password-for-tests-only"
KINDS = ("router", "store-write", "store-serve", "webchat", "desk")
_COMMANDS = {
    "router": ("router",),
    "store-write": ("store", "write"),
    "store-serve": ("store", "serve"),
    "webchat": ("gateways", "webchat"),
    "desk": ("gateways.desk",),
}
_OWNERS = {
    "router": "router",
    "store-write": "store",
    "store-serve": "store",
    "webchat": "webchat",
    "desk": "desk",
}
_PACKAGES = {"router": "router", "store": "store", "webchat": "gateways.webchat", "desk": "gateways.desk"}
_WITH_HTTP = ("store-serve", "webchat", "desk")
_WITH_FILES = ("store-write", "webchat", "desk")


@dataclass(frozen=True, slots=True)
class Site:
    """A connected site: `account` is its `channel.account`."""

    slug: str
    key: str
    origin: str

    @property
    def account(self) -> str:
        return f"webchat.{self.slug}"


@dataclass(frozen=True, slots=True)
class Signer:
    """An operator who can sign in."""

    login: str
    password: str
    operator_id: UUID


@dataclass
class Stack:
    """`settings`: variables without their prefix, for all services or, under a kind, for that kind alone.
    `warm`: services are forked (tests/support/warm.py), not started as a user does."""

    amqp_url: str
    database_url: Callable[[str], str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    kinds: Sequence[str] = KINDS
    sites: Sequence[Site] = (
        Site("main", "site_main", "http://shop.test"),
        Site("other", "site_other", "http://other.test"),
    )
    warm: bool = False

    def __post_init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.databases: dict[str, str] = {}
        self._http_ports: dict[str, int] = {}
        self._ports: list[int] = []
        self._folder = tempfile.TemporaryDirectory(prefix="switchboard-stack-")

    @property
    def folder(self) -> Path:
        """Logs and the accounts file; it goes with the stack."""
        return Path(self._folder.name)

    @property
    def blobs_folder(self) -> Path:
        """Where the files of messages lie."""
        return self.folder / "blobs"

    async def __aenter__(self) -> Self:
        try:
            self._write_accounts()
            for owner in dict.fromkeys(_OWNERS[kind] for kind in self.kinds):
                self.databases[owner] = self.database_url(owner)
                await asyncio.to_thread(upgrade, self.databases[owner], _PACKAGES[owner])
            await asyncio.gather(*(self.start(kind) for kind in self.kinds))
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print(self.last_words(), file=sys.stderr)
        self._end()

    async def start(self, kind: str, replica: int = 1, **changes: str) -> Member:
        """Starts a process (again) and waits until it is ready; `changes` as in `Member.start`."""
        name = _name(kind, replica)
        if name not in self.members:
            self.members[name] = self._new(kind, name)
        member = self.members[name]
        member.start(**changes)
        await member.ready()
        return member

    @asynccontextmanager
    async def another(self, kind: str, **changes: str) -> AsyncIterator[str]:
        """One more replica while the block lasts, and its logs with it; its base address. `changes` as in
        `start`."""
        replica = 2
        while _name(kind, replica) in self._http_ports:
            replica += 1
        name = _name(kind, replica)
        await self.start(kind, replica, **changes)
        try:
            yield f"http://127.0.0.1:{self._http_ports[name]}"
        finally:
            self.members.pop(name).end()
            del self._http_ports[name]

    def member(self, kind: str, replica: int = 1) -> Member:
        return self.members[_name(kind, replica)]

    def urls(self, kind: str) -> list[str]:
        """Base addresses of all replicas of `store-serve`, `webchat` or `desk`."""
        return [
            f"http://127.0.0.1:{port}"
            for name, port in self._http_ports.items()
            if name.rpartition("-")[0] == kind or name == kind
        ]

    @property
    def desk_url(self) -> str:
        return self.urls("desk")[0]

    @property
    def webchat_url(self) -> str:
        return self.urls("webchat")[0]

    @property
    def store_url(self) -> str:
        return self.urls("store-serve")[0]

    def visitor(self, site: Site | None = None) -> Visitor:
        """A visitor of a site (of the first), who is not connected yet; see tests/support/visitor.py."""
        site = site or self.sites[0]
        urls = [f"{url.replace('http', 'ws', 1)}/ws" for url in self.urls("webchat")]
        return Visitor(urls, site=site.key, origin=site.origin)

    async def say(self, kind: str, *words: str) -> str:
        """What a service's command line writes; an error when it refuses."""
        module, environment = _COMMANDS[kind][0], self.member(kind).environment
        if self.warm:
            code, said = await run_warm([module, *words], environment)
            complained = said
        else:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *words,
                cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            said, complained = [spoken.decode() for spoken in await process.communicate()]
            code = await process.wait()
        if code != 0:
            raise AssertionError(f"{module} {' '.join(words)}: {complained}")
        return said.strip()

    async def add_operator(
        self,
        login: str,
        *,
        role: str = "operator",
        accounts: Sequence[str] | None = None,
        groups: Sequence[str] = (),
        without: Sequence[str] = (),
        name: str | None = None,
        password: str = PASSWORD,
    ) -> Signer:
        """An operator with a password, of all accounts unless some are named."""
        fields: dict[str, Any] = {"login": login, "name": name or f"{login.title()} Person", "role": role}
        for word, given in (("accounts", accounts), ("groups", groups), ("without", without)):
            if given:
                fields[word] = tuple(given)
        operator_id = await hire(self.amqp_url, fields)
        await set_password(self.databases["desk"], login, operator_id, password)
        return Signer(login, password, operator_id)

    def logs(self, event: str | None = None) -> list[dict[str, Any]]:
        """Lines of all processes in order of time."""
        lines = [line for member in self.members.values() for line in member.lines(event)]
        return sorted(lines, key=lambda line: str(line.get("ts", "")))

    def complaints(self) -> str:
        """What any process called an error, a line each: our own bugs, unless a test asked for them."""
        ours = [line for line in self.logs() if line.get("event") != "library_spoke"]
        return "\n".join(str(line) for line in ours if line.get("level") in ("error", "critical"))

    def last_words(self) -> str:
        return "\n".join(f"--- {name}\n{member.tail(25)}" for name, member in self.members.items())

    def _new(self, kind: str, name: str) -> Member:
        ops_port, http_port = quiet_ports(2)
        self._ports += (ops_port, http_port)
        settings: dict[str, str] = {
            "amqp_url": self.amqp_url,
            "database_url": self.databases[_OWNERS[kind]],
            "ops_port": str(ops_port),
            "instance": name,
            "drain_seconds": "10",
        }
        if kind in _WITH_HTTP:
            self._http_ports[name] = http_port
            settings["http_port"] = str(http_port)
        if kind in ("store-serve", "desk"):
            settings["service_token"] = SERVICE_TOKEN
        if kind in _WITH_FILES:
            settings["blobs_url"] = f"file://{self.blobs_folder}"
        if kind == "webchat":
            settings |= {"accounts_file": str(self.folder / "accounts.toml"), "rate_messages": "10000"}
        if kind == "desk":
            settings["store_url"] = self._store_url()
        common = {key: str(value) for key, value in self.settings.items() if not isinstance(value, Mapping)}
        settings |= common | {key: str(value) for key, value in self.settings.get(kind, {}).items()}
        environment = {f"SWITCHBOARD_{key.upper()}": value for key, value in settings.items()}
        return Member(
            name,
            ["-m", *_COMMANDS[kind]],
            inherited() | environment,
            self.folder / f"{name}.log",
            ops_port,
            warm=self.warm,
        )

    def _store_url(self) -> str:
        """Where the first server of queries listens, or will."""
        if "store-serve" not in self.members:
            self.members["store-serve"] = self._new("store-serve", "store-serve")
        return self.store_url

    def _write_accounts(self) -> None:
        tables = []
        for site in self.sites:
            (self.folder / f"{site.slug}.secret").write_text(secrets.token_hex(32))
            tables.append(
                f'[[webchat]]\nslug = "{site.slug}"\nname = "{site.slug.title()} shop"\n'
                f'site_key = "{site.key}"\norigins = ["{site.origin}"]\nsecret_file = "{site.slug}.secret"\n'
            )
        (self.folder / "accounts.toml").write_text("\n".join(tables))

    def _end(self) -> None:
        for member in self.members.values():
            member.end()
        give_back(self._ports)
        self._ports.clear()
        self._folder.cleanup()


def _name(kind: str, replica: int) -> str:
    if kind not in KINDS:
        raise ValueError(f"there is no {kind}; there are {', '.join(KINDS)}")
    return kind if replica == 1 else f"{kind}-{replica}"
