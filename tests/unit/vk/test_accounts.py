"""Entries of the accounts file: what is missing is said with the field and what to do."""

from pathlib import Path

import pytest

from gateways.vk.channel import CONNECTOR
from gateways.vk.settings import VkSettings
from shared.environment import ConfigError

pytestmark = pytest.mark.feature("CH5")

ENTRY = '[[vk]]\nslug = "main"\nname = "Shop"\ngroup = 501\nsecret_file = "vk.secret"\n'
CALLBACK = 'listen = "callback"\nconfirmation = "f4k3"\n'


def settings(folder: Path, entry: str) -> VkSettings:
    (folder / "vk.secret").write_text("obviously-fake-community-key")
    (folder / "callback.secret").write_text("obviously-fake-callback-key\n")
    (folder / "accounts.toml").write_text(entry)
    return VkSettings.model_validate({"accounts_file": folder / "accounts.toml", "amqp_url": "amqp://x"})


def test_long_poll_needs_the_access_key_alone(tmp_path: Path) -> None:
    (account,) = CONNECTOR.accounts(settings(tmp_path, ENTRY), ["vk"])
    assert (account.listen, account.api) == ("long_poll", "https://api.vk.ru")
    assert [secret.get_secret_value() for secret in account.secrets] == ["obviously-fake-community-key"]


def test_both_secrets_are_kept_out_of_logs(tmp_path: Path) -> None:
    entry = ENTRY + CALLBACK + 'callback_secret_file = "callback.secret"\n'
    (account,) = CONNECTOR.accounts(settings(tmp_path, entry), ["vk"])
    assert account.callback_secret.get_secret_value() == "obviously-fake-callback-key"
    assert len(account.secrets) == 2
    assert "obviously" not in repr(account)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('listen = "callback"\ncallback_secret_file = "callback.secret"\n', "needs confirmation"),
        (CALLBACK, "needs callback_secret_file"),
        (CALLBACK + 'callback_secret_file = "absent"\n', "cannot be read"),
        ('callback_secret = "typed here"\n', "no secrets in this file"),
        ('api = "vk.ru"\n', "address of the interface"),
    ],
)
def test_a_mistake_says_what_to_do(tmp_path: Path, more: str, words: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        CONNECTOR.accounts(settings(tmp_path, ENTRY + more), ["vk"])
    assert words in " ".join(wrong.value.lines)
    assert "typed here" not in " ".join(wrong.value.lines)
