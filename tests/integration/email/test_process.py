"""The gateway as a process, on a real broker: a mail, its answer, the answer to that, over kills."""

import asyncio
from collections.abc import AsyncIterator, Callable
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest

from gateways.email.door import PACKAGE
from tests.integration.files.pictures import encoded, four_colours
from tests.support.dovecot import Dovecot
from tests.support.email_process import Post, post, write_accounts
from tests.support.mailroom import mail
from tests.support.smtp_server import SILENT, SmtpServer
from tests.support.waiting import eventually

PICTURE = encoded(four_colours(), "PNG")

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH11")]  # processes of their own


@pytest.fixture
def user() -> str:
    return f"p{uuid4().hex[:12]}"


@pytest.fixture
async def office(
    emptied_host: str,
    migrated_url: Callable[[str], str],
    dovecot: Dovecot,
    smtp: SmtpServer,
    user: str,
    tmp_path: Path,
) -> AsyncIterator[Post]:
    accounts = write_accounts(tmp_path, user, dovecot.port, smtp.port)
    async with post(emptied_host, migrated_url(PACKAGE), accounts) as made:
        yield made


async def test_a_conversation_by_mail_over_kills(
    office: Post, dovecot: Dovecot, smtp: SmtpServer, user: str
) -> None:
    smtp.taken = lambda raw: dovecot.deliver(user, raw, "Sent")
    async with office.replica() as replica:
        await eventually(lambda: replica.logged("mailbox_begun"))
        dovecot.deliver(user, mail("How much is it?", message_id="e2e@mail.example", picture=PICTURE))
        await eventually(office.heard)
        (asked,) = office.heard()
        assert asked["content"]["parts"][0]["text"] == "How much is it?"

        stored = await eventually(lambda: office.router.of_type("inbound.stored.v1"))
        assert stored[0]["data"]["attachment_id"] == asked["content"]["parts"][1]["file"]["attachment_id"]
        assert stored[0]["data"]["width"] > 0

        smtp.script("data", SILENT)
        message = await office.send("Ten", asked["dialog"]["chat"], author_name="Olga")
        await eventually(lambda: smtp.mails)
        await replica.kill()
    async with office.replica(FAULT_AT="after_accept_commit:1") as replica:
        await eventually(lambda: office.router.outcomes(message) == ["sent"], seconds=20)
        (sent,) = smtp.mails
        name = message_from_bytes(sent.content, policy=policy.default)["Message-ID"]
        dovecot.deliver(user, mail("Thanks", subject="Re: A question", headers={"In-Reply-To": str(name)}))
        assert await replica.ended() == 137
    async with office.replica():
        await eventually(lambda: len(office.heard()) == 2, seconds=20)
        await asyncio.sleep(0.3)  # nothing more comes
    answered = office.heard()[1]
    assert answered["dialog"] == asked["dialog"]
    assert answered["content"]["parts"][0]["text"] == "Thanks"
    assert len(office.heard()) == 2
    assert len(smtp.mails) == 1
