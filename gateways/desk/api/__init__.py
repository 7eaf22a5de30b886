"""The API of the workplace: one noun a file, every row in `rows`."""

from __future__ import annotations

from aiohttp import web

from gateways.desk.admission import SESSION_COOKIE, guard
from gateways.desk.api.assignments import AssignmentsNoun
from gateways.desk.api.attachments import AttachmentsNoun
from gateways.desk.api.clients import ClientsNoun
from gateways.desk.api.contacts import ContactsNoun
from gateways.desk.api.conversations import ConversationsNoun
from gateways.desk.api.desk import Desk
from gateways.desk.api.directory import DirectoryNoun
from gateways.desk.api.drafts import DraftsNoun
from gateways.desk.api.first_messages import FirstMessagesNoun
from gateways.desk.api.letters import LettersNoun
from gateways.desk.api.live import LiveNoun
from gateways.desk.api.messages import MessagesNoun
from gateways.desk.api.notes import NotesNoun
from gateways.desk.api.offers import OffersNoun
from gateways.desk.api.participants import ParticipantsNoun
from gateways.desk.api.session import SessionNoun
from gateways.desk.api.statuses import StatusesNoun
from gateways.desk.api.templates import TemplatesNoun
from shared.http.application import build
from shared.http.route import Routes
from shared.version import VERSION


def rows(desk: Desk) -> Routes:
    """Every route of the desk; what is not here does not exist."""
    nouns = (
        SessionNoun(desk),
        StatusesNoun(desk),
        ConversationsNoun(desk),
        FirstMessagesNoun(desk),
        OffersNoun(desk),
        AssignmentsNoun(desk),
        ParticipantsNoun(desk),
        ClientsNoun(desk),
        ContactsNoun(desk),
        MessagesNoun(desk),
        NotesNoun(desk),
        TemplatesNoun(desk),
        DraftsNoun(desk),
        AttachmentsNoun(desk),
        LettersNoun(desk),
        DirectoryNoun(desk),
        LiveNoun(desk),
    )
    return tuple(row for noun in nouns for row in noun.rows())


def application(desk: Desk) -> web.Application:
    """The API, to be mounted under /api."""
    app = build(
        rows(desk),
        authenticate=desk.admission.authenticate,
        title="Switchboard workplace",
        version=VERSION,
        security_schemes={"session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}},
    )
    app.middlewares.append(guard(desk.origins))
    return app
