"""A mail that an operator writes first: from the router's decision to the answer in the same dialog."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from gateways.email.abilities import ABILITIES
from router.beginning import place_of
from router.conversation import decide
from router.dialog import Dialog, Facts, Input
from router.floor import Floor
from router.registry import Account, Operator, Registry
from shared.clock import uuid7
from shared.contract.commands import PATIENCE, PostMessage, StartConversation
from shared.contract.content import Address, Content, Letter, Text, text_content
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard
from shared.contract.outbound import SendMessage
from shared.contract.people import Actor
from tests.support.mailroom import ADDRESS, ANNA, Mailroom, mail

pytestmark = [pytest.mark.feature("MS12", "CH11", "LC1")]

OLGA = Operator(uuid7(), "olga", "Olga", "Olga", "operator", present=True)
BOSS = "boss@mail.example"


class Office:
    """The router's decisions about one dialog of the mailbox."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        box = Account("email", "main", "Shop", ABILITIES, connected=True, declared_at=now)
        self.registry = Registry([OLGA, box])
        self.by: dict[str, Any] = {
            "actor": Actor(kind="operator", id=str(OLGA.operator_id)),
            "deadline": now + PATIENCE,
        }
        self.dialog: Dialog | None = None

    def begin(self, **said: Any) -> SendMessage:
        command = StartConversation(**self.by, account="email.main", message_id=uuid7(), **said)
        act = wrap(command, id=uuid7(), source="desk", time=datetime.now(UTC), subject="email.main")
        self.dialog = Dialog(place_of(command, act.id, self.registry))
        return self._sent(act)

    def answer(self, content: Content) -> SendMessage:
        assert self.dialog is not None
        assert self.dialog.conversation is not None
        about: dict[str, Any] = {
            "dialog_id": self.dialog.dialog_id,
            "conversation_id": self.dialog.conversation.conversation_id,
        }
        command = PostMessage(**self.by, **about, message_id=uuid7(), content=content)
        return self._sent(wrap(command, id=uuid7(), source="desk", time=datetime.now(UTC), subject="email"))

    def hear(self, fact: dict[str, Any]) -> None:
        heard = MessageHeard.model_validate(fact)
        assert self.dialog is not None
        assert heard.dialog == self.dialog.ref
        self._decided(wrap(heard, id=uuid7(), source="email", time=datetime.now(UTC), subject="email"))

    def _sent(self, act: Input) -> SendMessage:
        (sent,) = [one for one in self._decided(act) if isinstance(one, SendMessage)]
        return sent

    def _decided(self, input_: Input) -> tuple[Any, ...]:
        facts = Facts(datetime.now(UTC), self.registry, Floor(self.registry))
        decision = decide(self.dialog, input_, facts)
        self.dialog = decision.state
        return decision.effects


async def sent_by(room: Mailroom, message: SendMessage) -> EmailMessage:
    """The mail as the server got it."""
    now = datetime.now(UTC)
    await room.channel.send(wrap(message, id=message.message_id, source="router", time=now, subject="email"))
    return message_from_bytes(room.smtp.mails[-1].content, policy=policy.default)


async def test_the_answer_to_a_first_mail_joins_its_dialog(filed_room: Mailroom) -> None:
    room, office = filed_room, Office()
    await room.begin()
    content = Content(
        parts=(Text(text="Your lamp is here."),), subject="Your lamp", cc=(Address(address=BOSS),)
    )
    first = await sent_by(room, office.begin(address="Anna@Mail.Example", name="Анна", content=content))
    assert (first["To"], first["Cc"]) == ("Анна <Anna@Mail.Example>", BOSS)
    assert (first["Subject"], first["In-Reply-To"]) == ("Your lamp", None)
    assert "Your lamp is here." in first.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert room.smtp.mails[-1].recipients == ("Anna@Mail.Example", BOSS)

    name = str(first["Message-ID"])
    copies = {"In-Reply-To": name, "References": name, "Cc": BOSS}
    room.deliver(mail("When?", subject="Re: Your lamp", headers=copies))
    (answer,) = await room.heard(1)
    assert (answer["sender"]["address"], answer["content"]["letter"]["marks"]) == (ANNA, [])
    office.hear(answer)
    assert office.dialog is not None
    state = office.dialog.conversation
    assert state is not None
    assert (state.status, state.assignee, state.unread) == ("active", OLGA.operator_id, 1)

    room.deliver(mail("And the shade?", sender=f"The boss <{BOSS}>", subject="Re: Your lamp", headers=copies))
    (colleague,) = await room.heard(1)
    office.hear(colleague)  # who had a copy belongs to the thread

    last = f"<{colleague['external_id'].split()[0]}>"
    again = await sent_by(room, office.answer(text_content("Tomorrow.")))
    assert (again["Subject"], again["In-Reply-To"]) == ("Re: Your lamp", last)


@pytest.mark.feature("MS3")
async def test_subject_and_copies_of_an_answer_are_what_its_author_says(room: Mailroom) -> None:
    office = Office()
    await room.begin()
    first = await sent_by(room, office.begin(address=ANNA, content=_about("Your lamp", BOSS)))
    kept = await sent_by(room, office.answer(text_content("It is here.")))
    assert (kept["Cc"], kept["Subject"], kept["In-Reply-To"]) == (BOSS, "Re: Your lamp", first["Message-ID"])
    changed = await sent_by(room, office.answer(_about("The shade", "shade@mail.example", ANNA, ADDRESS)))
    assert (changed["Cc"], changed["Subject"]) == ("shade@mail.example", "The shade")
    alone = await sent_by(room, office.answer(_about("Between us")))
    assert (alone["To"], alone["Cc"]) == (ANNA, None)


async def test_two_first_mails_to_one_person_are_two_dialogs(room: Mailroom) -> None:
    one, other = Office(), Office()
    await room.begin()
    for office in (one, other):
        await sent_by(room, office.begin(address=ANNA, content=_about("Your lamp")))
    assert one.dialog is not None
    assert other.dialog is not None
    assert one.dialog.dialog_id != other.dialog.dialog_id
    assert len({str(raw.content) for raw in room.smtp.mails}) == 2
    first = message_from_bytes(room.smtp.mails[0].content, policy=policy.default)
    room.deliver(mail("Yes", subject="Re: Your lamp", headers={"In-Reply-To": str(first["Message-ID"])}))
    one.hear((await room.heard(1))[0])


def _about(subject: str, *copies: str) -> Content:
    cc = tuple(Address(address=one) for one in copies)
    return Content(parts=(Text(text="Good day"),), subject=subject, cc=cc, letter=Letter())
