"""Settings: variables, files, mistakes with their remedy, secrets that can be rotated and are not shown."""

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from shared.config import ConfigError, Settings, load

URL = {"SWITCHBOARD_DATABASE_URL": "sqlite:///x.db"}


class Example(Settings):
    """A service's own settings."""

    origins: tuple[str, ...] = ()
    limits: dict[str, int] = Field(default_factory=dict)
    accounts_file: Path | None = Field(None, description="path of the accounts file")
    api_key: SecretStr = SecretStr("")


def _mistakes(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Example.read(environ)
    return caught.value.lines


def test_defaults_work_and_constructing_reads_nothing() -> None:
    settings = Example(database_url=SecretStr("sqlite:///x.db"))
    assert settings.model_dump() == {**Example.read(URL).model_dump(), "instance": settings.instance}
    assert (settings.drain_seconds, settings.heartbeat_seconds, settings.lease_seconds) == (20, 2, 5)
    assert settings.ops_host == "127.0.0.1"
    assert settings.instance


def test_variables_become_values() -> None:
    settings = Example.read(
        URL
        | {
            "SWITCHBOARD_OPS_PORT": "8081",
            "SWITCHBOARD_LOG_LEVEL": "DEBUG",
            "SWITCHBOARD_ORIGINS": "https://a.example, https://b.example",
            "SWITCHBOARD_LIMITS": '{"messages": 5}',
            "SWITCHBOARD_ACCOUNTS_FILE": "/etc/accounts.toml",
            "SWITCHBOARD_INSTANCE": "",
            "PATH": "/bin",
        }
    )
    assert settings.ops_port == 8081
    assert settings.log_level == "debug"
    assert settings.origins == ("https://a.example", "https://b.example")
    assert settings.limits == {"messages": 5}
    assert settings.accounts_file == Path("/etc/accounts.toml")
    assert settings.instance


def test_lists_may_be_json() -> None:
    assert Example.read(URL | {"SWITCHBOARD_ORIGINS": '["a,b", "c"]'}).origins == ("a,b", "c")


def test_a_secret_comes_from_a_file_and_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("amqp://u:first@h/\n")
    settings = Example.read(URL | {"SWITCHBOARD_AMQP_URL_FILE": str(file)})
    assert settings.amqp_url.get_secret_value() == settings.secret("amqp_url") == "amqp://u:first@h/"
    file.write_text("amqp://u:second@h/")
    assert settings.secret("amqp_url") == "amqp://u:second@h/"
    file.unlink()
    assert settings.secret("amqp_url") == "amqp://u:second@h/"
    assert settings.secret("database_url") == "sqlite:///x.db"
    with pytest.raises(TypeError, match="not a secret"):
        settings.secret("ops_host")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["SWITCHBOARD_DATABASE_URL", "not set", "SWITCHBOARD_DATABASE_URL_FILE"]),
        ({"SWITCHBOARD_DATABASE_URL": ""}, ["SWITCHBOARD_DATABASE_URL", "not set"]),
        (URL | {"SWITCHBOARD_OPS_PROT": "1"}, ["SWITCHBOARD_OPS_PROT", "did you mean SWITCHBOARD_OPS_PORT?"]),
        (URL | {"switchboard_ops_port": "1"}, ["switchboard_ops_port", "did you mean SWITCHBOARD_OPS_PORT?"]),
        (URL | {"SWITCHBOARD_AMQP_URL_FIEL": "1"}, ["did you mean SWITCHBOARD_AMQP_URL_FILE?"]),
        (URL | {"SWITCHBOARD_OPS_PORT": "many"}, ["SWITCHBOARD_OPS_PORT", "integer", "default: 0"]),
        (URL | {"SWITCHBOARD_OPS_PORT": "70000"}, ["SWITCHBOARD_OPS_PORT", "65535"]),
        (URL | {"SWITCHBOARD_LOG_LEVEL": "loud"}, ["SWITCHBOARD_LOG_LEVEL", "'warning'"]),
        (URL | {"SWITCHBOARD_LIMITS": "{"}, ["SWITCHBOARD_LIMITS", "not valid JSON"]),
        (URL | {"SWITCHBOARD_DRAIN_SECONDS": "21"}, ["SWITCHBOARD_DRAIN_SECONDS", "20"]),
        (URL | {"SWITCHBOARD_AMQP_URL_FILE": "/nowhere/x"}, ["SWITCHBOARD_AMQP_URL_FILE", "No such file"]),
        (
            URL | {"SWITCHBOARD_AMQP_URL": "amqp://x", "SWITCHBOARD_AMQP_URL_FILE": "/nowhere/x"},
            ["given twice", "remove SWITCHBOARD_AMQP_URL or SWITCHBOARD_AMQP_URL_FILE"],
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(environ: dict[str, str], words: list[str]) -> None:
    lines = _mistakes(environ)
    assert len(lines) == 1, lines
    assert "\n" not in lines[0]
    for word in words:
        assert word in lines[0], lines[0]


def test_all_mistakes_are_told_at_once() -> None:
    lines = _mistakes({"SWITCHBOARD_OPS_PORT": "x", "SWITCHBOARD_NONSENSE": "1", "SWITCHBOARD_LIMITS": "["})
    assert len(lines) == 4


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 100_000])
def test_a_file_that_holds_no_setting_is_a_mistake(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    (line,) = _mistakes(URL | {"SWITCHBOARD_API_KEY_FILE": str(file)})
    assert "cannot be read" in line


def test_no_mistake_shows_a_value(tmp_path: Path) -> None:
    planted = "planted-secret"
    file = tmp_path / "port"
    file.write_text(planted)
    lines = _mistakes(
        {
            "SWITCHBOARD_OPS_PORT_FILE": str(file),
            "SWITCHBOARD_LOG_LEVEL": planted,
            "SWITCHBOARD_LIMITS": planted,
            "SWITCHBOARD_INSTANCE": f"{planted} {planted}",
            "SWITCHBOARD_NO": planted,
        }
    )
    assert len(lines) == 6
    assert planted not in "".join(lines)


def test_names_of_tests_and_faults_are_no_mistake() -> None:
    Example.read(URL | {"SWITCHBOARD_TEST_RABBITMQ": "1", "SWITCHBOARD_FAULT_AT": "after_commit"})


def test_names_are_what_a_supervisor_may_pass_on() -> None:
    names = Example.names()
    assert {"SWITCHBOARD_ORIGINS", "SWITCHBOARD_ORIGINS_FILE", "SWITCHBOARD_AMQP_URL_FILE"} <= names
    assert Settings.names() < names


def test_two_meanings_of_one_variable_are_refused() -> None:
    with pytest.raises(TypeError, match="two meanings"):
        type(
            "Ambiguous",
            (Settings,),
            {"__annotations__": {"key": str, "key_file": str}, "key": "", "key_file": ""},
        )


def test_printing_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "SWITCHBOARD_AMQP_URL": "amqp://router:hunter2@broker:5672/chat?cert=planted",
        "SWITCHBOARD_DATABASE_URL": "sqlite:////data/router.db",
        "SWITCHBOARD_API_KEY": "planted-secret",
        "SWITCHBOARD_LIMITS": '{"я": 1}',
    }
    with pytest.raises(SystemExit) as ended:
        load(Example, ["--print-config"], environ)
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    assert "hunter2" not in shown
    assert "planted" not in shown
    assert "SWITCHBOARD_AMQP_URL=amqp://router:***@broker:5672/chat?***\n" in shown
    assert "SWITCHBOARD_DATABASE_URL=sqlite:////data/router.db\n" in shown
    assert 'SWITCHBOARD_LIMITS={"я": 1}\n' in shown
    assert "planted" not in repr(Example.read(environ))


def test_checking_says_so_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load(Example, ["--check-config"], URL)
    assert ended.value.code == 0
    assert "right" in capsys.readouterr().out


def test_mistakes_end_with_2_and_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        load(Example, ["--check-config"], {"SWITCHBOARD_OPS_PORT": "x"})
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_loading_gives_the_settings() -> None:
    assert load(Example, ["operators", "add"], URL).ops_port == 0
