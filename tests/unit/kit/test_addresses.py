"""Which addresses a request may go to: every trick of the list is refused before anything is connected."""

from ipaddress import ip_address

import pytest

from gateways.kit.addresses import Guard, is_global
from gateways.kit.unfetched import BLOCKED_WORDS, Blocked

REFUSED = {
    "file:///etc/passwd": "scheme",
    "gopher://example.org/": "scheme",
    "ftp://example.org/": "scheme",
    "data:text/html,x": "scheme",
    "//example.org/x": "scheme",
    "": "scheme",
    "http:/x": "malformed",
    "http:example.org": "malformed",
    "http:///x": "malformed",
    "http://example.org:80:80/": "malformed",
    "http://example.org:99999/": "malformed",
    "http://example.org\\@127.0.0.1/": "malformed",
    "http://example.org/\r\nHost: x": "malformed",
    "http://exa mple.org/": "malformed",
    "http://example.org/" + "x" * 9000: "malformed",
    "http://user@example.org/": "user",
    "http://example.org:80@127.0.0.1/": "user",
    "http://:@example.org/": "user",
    "http://127.1": "host",
    "http://127.0.0.1.1/": "host",
    "http://0x7f000001": "host",
    "http://0X7F.1/": "host",
    "http://2130706433": "host",
    "http://0177.0.0.1/": "host",
    "http://127.0.0.01/": "host",
    "http://017700000001/": "host",
    "http://%31%32%37.0.0.1/": "host",
    "http://a..example.org/": "host",
    "http://a.0x7f/": "host",
    "http://[fe80::1%25eth0]/": "host",
    "http://127.0.0.1/": "address",
    "http://127.0.0.1./": "address",
    "http://0.0.0.0/": "address",
    "http://１２７.0.0.1/": "address",
    "http://①②⑦.0.0.1/": "address",
    "http://127。0。0。1/": "address",
    "http://10.1.2.3/": "address",
    "http://172.16.0.1/": "address",
    "http://192.168.1.1/": "address",
    "http://169.254.169.254/latest/meta-data/": "address",
    "http://100.64.0.1/": "address",
    "http://100.100.100.200/": "address",
    "http://168.63.129.16/": "address",
    "http://192.0.0.192/": "address",
    "http://224.0.0.1/": "address",
    "http://255.255.255.255/": "address",
    "http://[::1]/": "address",
    "http://[::]/": "address",
    "http://[::7f00:1]/": "address",
    "http://[::ffff:127.0.0.1]/": "address",
    "http://[::ffff:169.254.169.254]/": "address",
    "http://[::ffff:8.8.8.8]/": "address",
    "http://[::ffff:0:127.0.0.1]/": "address",
    "http://[64:ff9b::7f00:1]/": "address",
    "http://[64:ff9b::169.254.169.254]/": "address",
    "http://[64:ff9b:1::1]/": "address",
    "http://[2002:7f00:1::]/": "address",
    "http://[2001:0:7f00:1::]/": "address",
    "http://[fd00::1]/": "address",
    "http://[fd00:ec2::254]/": "address",
    "http://[fe80::1]/": "address",
    "http://[ff02::1]/": "address",
    "http://localhost/": "name",
    "http://localhost./": "name",
    "http://LOCALHOST/": "name",
    "http://app.localhost/": "name",
    "http://rabbitmq/": "name",
    "http://metadata.google.internal/": "name",
    "http://printer.local/": "name",
    "http://example.org:22/": "port",
    "http://example.org:5432/": "port",
    "http://example.org:5672/": "port",
    "http://example.org:15672/": "port",
    "http://example.org:0/": "port",
    "http://127.0.0.1:5672/": "port",
}


@pytest.mark.parametrize("address", REFUSED)
def test_a_trick_is_refused_with_words(address: str) -> None:
    with pytest.raises(Blocked) as refused:
        Guard().target(address)
    assert refused.value.reason == REFUSED[address]
    assert refused.value.words == BLOCKED_WORDS[refused.value.reason]
    assert not refused.value.sent


RELATIVE = {"", "//example.org/x", "http:/x", "http:///x", "http:example.org"}
"""Refused as addresses; in a redirect they lead back to the open web."""


@pytest.mark.parametrize("address", sorted(REFUSED.keys() - RELATIVE))
def test_a_redirect_to_a_trick_is_refused(address: str) -> None:
    guard = Guard()
    with pytest.raises(Blocked):
        guard.next_hop(guard.target("https://example.org/a"), address)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("https://example.org", "example.org", 443),
        ("HTTP://EXAMPLE.org./x#@127.0.0.1", "example.org", 80),
        ("https://files_1.example.org:8443/a?b=c", "files_1.example.org", 8443),
        ("https://пример.рф/файл", "xn--e1afmkfd.xn--p1ai", 443),
        ("http://8.8.8.8/", "8.8.8.8", 80),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443),
        ("https://[64:ff9b::8.8.8.8]/", "64:ff9b::808:808", 443),
    ],
)
def test_the_open_web_is_admitted(address: str, host: str, port: int) -> None:
    target = Guard().target(address)
    assert (target.host, target.port, target.permitted) == (host, port, False)
    assert "#" not in str(target.url)


def test_a_redirect_may_be_relative_but_not_to_less_safety() -> None:
    guard = Guard()
    begun = guard.target("https://example.org/a/b")
    assert str(guard.next_hop(begun, "../c").url) == "https://example.org/c"
    assert guard.next_hop(begun, "//other.example/").host == "other.example"
    with pytest.raises(Blocked, match="encrypted"):
        guard.next_hop(begun, "http://example.org/a")


def test_what_is_permitted_is_exactly_one_end_point_and_only_from_within() -> None:
    guard = Guard(permitted=["127.0.0.1:8081", "Provider.internal:9000", "[::1]:7000"])
    inside = guard.target("http://127.0.0.1:8081/bot")
    assert inside.permitted
    assert guard.target("http://provider.internal.:9000/").permitted
    assert guard.target("http://[::1]:7000/").permitted
    assert guard.next_hop(inside, "http://provider.internal:9000/x").permitted
    for address in ("http://127.0.0.1/", "http://127.0.0.1:9000/", "http://127.1:8081/"):
        with pytest.raises(Blocked):
            guard.target(address)
    with pytest.raises(Blocked):
        guard.next_hop(guard.target("http://example.org/"), "http://127.0.0.1:8081/bot")


@pytest.mark.parametrize("entry", ["localhost", ":80", "host:", "host:0", "host:70000", "host:ports"])
def test_a_permitted_end_point_names_host_and_port(entry: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Guard(permitted=[entry])


def test_neighbours_of_closed_networks_are_open() -> None:
    for address in (
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "223.255.255.255",
        "2001:200::1",
    ):
        assert is_global(ip_address(address)), address
