"""What somebody wants done, and the answer. On the exchange `commands` under `<noun>.<verb>`.

The envelope's id is the act: a repeat with the same body gets the stored answer, with another body a
conflict. Past its `deadline` a command is answered `expired` and leaves no trace. The answer goes to
the asking replica's own queue (AMQP `reply_to`), transient; the feed carries the command's id too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import Field

from shared.contract.envelope import Data
from shared.contract.people import Actor
from shared.contract.refusals import RefusalCode
from shared.contract.refusals import words as refusal_words
from shared.contract.wire import Utc, Wire

PATIENCE: Final = timedelta(seconds=30)
"""How long a command may wait before it is answered `expired`."""


class Command(Data):
    """Root of commands: who asks, and until when it makes sense."""

    actor: Actor
    deadline: Utc


class Refusal(Wire):
    code: RefusalCode
    parameters: dict[str, str] = Field(default_factory=dict)

    def words(self, language: str = "en") -> str:
        """The refusal in the reader's language."""
        return refusal_words(self.code, language, self.parameters)


class Answer(Data):
    """What became of a command. `result` names what was made or changed."""

    TYPE: ClassVar[str] = "answer.v1"
    command_id: UUID
    ok: bool
    refusal: Refusal | None = None
    result: dict[str, Any] = Field(default_factory=dict)
