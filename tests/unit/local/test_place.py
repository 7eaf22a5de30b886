"""What `make run` makes once and keeps: ports, secrets, addresses, the accounts file."""

import stat
import tomllib
from pathlib import Path
from socket import socket

import pytest

from deploy.local.accounts import write_accounts
from deploy.local.databases import addresses
from deploy.local.keys import generated, keep
from deploy.local.pages import content_hash
from deploy.local.ports import LOOPBACK, choose, free_ports, is_free, is_listening
from deploy.local.refusal import NotPossibleError


def test_a_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    file = generated(tmp_path / "secrets" / "token")
    first = file.read_text()
    assert len(first) == 64
    assert generated(file).read_text() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keep(file, "other").read_text() == "other"
    assert [path.name for path in file.parent.iterdir()] == ["token"]


def test_a_taken_port_is_left_alone() -> None:
    with socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        assert not is_free(port)
        assert is_listening(port)
        assert choose(port) != port
    assert choose(port) == port
    assert len(set(free_ports(20))) == 20


def test_without_a_server_each_service_has_its_file(tmp_path: Path) -> None:
    found = addresses(("router", "store"), tmp_path / "data", None)
    assert found == {name: f"sqlite:///{tmp_path}/data/{name}.db" for name in ("router", "store")}


@pytest.mark.parametrize("wrong", ["mysql://root@localhost/chat", "postgresql://localhost", "chat"])
def test_another_kind_of_address_is_refused_in_words(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(NotPossibleError, match="postgresql://user:password@host/name"):
        addresses(("router",), tmp_path, wrong)


def test_the_accounts_file_follows_the_port_until_somebody_edits_it(tmp_path: Path) -> None:
    file, secret = tmp_path / "accounts.toml", tmp_path / "secret"
    write_accounts(file, {"website": 8081}, secret)
    write_accounts(file, {"website": 9999}, secret)
    site = tomllib.loads(file.read_text())["webchat"][0]
    assert site["origins"] == ["http://127.0.0.1:9999", "http://localhost:9999"]

    edited = file.read_text().partition("\n")[2]
    file.write_text(edited)
    write_accounts(file, {"website": 8081}, secret)
    assert file.read_text() == edited


def test_a_page_is_built_again_when_a_file_or_its_name_changes_but_not_for_what_was_built(
    tmp_path: Path,
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.ts").write_text("1")
    first = content_hash(tmp_path)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "main.js").write_text("1")
    assert content_hash(tmp_path) == first
    (tmp_path / "src" / "main.ts").rename(tmp_path / "src" / "other.ts")
    second = content_hash(tmp_path)
    (tmp_path / "src" / "other.ts").write_text("2")
    assert len({first, second, content_hash(tmp_path)}) == 3
