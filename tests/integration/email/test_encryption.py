"""Mail servers are spoken to in TLS, and only those that are who they say."""

from pathlib import Path

import pytest

from gateways.kit.unfetched import Unfetched
from shared.failure import Retryable
from tests.integration.kit.certificate import certificate
from tests.support.dovecot import PASSWORD
from tests.support.imap_script import ImapScript
from tests.support.mailroom import Mailroom, mail
from tests.support.smtp_server import SmtpServer

pytestmark = pytest.mark.feature("CH11")
ENCRYPTED = {"imap_host": "localhost", "imap_security": "tls", "smtp_host": "localhost"}


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_and_its_answer_in_tls(
    room: Mailroom, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving, _ = certificate(tmp_path, "localhost")
    imap, smtp = ImapScript([mail("before")]), SmtpServer(PASSWORD)
    imap.tls = smtp.tls = serving
    smtp.starts_tls = security == "starttls"
    async with imap, smtp:
        ports = {"imap_port": imap.port, "smtp_port": smtp.port, "smtp_security": security}
        room.imap_port = imap.port
        room.open(**ENCRYPTED, **ports, sent_folder=None)
        with pytest.raises(Unfetched):
            await room.begin()
        with pytest.raises(Retryable):
            await room.channel.probe()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        await room.begin()
        imap.deliver(mail("How much?", message_id="q@mail.example"))
        await room.heard(1)
        await room.send("Ten", "q@mail.example")
        assert len(smtp.mails) == 1
        await room.close()


async def test_a_server_without_starttls_gets_no_password(room: Mailroom) -> None:
    room.open(smtp_security="starttls")
    await room.begin()
    room.deliver(mail("How much?", message_id="q@mail.example"))
    await room.heard(1)
    with pytest.raises(Retryable):
        await room.send("Ten", "q@mail.example")
    assert not room.smtp.logins
