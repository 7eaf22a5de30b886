"""The accounts file of e-mail: mistakes named with line and remedy, secrets from files."""

from pathlib import Path

import pytest

from gateways.email.accounts import EmailAccount
from gateways.email.door import CONNECTOR
from gateways.email.settings import EmailSettings
from shared.environment import ConfigError

pytestmark = pytest.mark.feature("CH11")
GOOD = """
[[email]]
slug = "main"
name = "Shop"
address = "Support@shop.example"
secret_file = "main.secret"
imap_host = "imap.shop.example"
smtp_host = "smtp.shop.example"
"""


def read(folder: Path, text: str) -> list[EmailAccount]:
    (folder / "main.secret").write_text("short\n")
    path = folder / "accounts.toml"
    path.write_text(text)
    return CONNECTOR.accounts(EmailSettings(accounts_file=path), ["email", "webchat"])


def test_an_account_with_defaults(tmp_path: Path) -> None:
    (account,) = read(tmp_path, GOOD)
    assert (account.address, account.login, account.domain) == (
        "support@shop.example", "support@shop.example", "shop.example",
    )  # fmt: skip
    assert (account.imap_at, account.smtp_at) == (("imap.shop.example", 993), ("smtp.shop.example", 465))
    assert account.secret.get_secret_value() == "short"
    assert not account.files_sent


@pytest.mark.parametrize(
    ("host", "files"), [("smtp.gmail.com", True), ("smtp.office365.com", True), ("mail.ru", False)]
)
def test_who_files_what_is_sent_is_known(tmp_path: Path, host: str, files: bool) -> None:
    (account,) = read(tmp_path, GOOD.replace("smtp.shop.example", host))
    assert account.files_sent is files


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('address = "Shop <support@shop.example>"', ":5: address: .*no plain address"),
        ('imap_security = "starttls"', ":9: imap_security: .*correct it"),
        ('token_url = "https://auth.example/token"', ":2: .*token_url and client_id stand together"),
        ("files_its_own_sent = true", ":2: .*files_its_own_sent needs sent_folder"),
        ('folders = ["INBOX", "INBOX"]', ":2: .*folders names one twice"),
        ('time_zone = "Moscow"', ":9: time_zone: .*Europe/Moscow"),
        ("mails_per_minute = 0", ":9: mails_per_minute: .*greater than 0"),
        ('pasword = "x"', ":9: pasword is not known here"),
        ('secret = "x"', ":9: no secrets in this file"),
    ],
)
def test_a_mistake_has_a_line_and_a_remedy(tmp_path: Path, line: str, words: str) -> None:
    name = line.partition(" ")[0]
    kept = (
        [one for one in GOOD.splitlines() if not one.startswith(f"{name} ")]
        if name == "address"
        else GOOD.splitlines()
    )
    if name == "address":
        kept.insert(4, line)
    with pytest.raises(ConfigError, match=words):
        read(tmp_path, "\n".join(kept if name == "address" else [*kept, line]))


def test_the_second_secret_of_oauth(tmp_path: Path) -> None:
    oauth = (
        GOOD
        + 'token_url = "https://auth.example/token"\nclient_id = "us"\nclient_secret_file = "client.secret"\n'
    )
    with pytest.raises(ConfigError, match=r"client\.secret cannot be read"):
        read(tmp_path, oauth)
    (tmp_path / "client.secret").write_text("known to two")
    (account,) = read(tmp_path, oauth)
    assert [one.get_secret_value() for one in account.secrets] == ["short", "known to two"]
