"""The gateway of e-mail as a process of a stack: what tests/support/stack.py does for the other services."""

from __future__ import annotations

from pathlib import Path

from tests.support.member import Member, inherited
from tests.support.quiet_ports import quiet_ports


def email_member(
    name: str, amqp_url: str, database_url: str, accounts: Path, blobs: Path, **settings: str
) -> Member:
    """Not started; `database_url` is migrated. Its log lies beside the accounts file."""
    (ops_port,) = quiet_ports(1)
    known = {
        "amqp_url": amqp_url,
        "database_url": database_url,
        "accounts_file": str(accounts),
        "blobs_url": f"file://{blobs}",
        "ops_port": str(ops_port),
        "http_port": "0",
        "instance": name,
        **settings,
    }
    environment = inherited() | {f"SWITCHBOARD_{key.upper()}": value for key, value in known.items()}
    log = accounts.with_name(f"{name}.log")
    return Member(name, ["-m", "gateways", "email"], environment, log, ops_port)
