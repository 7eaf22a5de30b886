"""The reply window (MS7): for how long after the client's last message anything but a template goes. Pure.

The hours are counted from the provider's time or ours, whichever is earlier: a message refused here is
better than one that the provider throws away.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from router.dialog import Refused, Turn
from router.templates import template_of
from shared.contract.content import Content
from shared.contract.inbound import MessageHeard


def raised(turn: Turn) -> datetime | None:
    """Until when free text goes after what was heard; what an older message said stays."""
    heard = turn.data
    known = None if turn.conversation is None else turn.conversation.free_text_until
    hours = turn.account.capabilities.reply_window_hours if turn.account else None
    if hours is None or not isinstance(heard, MessageHeard) or heard.origin != "client":
        return known
    if heard.backfill and heard.sent_at is None:
        return known
    at = heard.received_at if heard.sent_at is None else min(heard.sent_at, heard.received_at)
    until = at + timedelta(hours=hours)
    return until if known is None or until > known else known


def check_window(turn: Turn, content: Content) -> None:
    """Refuses what is no template when the time is over, or the client has not written yet."""
    hours = turn.account.capabilities.reply_window_hours if turn.account else None
    if hours is None or template_of(content) is not None:
        return
    until = turn.open.free_text_until
    if until is None or until <= turn.facts.now:
        raise Refused("window_over", hours=str(hours))


def sendable_until(turn: Turn, content: Content, latest: datetime) -> datetime:
    """Until when a message may wait on its way: no longer than the window is open."""
    until = turn.open.free_text_until
    window = turn.account is not None and turn.account.capabilities.reply_window_hours is not None
    if not window or until is None or template_of(content) is not None:
        return latest
    return min(latest, until)
