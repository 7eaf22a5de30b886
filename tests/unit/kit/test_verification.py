"""What proves a webhook call, and what only looks like it."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict, MultiDict
from pydantic import SecretStr

from gateways.kit.verification import (
    Call,
    EqualHeader,
    EqualQuery,
    HmacHeader,
    SecretInBody,
    StampedHmacHeader,
    UnguessablePath,
    Verification,
)
from shared.clock import FixedClock

SECRET = SecretStr("correct-horse")
BODY = b'{"b":1,  "a":"\\u0439"}'
HEX = hmac.new(b"correct-horse", BODY, hashlib.sha256).hexdigest()
TOKEN = EqualHeader("X-Token", SECRET)
IN_JSON = SecretInBody("secret", SECRET)
IN_FORM = SecretInBody("s", SECRET, "form")
PROOF = HmacHeader("X-Hub-Signature-256", SECRET, prefix="sha256=")


def call(body: bytes = BODY, *headers: tuple[str, str], key: str = "", query: str = "") -> Call:
    return Call(body, CIMultiDict(headers), MultiDict({"token": query} if query else {}), key)


def signed(value: str, body: bytes = BODY) -> Call:
    return call(body, ("x-hub-signature-256", value))


def test_the_right_signature() -> None:
    assert PROOF.holds(signed(f"sha256={HEX}"))


@pytest.mark.parametrize(
    "given",
    [
        call(),
        signed(""),
        signed("sha256="),
        signed(HEX),
        signed(f"sha1={HEX}"),
        signed(f"SHA256={HEX}"),
        signed(f"sha256={HEX.upper()}"),
        signed(f"sha256={HEX} "),
        signed(f"sha256={HEX[:-1]}"),
        signed("sha256=" + "é" * 64),
        signed("sha256=\udcff"),
        signed(f"sha256={HEX}", json.dumps(json.loads(BODY)).encode()),
        signed(f"sha256={HEX}", BODY + b"\n"),
        signed("sha256=" + hmac.new(b"another", BODY, hashlib.sha256).hexdigest()),
        signed("sha256=" + hmac.new(b"correct-horse", BODY, hashlib.sha512).hexdigest()),
        signed("sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()),
        call(BODY, ("X-Hub-Signature-256", f"sha256={HEX}"), ("X-Hub-Signature-256", f"sha256={HEX}")),
        call(BODY, ("X-Hub-Signature-256", "x"), ("x-hub-signature-256", f"sha256={HEX}")),
        call(BODY, ("X-Hub-Signature", f"sha256={HEX}")),
    ],
)
def test_what_only_looks_like_it(given: Call) -> None:
    assert not PROOF.holds(given)


def test_the_other_spellings_of_a_signature() -> None:
    digest = hmac.digest(b"correct-horse", BODY, "sha512")
    assert HmacHeader("X", SECRET, "sha512").holds(call(BODY, ("X", digest.hex())))
    proof = HmacHeader("X", SECRET, "sha512", encoding="base64")
    assert proof.holds(call(BODY, ("X", base64.b64encode(digest).decode())))
    assert not proof.holds(call(BODY, ("X", base64.urlsafe_b64encode(digest).decode().rstrip("="))))


def test_a_stamp_is_signed_too_and_grows_old() -> None:
    now = datetime(2026, 1, 31, 10, tzinfo=UTC)
    proof = StampedHmacHeader("X-Sign", "X-At", SECRET, FixedClock(now))

    def stamped(at: datetime, said: str | None = None) -> Call:
        seconds = str(int(at.timestamp()))
        sign = hmac.new(b"correct-horse", seconds.encode() + b"." + BODY, hashlib.sha256).hexdigest()
        return call(BODY, ("X-Sign", sign), ("X-At", seconds if said is None else said))

    for minutes in (-5, 0, 5):
        assert proof.holds(stamped(now + timedelta(minutes=minutes)))
    for minutes in (-60, -6, 6):
        assert not proof.holds(stamped(now + timedelta(minutes=minutes)))
    assert not proof.holds(stamped(now - timedelta(hours=1), said=str(int(now.timestamp()))))
    for said in ("", "now", "-1", "١٢٣", "9" * 400):
        assert not proof.holds(stamped(now, said))


@pytest.mark.parametrize(
    ("proof", "right", "wrong"),
    [
        (TOKEN, call(b"", ("x-token", "correct-horse")), call(b"", ("x-token", "correct"))),
        (EqualQuery("token", SECRET), call(query="correct-horse"), call(query="Correct-horse")),
        (UnguessablePath(SECRET), call(key="correct-horse"), call(key="correct-horse/")),
        (IN_JSON, call(b'{"secret":"correct-horse"}'), call(b'{"secret":["correct-horse"]}')),
        (IN_JSON, call(b'{"secret":"correct-horse"}'), call(b"[" * 100_000)),
        (IN_JSON, call(b'{"secret":"correct-horse"}'), call(b'"correct-horse"')),
        (IN_FORM, call(b"a=1&s=correct-horse"), call(b"s=correct-horse&s=correct-horse")),
    ],
)
def test_secrets_as_they_are(proof: Verification, right: Call, wrong: Call) -> None:
    assert proof.holds(right)
    assert not proof.holds(wrong)
    assert not proof.holds(call())
    assert "correct-horse" not in repr(proof)


def test_a_secret_that_anybody_guesses_is_a_mistake() -> None:
    for made in (
        lambda: HmacHeader("X", SecretStr("")),
        lambda: EqualHeader("X", SecretStr("1234567")),
        lambda: UnguessablePath(SecretStr("short")),
    ):
        with pytest.raises(ValueError, match="at least 8"):
            made()
