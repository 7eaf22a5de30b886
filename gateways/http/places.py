"""Where a fact of an integrator belongs: its dialog, and the people whom it names. Pure."""

from __future__ import annotations

from typing import Any, Final

from gateways.http.protocol.facts import Chat
from gateways.http.protocol.people import Page, Person
from shared.contract.ids import dialog_id
from shared.contract.people import DialogRef, Identity, Visit

CHANNEL: Final = "http"


class Place:
    """The chat of a fact, in its account."""

    def __init__(self, account: str, fact: Chat) -> None:
        self._account = account
        self.context: dict[str, Any] = dict(fact.context)
        self.dialog = DialogRef(
            dialog_id=dialog_id(CHANNEL, account, fact.chat),
            channel=CHANNEL,
            account=account,
            chat=fact.chat,
            kind=fact.chat_kind,
        )

    def identity(self, person: Person) -> Identity:
        """Ids are the account's own."""
        return Identity(
            channel=CHANNEL,
            address=self._address(person.id),
            aliases=tuple(self._address(one) for one in person.also),
            name=person.name,
            username=person.username,
            phone=person.phone,
            email=person.email,
            profile_url=person.profile_url,
            language=person.language,
            verified=person.verified,
        )

    def _address(self, external_id: str) -> str:
        return f"{self._account}:{external_id}"

    @staticmethod
    def visit(page: Page) -> Visit:
        return Visit(**page.model_dump())
