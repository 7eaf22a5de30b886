"""What the e-mail gateway reads from its environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateways.kit.connector import ConnectorSettings


class EmailSettings(ConnectorSettings):
    """Defaults that work on a laptop."""

    database_url: SecretStr = Field(
        SecretStr("sqlite:///email.db"),
        description="sqlite:///path/to/file or postgresql://user:password@host/name",
    )
    idle_seconds: float = Field(
        420,
        gt=0,
        le=1500,
        description="how long a mailbox is listened to before it is looked at all the same",
    )
    poll_seconds: float = Field(
        45, gt=0, le=3600, description="between two looks into a mailbox whose server cannot push"
    )
    answer_seconds: float = Field(
        30, gt=0, le=300, description="how long a mail server may take for one answer"
    )
    look_up_seconds: float = Field(
        60, ge=0, le=900, description="after a break in the middle of sending: when Sent is looked into"
    )
    login_again_seconds: float = Field(
        1800, gt=0, description="after three refused log-ins: between two more, so that nobody is locked out"
    )
