"""The database of the bot's gateway: what the kit keeps for it, and what of a long message was sent."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gateways.kit.aliases import aliases_table
from gateways.kit.attachments import uploads_table
from gateways.kit.cursors import cursors_table
from gateways.kit.declared import declared_table
from gateways.kit.journal import journal_table
from gateways.kit.media import media_table
from gateways.kit.spool import spool_table
from gateways.kit.steps import steps_table
from shared.db.lease import leases_table

METADATA: Final = sa.MetaData()

spool: Final = spool_table(METADATA)
journal: Final = journal_table(METADATA)
declared: Final = declared_table(METADATA)
cursors: Final = cursors_table(METADATA)
media: Final = media_table(METADATA)
uploads: Final = uploads_table(METADATA)
aliases: Final = aliases_table(METADATA)
steps: Final = steps_table(METADATA)
leases: Final = leases_table(METADATA)
