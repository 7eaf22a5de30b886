"""The Callback API: VK calls `/vk/<slug>`, is answered `ok`, and once the string that proves that we are we.

{"type": "confirmation", "group_id": 1}                  ─▶ a1b2c3d4
{"type": "message_new", …, "secret": "the secret key"}   ─▶ ok
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from gateways.kit.payload import Malformed, read_json
from gateways.kit.verification import Call, SecretInBody, Verification
from gateways.kit.webhook import Hook, Parsed, Reply
from gateways.vk.account import VkAccount
from gateways.vk.dialogs import CHANNEL
from gateways.vk.parse import CONFIRMATION, told
from shared.clock import Clock

FIELD: Final = "secret"


@dataclass(frozen=True, slots=True)
class Proof(SecretInBody):
    """The secret key in the body, and the number of the community where it is known.

    A confirmation may come before VK knows the secret key, and says nothing that is to be believed.
    """

    group: int | None = None

    def holds(self, call: Call) -> bool:
        proved = SecretInBody.holds(self, call)
        try:
            body = read_json(call.body)
        except Malformed:
            return False
        if not isinstance(body, dict):
            return False
        ours = self.group is None or body.get("group_id") == self.group
        return ours and (proved or (body.get("type") == CONFIRMATION and FIELD not in body))


def proofs(secret: SecretStr) -> tuple[Verification, ...]:
    """What a call must prove for a community of any number."""
    return (Proof(FIELD, secret),)


def hook(account: VkAccount, clock: Clock) -> Hook:
    """The community's webhook; of one that is asked by Long Poll nobody's word is taken."""
    if account.listen != "callback":
        nobody = (SecretInBody(FIELD, SecretStr(secrets.token_hex())),)
        return Hook(CHANNEL, account.slug, nobody, lambda _payload, _call: Parsed())

    def parse(payload: Any, _call: Call) -> Parsed:
        if isinstance(payload, dict) and payload.get("type") == CONFIRMATION:
            return Parsed(reply=Reply(account.confirmation or ""))
        heard = told([payload], account.slug, clock.now())
        return Parsed(heard.rows, typing=heard.typing, errands=heard.errands)

    return Hook(CHANNEL, account.slug, (Proof(FIELD, account.callback_secret, group=account.group),), parse)
