"""OAuth2 in the place of a password: Dovecot's own check, and a token server that takes back."""

import pytest

from shared.failure import ChannelDown, Retryable
from tests.support.mailroom import Mailroom, mail
from tests.support.token_endpoint import TokenEndpoint

pytestmark = pytest.mark.feature("CH11")
CHAT = "q@mail.example"


@pytest.fixture
def granted(room: Mailroom, tokens: TokenEndpoint) -> Mailroom:
    """A mailbox that is opened by a token; its refresh token is named after its user."""
    tokens.grant(f"refresh-{room.user}", room.user)
    tokens.renewals.clear()
    room.smtp.tokens = tokens.tokens
    room.hurried(idle_seconds=0.05)
    return room.open(
        password=f"refresh-{room.user}", token_url=tokens.url, client_id="switchboard", scope="mail"
    )


async def test_a_token_opens_both_servers_and_is_asked_for_once(
    granted: Mailroom, tokens: TokenEndpoint
) -> None:
    await granted.begin()
    granted.deliver(mail("How much?", message_id=CHAT))
    await granted.heard(1)
    await granted.send("Ten", CHAT)
    assert granted.smtp.logins == [granted.user]
    (form,) = tokens.renewals
    assert form == {
        "grant_type": "refresh_token", "refresh_token": f"refresh-{granted.user}",
        "client_id": "switchboard", "scope": "mail",
    }  # fmt: skip


async def test_a_token_is_renewed_before_its_end(granted: Mailroom, tokens: TokenEndpoint) -> None:
    tokens.expires_in = 0.01
    await granted.begin()
    await granted.channel.close()
    tokens.expires_in = 3600
    await granted.begin()
    await granted.channel.close()
    await granted.begin()
    assert len(tokens.renewals) == 2


async def test_a_token_that_a_server_forgot_is_renewed_at_once(
    granted: Mailroom, tokens: TokenEndpoint
) -> None:
    await granted.begin()
    await granted.channel.close()
    tokens.end_tokens()
    await granted.begin()
    assert len(tokens.renewals) == 2
    granted.deliver(mail("How much?", message_id=CHAT))
    await granted.heard(1)
    tokens.end_tokens()
    await granted.send("Ten", CHAT)
    assert len(granted.smtp.mails) == 1
    assert len(tokens.renewals) == 3


async def test_access_that_was_taken_back_needs_somebody(granted: Mailroom, tokens: TokenEndpoint) -> None:
    await granted.begin()
    await granted.channel.close()
    tokens.revoke(f"refresh-{granted.user}")
    with pytest.raises(ChannelDown, match="login_needed"):
        await granted.begin()
    with pytest.raises(ChannelDown, match="login_needed"):
        await granted.channel.probe()
    tokens.grant(f"refresh-{granted.user}", granted.user)
    await granted.channel.probe()


async def test_a_token_server_that_is_away_is_asked_again(granted: Mailroom, tokens: TokenEndpoint) -> None:
    tokens.fail_with = 503
    try:
        with pytest.raises(Retryable):
            await granted.begin()
    finally:
        tokens.fail_with = 0
    await granted.begin()
