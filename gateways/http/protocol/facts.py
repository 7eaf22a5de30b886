"""What an integrator may say: `POST /http/<account>/facts`, one of these or `{"facts": [up to 100]}`.

Each is known by its own ids, so that saying it again changes nothing: a message by `id`; an edit by the
message and its time; whatever has no id, by everything that it says.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from gateways.http.protocol.content import ContentGiven, FileGiven
from gateways.http.protocol.people import Context, Fields, Id, Line, Moment, Page, Person
from shared.http.route import Input

MOST_FACTS: Final = 100


class Chat(Input):
    """Where something happened. Chats of an account are told apart by `chat` alone."""

    chat: Id
    chat_kind: Literal["personal", "group"] = "personal"
    context: Context = Field(default={})


class Message(ContentGiven, Chat):
    """A message: of the client, or one of yours that was written past us (`origin` external)."""

    type: Literal["message"]
    id: Id
    sender: Person
    origin: Literal["client", "external"] = "client"
    sent_at: Moment
    sequence: int | None = Field(default=None, ge=0, description="your order in the chat, where you have one")
    title: Line | None = Field(default=None, description="of a group chat")
    page: Page | None = None
    history: bool = Field(
        default=False,
        description="from another system's history: kept at its date; it opens nothing and notifies nobody."
        " What is older than 30 days is history in any case",
    )


class Edit(ContentGiven, Chat):
    """The whole message as it is now."""

    type: Literal["edit"]
    message: Id
    at: Moment


class Deletion(Chat):
    type: Literal["deletion"]
    message: Id
    at: Moment


class Reaction(Chat):
    """All reactions of the sender to the message now; none: taken back."""

    type: Literal["reaction"]
    message: Id
    sender: Person
    emoji: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(max_length=20)
    at: Moment


class Press(Chat):
    """The client pressed a button, and said nothing else."""

    type: Literal["press"]
    id: Id
    sender: Person
    message: Id | None = None
    label: Line | None = None
    payload: Annotated[str, Field(max_length=2000)] | None = None


class Delivery(Chat):
    """How far one message of ours came. `message`: your id of it, or ours from the webhook."""

    type: Literal["delivery"]
    message: Id
    state: Literal["sent", "delivered", "read", "failed"]
    external_ids: list[Id] = Field(
        default=[], max_length=100, description="your ids of it, if you have not told them"
    )
    code: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,59}$")
    words: Annotated[str, Field(max_length=500)] | None = Field(
        default=None, description="what operators read"
    )
    at: Moment


class Receipt(Chat):
    """Everything of ours up to one message was delivered, or read."""

    type: Literal["receipt"]
    up_to: Id
    state: Literal["delivered", "read"]
    at: Moment


class Typing(Chat):
    """The client writes, or has stopped. Worth nothing after ten seconds; never kept."""

    type: Literal["typing"]
    on: bool = True


class Closing(Chat):
    """The client closed the chat."""

    type: Literal["closing"]
    at: Moment


class Rating(Chat):
    type: Literal["rating"]
    stars: int = Field(ge=1, le=5)
    comment: Annotated[str, Field(max_length=4000)] | None = None
    at: Moment


class Members(Chat):
    """Who came into a group chat, and who left it."""

    type: Literal["members"]
    title: Line | None = None
    joined: list[Person] = Field(default=[], max_length=100)
    left: list[Person] = Field(default=[], max_length=100)
    at: Moment


class Visit(Chat):
    """The visitor is on another page, or a form of the page was filled in."""

    type: Literal["visit"]
    page: Page | None = None
    person: Person | None = None
    fields: Fields = Field(default={})
    consent: bool | None = None
    at: Moment


class Identity(Chat):
    """More is known of a person; `also` names their other ids."""

    type: Literal["identity"]
    person: Person


class Request(Input):
    """A form of a site: contact details and a comment, and no chat."""

    type: Literal["request"]
    id: Id
    name: Line | None = None
    phone: Line | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    comment: Annotated[str, Field(max_length=10_000)] | None = None
    fields: Fields = Field(default={})
    page: Page | None = None


class Call(Chat):
    """What a telephone exchange tells of a call; each state of it is a fact of its own."""

    type: Literal["call"]
    id: Id
    direction: Literal["in", "out"]
    state: Literal["ringing", "answered", "missed", "ended"]
    person: Person
    operator_id: UUID | None = Field(default=None, description="who of us; the id of the operator here")
    duration_seconds: float | None = Field(default=None, ge=0, le=1_000_000)
    recording: FileGiven | None = Field(default=None, description="shown beside the call, as a sound")
    at: Moment


FactGiven: TypeAlias = Annotated[
    Message | Edit | Deletion | Reaction | Press | Delivery | Receipt | Typing | Closing | Rating
    | Members | Visit | Identity | Request | Call,
    Field(discriminator="type"),
]  # fmt: skip


class Facts(Input):
    """What is said at once: taken whole, or refused whole."""

    facts: list[FactGiven] = Field(min_length=1, max_length=MOST_FACTS)


class Taken(Input):
    """The ids under which the facts are known here, in their order; typing has none (null)."""

    ids: list[UUID | None]
