"""The entry of the accounts file: its mistakes, and the secret of the webhook."""

from pathlib import Path

import pytest

from gateways.max.channel import CONNECTOR
from gateways.max.settings import MaxSettings
from gateways.max.subscription import UPDATE_TYPES, addresses, subscribe
from shared.environment import ConfigError
from tests.unit.max.test_answers import answer

pytestmark = pytest.mark.feature("CH13")

WEBHOOK = 'webhook_url = "https://chat.shop.example/max/main"\n'


def written(folder: Path, more: str = "", **secrets: str) -> MaxSettings:
    (folder / "max.token").write_text("a token of a bot, invented for tests")
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    path = folder / "accounts.toml"
    path.write_text(f'[[max]]\nslug = "main"\nname = "Shop"\nsecret_file = "max.token"\n{more}')
    return MaxSettings(accounts_file=path)


def test_the_secret_is_made_of_the_token_unless_one_is_given(tmp_path: Path) -> None:
    (made,) = CONNECTOR.accounts(written(tmp_path, WEBHOOK), ["max"])
    assert len(made.hook_secret.get_secret_value()) == 64
    more = WEBHOOK + 'webhook_secret_file = "hook"\n'
    (given,) = CONNECTOR.accounts(written(tmp_path, more, hook="given-for-these-tests"), ["max"])
    assert given.hook_secret.get_secret_value() == "given-for-these-tests"
    assert given.hook_secret in given.secrets
    body = subscribe(given.webhook_url or "", given.hook_secret).json
    assert body["secret"] == "given-for-these-tests"


@pytest.mark.parametrize(
    ("more", "hook", "words"),
    [
        ('webhook_secret_file = "hook"\n', "given-for-these-tests", "needs webhook_url"),
        (WEBHOOK + 'webhook_secret_file = "hook"\n', "мой секрет для этих проверок", "A-Z, a-z"),
        (WEBHOOK + 'webhook_secret_file = "hook"\n', "short", "at least 16"),
        ("check_seconds = 60\ngap_seconds = 60\n", "", "gap_seconds is not above"),
        ('api = "platform-api2.max.ru"\n', "", "api"),
    ],
)
def test_a_mistake_is_a_line_with_its_remedy(tmp_path: Path, more: str, hook: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        CONNECTOR.accounts(written(tmp_path, more, hook=hook), ["max"])


def test_what_max_calls_and_whether_it_tells_everything() -> None:
    listed = [
        {"url": "https://a.example", "update_types": None},
        {"url": "https://b.example", "update_types": [*UPDATE_TYPES, "newer"]},
        {"url": "https://c.example", "update_types": ["message_created"]},
        "nonsense",
    ]
    assert addresses(answer(200, {"subscriptions": listed})) == {
        "https://a.example": True,
        "https://b.example": True,
        "https://c.example": False,
    }
    assert addresses(answer(200, {})) == {}
