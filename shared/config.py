"""Settings of a service: one pydantic class each, read once in `__main__`, passed down.

A field `x` comes from the variable SWITCHBOARD_X or from the file that SWITCHBOARD_X_FILE names, never from
both. A name under the prefix that the service does not know stops it: a misspelt setting is not a default.
Every mistake is one line on stderr that says what to do; then exit 2. An empty variable is an absent one.
"""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.environment import PREFIX, ConfigError, Found, names_of, read_environment, remedy, secret_from
from shared.redaction import MASK

CHECK_FLAG: Final = "--check-config"
PRINT_FLAG: Final = "--print-config"
_BAD_EXIT: Final = 2

S = TypeVar("S", bound="Settings")


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


LogLevel = Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lowered)]


class Settings(BaseSettings):
    """What every service needs. A service adds fields, and defaults for `database_url` and `ops_port`.

    Constructing it reads nothing from outside; `load` does.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    amqp_url: SecretStr = Field(
        SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="address of RabbitMQ with user and password",
    )
    database_url: SecretStr = Field(
        description="sqlite:///path/to/file or postgresql://user:password@host/name"
    )
    ops_host: str = Field("127.0.0.1", description="address for health checks and metrics")
    ops_port: int = Field(
        0, ge=0, le=65535, description="port for health checks and metrics; 0 takes any free one"
    )
    log_level: LogLevel = Field("info", description="debug, info, warning, error or critical")
    instance: str = Field(
        default_factory=lambda: f"{platform.node() or 'host'}-{os.getpid()}",
        pattern=r"^[\w.:@-]{1,100}$",
        description="name of this replica in logs and leases",
    )
    drain_seconds: float = Field(
        20, gt=0, le=20, description="seconds to finish what is in hand when told to stop"
    )
    heartbeat_seconds: int = Field(2, ge=1, le=60, description="seconds between heartbeats of the broker")
    lease_seconds: float = Field(
        5, ge=1, le=60, description="seconds after which a silent owner has lost its lease"
    )

    _found: Found = PrivateAttr(default_factory=Found)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings passes all of them by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name in cls.model_fields:
            if f"{name}_file" in cls.model_fields:
                raise TypeError(
                    f"{cls.__name__}: {name}_file cannot be a field beside {name}: one variable, two meanings"
                )

    @classmethod
    def names(cls) -> frozenset[str]:
        """Every variable this service understands: what a supervisor may pass on to it."""
        return names_of(cls.model_fields)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings these variables give; ConfigError holds one line for each mistake."""
        found = read_environment(cls.model_fields, environ)
        mistakes = list(found.mistakes)
        try:
            settings = cls(**found.values)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                name = str(one["loc"][0]) if one["loc"] else ""
                if name not in found.broken:
                    mistakes.append(remedy(name, one, cls.model_fields, found))
            raise ConfigError(mistakes) from None
        if mistakes:
            raise ConfigError(mistakes)
        settings._found = found
        return settings

    def secret(self, name: str) -> str:
        """The secret in field `name` as it is now: a file is read again, so a rotated one needs no restart.

        When the file cannot be read at the moment, the value read last.
        """
        value = getattr(self, name)
        if not isinstance(value, SecretStr):
            raise TypeError(f"{name} is not a secret")
        return secret_from(self._found, name, value.get_secret_value())

    def secrets(self) -> list[str]:
        """Every secret value, for the log to mask."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    def redacted(self) -> dict[str, object]:
        """Each variable's name and value; of a secret address its public parts, of other secrets nothing."""
        shown = self.model_dump(mode="json")
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                shown[name] = _without_secrets(value.get_secret_value())
        return {PREFIX + name.upper(): value for name, value in shown.items()}


def load(cls: type[S], argv: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> S:
    """Settings from the environment, or the mistakes on stderr and exit 2.

    With --check-config among `argv` it stops here with 0, with --print-config after printing them, redacted.
    """
    try:
        settings = cls.read(os.environ if environ is None else environ)
    except ConfigError as error:
        sys.stderr.write("".join(f"{line}\n" for line in error.lines))
        sys.exit(_BAD_EXIT)
    if PRINT_FLAG in argv:
        for name, value in settings.redacted().items():
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            sys.stdout.write(f"{name}={shown}\n")
        sys.exit(0)
    if CHECK_FLAG in argv:
        sys.stdout.write("the settings are right\n")
        sys.exit(0)
    return settings


def _without_secrets(value: str) -> str:
    try:
        url = urlsplit(value)
        if not url.scheme.startswith(("amqp", "postgres", "sqlite")):
            return MASK
        user = f"{url.username}:{MASK}@" if url.username is not None else ""
        where = url.netloc.rpartition("@")[2]
        return f"{url.scheme}://{user}{where}{url.path}{f'?{MASK}' if url.query else ''}"
    except ValueError:
        return MASK


__all__ = ["CHECK_FLAG", "PRINT_FLAG", "ConfigError", "LogLevel", "Settings", "load"]
