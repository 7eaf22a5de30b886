"""Writing first (MS12): whose dialog an address is, and the conversation in it, its author's at once.

A dialog of one person is found by the address, so what stands open there is gone on with, and an answer joins
it: the chat is the provider's id of the person, the digits of a phone. Where dialogs are threads each first
message begins one, whose chat is the id of the act; the gateway learns from the content whom it goes to.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from router.acting import ready
from router.dialog import Refused, Turn
from router.handing import give, is_to, offered_to
from router.permission import permit_start, self_as_operator, taken_by_other
from router.receiving import check_taker
from router.registry import Account, Registry
from router.sending import answer, answer_new, answer_offered, check_content, send
from router.taking import open_again
from router.templates import template_of
from shared.contract import ids
from shared.contract.addresses import is_mail_address, phone_number
from shared.contract.commands import PostMessage, StartConversation
from shared.contract.content import Address, Letter
from shared.contract.events import ConversationOpened, ConversationState
from shared.contract.people import DialogRef, Identity

LONGEST_ADDRESS: Final = 320
"""Of mail, in characters; a gateway cuts what it hears there."""


def place_of(command: StartConversation, act: UUID, registry: Registry) -> DialogRef:
    """The dialog in which the message would stand; `Refused`: who may not, and what cannot be."""
    permit_start(registry, command)
    account = registry.accounts.get(command.account)
    if account is None:
        raise Refused("account_unseen")
    person = person_of(command, account)
    chat = str(act) if account.capabilities.threads else person.address
    return DialogRef(
        dialog_id=ids.dialog_id(account.channel, account.account, chat),
        channel=account.channel,
        account=account.account,
        chat=chat,
    )


def person_of(command: StartConversation, account: Account) -> Identity:
    """Whom the address names, as the account's gateway names who writes from there."""
    said, channel, name = command.address.strip(), account.channel, (command.name or "").strip() or None
    kind = account.capabilities.addresses
    if not account.capabilities.write_first or kind == "none":
        raise Refused("writing_first_impossible")
    if kind == "phone":
        phone = phone_number(said)
        if phone is None:
            raise Refused("phone_wrong")
        return Identity(channel=channel, address=phone.removeprefix("+"), name=name, phone=phone)
    if kind == "email":
        if not is_mail_address(said) or len(said) > LONGEST_ADDRESS or not said.isprintable():
            raise Refused("email_wrong")
        return Identity(channel=channel, address=said.lower(), name=name, email=said.lower())
    if not said or not said.isprintable():
        raise Refused("address_wrong")
    return Identity(channel=channel, address=said, name=name)


def start(turn: Turn) -> None:
    """A conversation where none is open; where one was, and the account goes on with it, that one again."""
    operator = self_as_operator(turn)
    check_taker(turn, operator)
    before = turn.conversation
    if before is None or turn.settings.reopens == "fresh":
        turn.conversation = ConversationState.model_construct(
            conversation_id=ids.conversation_id(turn.ref.dialog_id, turn.id),
            status="new",
            opened_at=turn.facts.now,
            free_text_until=before.free_text_until if before else None,
        )
        turn.declined = ()
        turn.emit(ConversationOpened)
    else:
        open_again(turn)
    _first(turn)
    _check_window(turn)
    check_content(turn)
    give(turn, operator, "started")
    send(turn)
    _tell(turn)


def go_on_new(turn: Turn) -> None:
    """What nobody has taken is taken by writing in it."""
    _first(turn)
    answer_new(turn)
    _tell(turn)


def go_on_offered(turn: Turn) -> None:
    """It is offered to its author; another's is not taken over by writing first."""
    offer = turn.open.offer
    if offer is None or not is_to(offer, self_as_operator(turn)):
        raise _open_already(turn, offered_to(turn))
    _first(turn)
    answer_offered(turn)
    _tell(turn)


def go_on_active(turn: Turn) -> None:
    """One's own, or one that one takes part in; another's is not taken over by writing first."""
    conversation = turn.open
    if self_as_operator(turn).operator_id not in (conversation.assignee, *conversation.participants):
        raise _open_already(turn, taken_by_other(turn).parameters["who"])
    _first(turn)
    answer(turn)
    _tell(turn)


def _first(turn: Turn) -> None:
    """From here on the message is one that is posted as any other; in a thread it names whom it goes to."""
    command: StartConversation = turn.data
    account = ready(turn)
    turn.recipient = person_of(command, account)
    content = command.content
    if account.capabilities.threads:
        to = Address(address=command.address.strip(), name=turn.recipient.name)
        content = content.model_copy(update={"letter": Letter(to=(to,))})
    turn.data = PostMessage.model_construct(
        actor=command.actor,
        deadline=command.deadline,
        dialog_id=turn.ref.dialog_id,
        conversation_id=turn.open.conversation_id,
        message_id=command.message_id,
        content=content,
    )


def _check_window(turn: Turn) -> None:
    """Whoever has never written to us gets a template first, where the channel has a window."""
    windowed = ready(turn).capabilities.reply_window_hours is not None
    if windowed and turn.open.free_text_until is None and template_of(turn.data.content) is None:
        raise Refused("template_first")


def _open_already(turn: Turn, who: str) -> Refused:
    """Says whose it is, and which, to those who may see it."""
    if not turn.facts.registry.sees(self_as_operator(turn), turn.scope):
        return Refused("conversation_open")
    return Refused("conversation_open", who=who, conversation_id=str(turn.open.conversation_id))


def _tell(turn: Turn) -> None:
    turn.result |= {"dialog_id": str(turn.ref.dialog_id), "assignee": str(turn.open.assignee)}
