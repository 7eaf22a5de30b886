"""Where requests come from, what the settings make of it, and what a policy of the page allows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import make_mocked_request

from gateways.desk.admission import Origins
from gateways.desk.guessing import limits, network_of
from gateways.desk.page import page_headers
from gateways.desk.settings import DeskSettings
from gateways.desk.viewers import Known
from shared.access import Viewer
from shared.config import ConfigError
from shared.contract.feed import Sight

TOKEN = {"SWITCHBOARD_SERVICE_TOKEN": "x" * 20}
PROXIES = ("10.0.0.0/8", "fd00::/8")


class Transport:
    """A connection from an address."""

    def __init__(self, peer: str) -> None:
        self.peer = peer

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self.peer, 1) if name == "peername" else default


def address(peer: str, forwarded: str | None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers=headers, transport=Transport(peer))
    return Origins((), PROXIES).address(request)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("1.2.3.4", None, "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2", "9.9.9.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, forwarded: str | None, expected: str) -> None:
    assert address(peer, forwarded) == expected


def test_who_has_one_ipv6_address_has_its_network() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.7") == "192.0.2.7"


def test_no_login_can_be_taken_for_another_bucket() -> None:
    logins = ["anna", 'anna" from 1.2.3.4', "anna from 1.2.3.4", "all", 'x"']
    buckets = [limit.bucket for login in logins for limit in limits(login, "1.2.3.4", None)]
    ours = [bucket for bucket in buckets if bucket not in ("all", "from 1.2.3.4")]
    assert len(set(ours)) == len(ours)
    assert all(json.loads(bucket.removeprefix("login ").split(" from ")[0] or '""') for bucket in ours[:2])


def test_the_workplace_is_opened_here_unless_said_otherwise() -> None:
    assert DeskSettings.read(TOKEN).origins == ("http://127.0.0.1:8080", "http://localhost:8080")
    said = TOKEN | {"SWITCHBOARD_PUBLIC_ORIGINS": "https://Desk.Example/, https://two.example:8443"}
    assert DeskSettings.read(said).origins == ("https://desk.example", "https://two.example:8443")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PUBLIC_ORIGINS", "wwworkplace", "without a path"),
        ("PUBLIC_ORIGINS", "https://workplace/path", "without a path"),
        ("TRUSTED_PROXIES", "everybody", "trusted_proxies"),
        ("HTTP_PORT", "0", "public_origins"),
        ("SERVICE_TOKEN", "short", "16"),
        ("SESSION_IDLE_HOUR", "1", "session_idle_hours"),
    ],
)
def test_mistakes_in_settings_are_told(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        DeskSettings.read(TOKEN | {f"SWITCHBOARD_{name}": value})
    assert words in " ".join(told.value.lines).lower()
    assert len(value) < 3 or value not in " ".join(told.value.lines)


def test_cookies_are_secure_where_the_workplace_is() -> None:
    assert Origins(("https://a.example",)).secure
    assert not Origins(("http://127.0.0.1:8080",)).secure
    assert not Origins(("https://a.example", "http://127.0.0.1:8080")).secure


def test_the_page_runs_our_own_scripts_only() -> None:
    headers = page_headers(Origins(("https://desk.example",)))
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' wss://desk.example"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in page_headers(Origins(("http://127.0.0.1:1",)))


def test_sight_of_rows() -> None:
    me, other = uuid4(), uuid4()
    known = Known(Viewer(me, frozenset({"take", "audit.read"}), frozenset({"webchat.main"})), {}, 1)
    mine = Sight(account="webchat.main", status="active", assignee=me)
    assert known.sees(Sight())
    assert known.sees(mine)
    assert known.sees(Sight(account="webchat.main", status="new"))
    assert not known.sees(Sight(account="webchat.main", status="active", assignee=other))
    assert not known.sees(Sight(account="webchat.other", status="new"))
    assert known.sees(Sight(right="audit.read"))
    assert not known.sees(Sight(right="parked.manage"))
    assert not known.sees(None)


def test_access_is_named_by_what_may_be_seen_and_done() -> None:
    me = uuid4()
    base = Viewer(me, frozenset({"take"}), frozenset({"a.b"}), 1)
    names = {
        Known(viewer, {}, 1).access
        for viewer in (
            base,
            Viewer(me, frozenset({"take", "reply"}), frozenset({"a.b"}), 1),
            Viewer(me, frozenset({"take"}), frozenset({"a.c"}), 1),
            Viewer(me, frozenset({"take"}), frozenset(), 1),
            Viewer(me, frozenset({"take"}), frozenset({"a.b"}), 2),
        )
    }
    assert len(names) == 5
    assert Known(base, {"name": "other"}, 99).access == Known(base, {}, 1).access


def test_the_page_folder_is_ours_by_default() -> None:
    assert DeskSettings.read(TOKEN).page_folder == Path("gateways/desk/web/dist").absolute()
