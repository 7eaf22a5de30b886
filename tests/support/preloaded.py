"""What the warm parent of services (tests/support/warm.py) imports before it forks any.

All of it stays, so no child searches it for garbage: each collects once before it serves, and walking through
what all services import would cost it half a second and a copy of the memory.
"""

import gc
from importlib import import_module
from typing import Final

MODULES: Final = (
    "router.__main__",
    "store.__main__",
    "gateways.__main__",
    "gateways.webchat.service",
    "gateways.email.door",
    "gateways.telegram_bot.channel",
    "gateways.vk.channel",
    "gateways.whatsapp_cloud.channel",
    "gateways.max.channel",
    "gateways.http.channel",
    "gateways.desk.__main__",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.asyncpg",
)

gc.disable()
for module in MODULES:
    import_module(module)
gc.collect()
gc.freeze()
gc.enable()
