"""An entry of the accounts file."""

from pydantic import SecretStr

from gateways.telegram_bot.abilities import ABILITIES
from gateways.telegram_bot.account import TelegramBotAccount

FIELDS = {"slug": "main", "name": "Shop", "secret": SecretStr("123:not-a-token")}


def test_a_server_of_our_own_takes_larger_files() -> None:
    official = TelegramBotAccount.model_validate(FIELDS)
    own = TelegramBotAccount.model_validate(FIELDS | {"local_api": True})
    assert official.able(ABILITIES) == ABILITIES
    assert own.able(ABILITIES).file_bytes == 2000 * 1024 * 1024
