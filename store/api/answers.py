"""What is asked of the store and what it answers; each answer is as of row `seq` of the feed."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contract.feed import Sight
from shared.contract.people import DialogRef
from shared.contract.rights import Right
from shared.http.route import Input
from store.views import (
    AccountTemplatesView,
    AccountView,
    AttachmentView,
    AuditView,
    ConversationView,
    GroupView,
    LineView,
    OperatorView,
    ParkedView,
    StatusesView,
    TemplateView,
    View,
)

Folder: TypeAlias = Literal["new", "mine", "group", "others", "all", "closed"]


class ListParams(Input):
    folder: Folder = Field(
        "all",
        description="new: nobody's; mine: assignee, participant, or offered to me; group: of these, offered "
        "to a group of mine; all: every open one",
    )
    account: str | None = Field(None, max_length=100, description="`channel.account`")
    name: str | None = Field(
        None, max_length=100, description="words with which words of the client's name begin"
    )
    after: str | None = Field(None, max_length=200, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=100)


class OneParams(Input):
    conversation_id: UUID


class HistoryParams(OneParams):
    before: int | None = Field(
        None, ge=0, lt=2**62, description="lines before this position, the nearest ones"
    )
    after: int | None = Field(None, ge=0, lt=2**62, description="lines after this position, the nearest ones")
    limit: int = Field(50, ge=1, le=200)


class LineParams(Input):
    message_id: UUID


class AttachmentParams(Input):
    attachment_id: UUID


class AccountParams(Input):
    account: str = Field(max_length=100, description="`channel.account`")


class DialogParams(Input):
    dialog_id: UUID


class OlderParams(Input):
    after: str | None = Field(None, max_length=200, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class ParkedParams(Input):
    parked_id: UUID


class FeedParams(Input):
    after: int = Field(0, ge=0, lt=2**62)
    limit: int = Field(500, ge=1, le=1000)


class ViewerFacts(View):
    """Who an operator is and what they may see. `access_version` rises whenever that may have changed."""

    seq: int
    operator: OperatorView
    rights: tuple[Right, ...]
    accounts: tuple[str, ...]
    access_version: int


class FolderCounts(View):
    folder: Folder
    total: int
    more: bool = False
    """There are more than `total`: closed ones are counted up to a thousand."""
    unread: int = 0
    """Conversations with something unread."""
    waiting: int = 0
    """Conversations whose client waits for an answer."""


class AccountCounts(View):
    """Open conversations of an account: all that may be seen, with something unread, whose client waits."""

    account: str
    total: int
    unread: int
    waiting: int


class FoldersAnswer(View):
    seq: int
    folders: tuple[FolderCounts, ...]
    accounts: tuple[AccountCounts, ...] = ()
    """Those that have any."""


class ConversationAnswer(ConversationView):
    seq: int


class ConversationPage(View):
    seq: int
    items: tuple[ConversationView, ...]
    next: str | None = None
    """`after` of the next page; none: this is the last."""


class HistoryPage(View):
    """Lines in the order of the dialog."""

    seq: int
    items: tuple[LineView, ...]
    more: bool
    """There are lines beyond, in the direction asked for."""


class LineAnswer(LineView):
    seq: int


class AttachmentAnswer(AttachmentView):
    seq: int


class AttachmentsAnswer(View):
    """All files of a message."""

    seq: int
    items: tuple[AttachmentView, ...]


class SightAnswer(View):
    """Where a dialog is, and who may see what it says now."""

    seq: int
    conversation_id: UUID | None = None
    dialog: DialogRef
    sight: Sight


class OperatorPage(View):
    seq: int
    items: tuple[OperatorView, ...]


class StatusesAnswer(StatusesView):
    seq: int


class TemplatePage(View):
    seq: int
    items: tuple[TemplateView, ...]


class GroupPage(View):
    seq: int
    items: tuple[GroupView, ...]


class AccountTemplatesAnswer(AccountTemplatesView):
    seq: int


class AccountPage(View):
    seq: int
    items: tuple[AccountView, ...]


class AuditPage(View):
    seq: int
    items: tuple[AuditView, ...]
    next: str | None = None


class ParkedPage(View):
    seq: int
    items: tuple[ParkedView, ...]
    next: str | None = None


class ParkedWhole(ParkedView):
    """With what it holds, redacted: nobody's words are in it (BY12)."""

    seq: int
    headers: dict[str, Any]
    payload: Any = None
    """The body, where it is JSON, with private values masked."""
