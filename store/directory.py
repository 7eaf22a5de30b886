"""Tables of the directory: operators, groups, accounts, statuses, each as the newest event told it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text

from shared.db.types import Instant, Json, Key
from store.tables import Number, metadata

operators: Final = Table(
    "operators",
    metadata,
    Column("operator_id", Key, primary_key=True),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("public_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("rights", Json, nullable=False),
    Column("accounts", Json),
    Column("groups", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_since", Instant),
    Column("available", Boolean, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("limit", Integer),
    Column("status_on_sign_in", Text),
    Column("status_on_sign_out", Text),
    Column("disabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("access_version", BigInteger, nullable=False),
)

statuses: Final = Table(  # one row: the whole table of statuses
    "statuses",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("statuses", Json, nullable=False),
    Column("version", BigInteger, nullable=False),
)

groups: Final = Table(
    "groups",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("capabilities", Json, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("health", Text, nullable=False),
    Column("health_reason", Text),
    Column("health_until", Instant),
    Column("groups", Json, nullable=False),
    Column("close_untaken", Boolean, nullable=False),
    Column("close_others", Boolean, nullable=False),
    Column("category_required", Boolean, nullable=False),
    Column("categories", Json, nullable=False, server_default="[]"),
    Column("close_after_minutes", Integer, nullable=False),
    Column("reopens", Text, nullable=False),
    Column("distribution", Text, nullable=False),
    Column("handover", Text, nullable=False),
    Column("offer_seconds", Integer, nullable=False),
    Column("max_wait_seconds", Integer, nullable=False),
    Column("wait_ends", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("access_version", BigInteger, nullable=False),
)
"""`account` is `channel.account`; `access_version` is raised by the store when its groups changed."""

account_templates: Final = Table(
    "account_templates",
    metadata,
    Column("account", Text, primary_key=True),
    Column("templates", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("version", BigInteger, nullable=False),
)
