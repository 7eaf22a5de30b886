"""An account of the file: three secrets, each mistake a line with its remedy."""

from pathlib import Path

import pytest

from gateways.whatsapp_cloud.channel import CONNECTOR
from gateways.whatsapp_cloud.settings import WhatsappCloudSettings
from shared.environment import ConfigError
from tests.support.whatsapp_cloud_provider import APP_SECRET, TOKEN, VERIFY, Meta, write_accounts

pytestmark = pytest.mark.feature("CH6")


def read(path: Path) -> list[str]:
    settings = WhatsappCloudSettings.model_construct(accounts_file=path)
    (account,) = CONNECTOR.accounts(settings, ["whatsapp_cloud"])
    return [secret.get_secret_value() for secret in account.secrets]


def test_all_three_secrets_are_read_and_none_is_shown(tmp_path: Path) -> None:
    path = write_accounts(tmp_path, Meta())
    assert read(path) == [TOKEN, APP_SECRET, VERIFY]
    settings = WhatsappCloudSettings.model_construct(accounts_file=path)
    shown = repr(CONNECTOR.accounts(settings, ["whatsapp_cloud"]))
    assert not any(secret in shown for secret in (TOKEN, APP_SECRET, VERIFY))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('app_secret_file = "main.app"', "", "main: app_secret_file is missing; name the file that holds it"),
        ('verify_token_file = "main.verify"', "", "main: verify_token_file is missing"),
        ('"main.app"', '"short"', "the file short holds no secret of at least 8 characters"),
        ('number_id = "106000000000001"', 'number_id = "+7 999"', "the phone number ID, digits"),
        ('business_id = "102000000000001"', "", "business_id is missing"),
    ],
)
def test_a_mistake_is_a_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = write_accounts(tmp_path, Meta())
    (tmp_path / "short").write_text("short")
    written = path.read_text()
    assert before in written
    path.write_text(written.replace(before, after))
    with pytest.raises(ConfigError, match=words.replace("+", r"\+")) as raised:
        read(path)
    assert not any(secret in str(raised.value) for secret in (TOKEN, APP_SECRET, VERIFY))
