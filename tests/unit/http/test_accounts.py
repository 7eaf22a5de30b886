"""The entry in the accounts file: its own capabilities, two secrets, mistakes with line and remedy."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gateways.http.abilities import MOST, Declared
from gateways.http.channel import CONNECTOR
from gateways.http.settings import HttpSettings
from gateways.registry import GATEWAYS
from shared.contract.capabilities import Capabilities
from shared.environment import ConfigError

GOOD = """
[[http]]
slug = "crm"
name = "Old CRM"
webhook = "https://crm.shop.example/hook"
secret_file = "crm.secret"
second_secret_file = "crm.next"

[http.capabilities]
text_length = 2000
images = true
file_types = ["image/*"]
receipts = "read"

[[http]]
slug = "pbx"
name = "Telephones"
secret_file = "crm.secret"
"""


def read(folder: Path, text: str = GOOD) -> list[Any]:
    (folder / "crm.secret").write_text("a secret of the test's own\n")
    (folder / "crm.next").write_text("the secret that follows it\n")
    (folder / "accounts.toml").write_text(text)
    settings = HttpSettings(
        accounts_file=folder / "accounts.toml", amqp_url=SecretStr("amqp://localhost"), ops_port=0
    )
    return CONNECTOR.accounts(settings, GATEWAYS.keys())


def test_each_account_is_able_to_do_what_it_declares(tmp_path: Path) -> None:
    crm, pbx = read(tmp_path)
    assert crm.able(MOST) == Capabilities(
        text_length=2000, images=True, file_types=("image/*",), receipts="read", deduplicates=True
    )
    assert pbx.able(MOST) == Capabilities(text_length=0, deduplicates=True), "nothing can be sent to it"
    assert [one.get_secret_value() for one in crm.secrets] == [
        "a secret of the test's own",
        "the secret that follows it",
    ]
    assert len(pbx.secrets) == 1


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("images = true", "images = 7", 11, "capabilities.images: input should be a valid boolean"),
        (
            "images = true",
            "image = true",
            11,
            "capabilities.image is not known here; remove it or write one of",
        ),
        ("text_length = 2000", "text_length = 99999", 10, "less than or equal to 50000"),
        ('"read"', '"seen"', 13, "'none', 'delivered' or 'read'"),
        ("images = true", "deduplicates = false", 11, "capabilities.deduplicates is not known here"),
        ("[http.capabilities]", "[http.abilities]", 9, "abilities is not known here"),
        ("https://crm", "crm", 5, "as https://"),
    ],
)
def test_a_mistake_names_line_and_remedy(
    tmp_path: Path, before: str, after: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, GOOD.replace(before, after))
    (told,) = raised.value.lines
    assert told.startswith(f"{tmp_path / 'accounts.toml'}:{line}: ")
    assert words in told


def test_a_short_second_secret_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short")
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, GOOD.replace('"crm.next"', '"short"'))
    assert "the file short holds no secret of at least 16 characters; write one" in raised.value.lines[0]


def test_what_may_be_declared_is_of_the_contract_and_within_the_protocol() -> None:
    declarable = set(Declared.model_fields)
    assert declarable < set(Capabilities.model_fields)
    assert set(Capabilities.model_fields) - declarable == {"deduplicates", "find_by_phone", "scheduled"}
    usual = Capabilities()
    beyond = [name for name in Capabilities.model_fields if getattr(MOST, name) != getattr(usual, name)]
    assert set(beyond) - declarable == {"deduplicates"}
