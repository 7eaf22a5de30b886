"""Mistakes in the accounts file name the line and what to do, and never a secret."""

from pathlib import Path

import pytest

from gateways.__main__ import main
from gateways.kit.accounts import read_accounts
from gateways.webchat.site import Site
from shared.environment import ConfigError

GOOD = """
[[webchat]]
slug = "main"
name = "Shop"
site_key = "demo-site-key"
origins = ["https://shop.example"]
secret_env = "SHOP_SECRET"
"""
ENVIRON = {"SHOP_SECRET": "a secret of the test's own"}


def read(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[Site]:
    path = folder / "accounts.toml"
    path.write_text(text)
    return read_accounts(
        path,
        "webchat",
        Site,
        channels={"webchat", "vk"},
        unique=("slug", "site_key"),
        environ=environ or ENVIRON,
    )


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "other.secret").write_text("another secret of the test's own\n")
    more = '\n[[webchat]]\nslug = "other"\nname = "Other"\nsite_key = "other-site-key"\n'
    more += 'origins = ["http://127.0.0.1:8081"]\nsecret_file = "other.secret"\n[[vk]]\nslug = "group"\n'
    main, other = read(tmp_path, GOOD + more)
    assert main.secret.get_secret_value() == ENVIRON["SHOP_SECRET"]
    assert other.secret.get_secret_value() == "another secret of the test's own"
    assert ENVIRON["SHOP_SECRET"] not in repr(main)


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ('slug = "main"', 'slug = "Main shop"', 3, "1 to 40 of a-z, 0-9 and _"),
        ('name = "Shop"\n', "", 2, "name is missing; add it"),
        ('name = "Shop"', 'nam = "Shop"', 4, "nam is not known here; remove it or write one of slug, name"),
        ('site_key = "demo-site-key"', 'site_key = "x"', 5, "8 to 64"),
        ("https://shop.example", "https://shop.example/", 6, "no path"),
        ("https://shop.example", "shop.example", 6, "write https://shop.example"),
        ('secret_env = "SHOP_SECRET"', "", 2, "set one of secret_file and secret_env"),
        (
            "SHOP_SECRET",
            "NO_SUCH_VARIABLE",
            7,
            "the variable NO_SUCH_VARIABLE holds no secret of at least 16",
        ),
        ('secret_env = "SHOP_SECRET"', 'secret_file = "gone"', 7, "the file gone cannot be read"),
        ('secret_env = "SHOP_SECRET"', 'secret = "hunter2hunter2hunter2"', 7, "no secrets in this file"),
        ("[[webchat]]", "[[webchats]]", 2, "there is no channel webchats; write one of vk, webchat"),
        ("[[webchat]]", "[webchat]", 2, "double brackets"),
    ],
)
def test_each_mistake(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, GOOD.replace(before, after))
    told = [one for one in caught.value.lines if f"accounts.toml:{line}: " in one and words in one]
    assert told, caught.value.lines
    assert "hunter2" not in str(caught.value)


def test_broken_toml_and_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line 3"):
        read(tmp_path, '\n[[webchat]]\nslug = "main\n')
    with pytest.raises(ConfigError, match="SWITCHBOARD_ACCOUNTS_FILE"):
        read_accounts(tmp_path / "none.toml", "webchat", Site, channels={"webchat"})


def test_two_of_a_kind_name_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, GOOD + GOOD)
    assert any(
        "accounts.toml:10: slug 'main' stands already at" in line and ":3" in line
        for line in caught.value.lines
    )
    assert any("accounts.toml:12: site_key" in line for line in caught.value.lines)


def test_the_command_checks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(GOOD)
    monkeypatch.setenv("SWITCHBOARD_ACCOUNTS_FILE", str(path))
    monkeypatch.setenv("SHOP_SECRET", ENVIRON["SHOP_SECRET"])
    assert main(["webchat", "--check-config"]) == 0
    assert "1 accounts: main" in capsys.readouterr().out
    path.write_text(GOOD.replace("Shop", ""))
    assert main(["webchat", "--check-config"]) == 2
    assert "accounts.toml:4: name:" in capsys.readouterr().err
