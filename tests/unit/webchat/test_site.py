"""What the accounts file says of a site beside its key: the welcome screen, and who vouches for its users."""

from pathlib import Path

import pytest

from gateways.kit.accounts import read_accounts
from gateways.webchat.site import Site, with_identity_secrets
from shared.environment import ConfigError

pytestmark = pytest.mark.feature("CH1")

HEAD = """[[webchat]]
slug = "main"
name = "Shop"
site_key = "demo-site-key"
origins = ["https://shop.example"]
secret_env = "SITE_SECRET"
"""
ENVIRON = {"SITE_SECRET": "a secret of the site", "USERS_SECRET": "a secret of the users", "SHORT": "short"}


def sites(folder: Path, more: str) -> list[Site]:
    path = folder / "accounts.toml"
    path.write_text(HEAD + more)
    read = read_accounts(path, "webchat", Site, channels=("webchat",), environ=ENVIRON)
    return with_identity_secrets(read, path, ENVIRON)


def test_the_welcome_screen(tmp_path: Path) -> None:
    [site] = sites(
        tmp_path, 'ask = ["name", "email"]\nrequired = ["email"]\ncolor = "#1a73e8"\nsound = false\n'
    )
    assert site.shown == {
        "ask": ("name", "email"),
        "required": ("email",),
        "sound": False,
        "color": "#1a73e8",
    }
    assert site.identity_secret.get_secret_value() == ""


def test_the_secret_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "users.secret").write_text("a secret in a file\n")
    for more, secret in (
        ('identity_secret_env = "USERS_SECRET"\n', "a secret of the users"),
        ('identity_secret_file = "users.secret"\n', "a secret in a file"),
    ):
        [site] = sites(tmp_path, more)
        assert site.identity_secret.get_secret_value() == secret


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('identity_secret_env = "SHORT"\n', "no secret of at least"),
        ('identity_secret_env = "ABSENT"\n', "no secret of at least"),
        ('identity_secret_file = "absent"\n', "cannot be read"),
        ('identity_secret_file = "a"\nidentity_secret_env = "b"\n', "set one of"),
        ('required = ["phone"]\n', "not in ask"),
        ('ask = ["passport"]\n', "ask"),
        ('color = "red; x"\n', "color"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, more: str, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        sites(tmp_path, more)
    assert words in told.value.lines[0]
    assert "a secret of" not in " ".join(told.value.lines)
