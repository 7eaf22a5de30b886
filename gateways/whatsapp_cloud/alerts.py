"""What Meta says about our account itself: what to look at, and what only the log has to know. Pure.

{"field": "message_template_status_update", "value": {"event": "APPROVED", "message_template_name": "…", …}}
{"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{…}]}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.kit.unreadable import unreadable
from gateways.whatsapp_cloud.people import CHANNEL
from gateways.whatsapp_cloud.scene import Scene, Update
from shared.log import get_logger

log = get_logger()

Errand: TypeAlias = Mapping[str, Any]

TEMPLATES: Final[Errand] = MappingProxyType({"look": "templates"})
HEALTH: Final[Errand] = MappingProxyType({"look": "health"})

_LOOK: Final[Mapping[str, Errand | None]] = MappingProxyType(
    {
        "message_template_status_update": TEMPLATES,
        "message_template_components_update": TEMPLATES,
        "message_template_quality_update": TEMPLATES,
        "template_category_update": TEMPLATES,
        "template_correct_category_detection": None,
        "account_update": HEALTH,
        "account_alerts": HEALTH,
        "account_review_update": HEALTH,
        "phone_number_quality_update": HEALTH,
        "phone_number_name_update": None,
        "business_capability_update": None,
        "business_status_update": HEALTH,
        "account_settings_update": None,
        "payment_configuration_update": None,
        "security": None,
        "flows": None,
        "smb_app_state_sync": None,
        "messages": None,
    }
)
"""A field of Meta's → what is looked at again at once. A field that is not here is kept as it came."""


def alert(name: str, value: Update, scene: Scene, errands: list[Errand]) -> list[SpoolRow]:
    """The log hears of it; `errands` get what is to be looked at."""
    if name not in _LOOK:
        raw = json.dumps({"field": name, "value": value}, ensure_ascii=False, sort_keys=True)
        return [unreadable(CHANNEL, scene.account, raw.encode("utf-8", "replace"), at=scene.at, why="field")]
    event = value.get("event")
    log.info(
        "account_told",
        account=scene.account,
        field=name,
        said=clean_line(event, 60) if isinstance(event, str) else None,
    )
    errand = _LOOK[name]
    if errand is not None:
        errands.append(errand)
    return []
