"""One worker of a reading room: mails come in, `Mail`s go out, in their order, until nobody sends any more.

It may use one gigabyte, has no secrets in its environment, and an alarm ends it where a mail never does.
"""

from __future__ import annotations

import resource
import signal
import sys
import traceback
from typing import BinaryIO, Final

from gateways.email.mail import Mail, UnreadableMail
from gateways.email.reading.frames import HEAD, READY, Refused, Request, frame, value
from gateways.email.reading.reader import read

MEMORY_BYTES: Final = 1024 * 1024 * 1024
_ALARM_SECONDS: Final = 30
"""For a worker whose room is gone; a room that is there stops it much earlier."""


def main() -> int:
    limit()
    came, goes = sys.stdin.buffer, sys.stdout.buffer
    goes.write(READY)
    goes.flush()
    while True:
        head = came.read(HEAD.size)
        if len(head) < HEAD.size:
            return 0
        body = came.read(HEAD.unpack(head)[0])
        signal.alarm(_ALARM_SECONDS)
        answered = _answer(value(body))
        signal.alarm(0)
        _send(goes, answered)


def limit() -> None:
    """No more memory than a mail can need, no core files, and only the room decides about the end."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _answer(asked: Request) -> Mail | Refused:
    try:
        return read(asked.raw, believed=asked.believed)
    except UnreadableMail as error:
        return Refused(error.reason, str(error), _place(error.__cause__))


def _place(cause: BaseException | None) -> str | None:
    """Where our program failed, without a word of the mail."""
    if cause is None:
        return None
    last = traceback.extract_tb(cause.__traceback__)[-1]
    return f"{type(cause).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"


def _send(goes: BinaryIO, answered: Mail | Refused) -> None:
    goes.write(frame(answered))
    goes.flush()


if __name__ == "__main__":
    sys.exit(main())
