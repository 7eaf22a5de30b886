"""What Telegram has and our contract has not: in words for operators. Pure.

A kind of `SHOWN` is said by the client, one of `SERVICE` tells what happened in the chat and opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from gateways.kit.text import clean_line

UNKNOWN_WORDS: Final = "a kind of message that is not known here"
LONGEST: Final = 300

SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "poll": "a poll",
        "dice": "a throw of dice",
        "game": "a game",
        "story": "a story",
        "paid_media": "paid media",
        "checklist": "a checklist",
        "invoice": "an invoice",
        "successful_payment": "a payment",
        "refunded_payment": "a payment that was given back",
        "gift": "a gift",
        "unique_gift": "a unique gift",
        "gift_upgrade_sent": "an upgrade of a gift",
        "giveaway": "a giveaway",
        "giveaway_winners": "the winners of a giveaway",
        "passport_data": "documents by Telegram Passport",
        "rich_message": "a text with rich formatting",
        "users_shared": "contacts that were chosen",
        "user_shared": "a contact that was chosen",
        "chat_shared": "a chat that was chosen",
    }
)

SERVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chat_owner_left": "the owner left the chat",
        "chat_owner_changed": "the chat has another owner",
        "new_chat_photo": "the chat has a new picture",
        "delete_chat_photo": "the chat has no picture any more",
        "group_chat_created": "the group was created",
        "supergroup_chat_created": "the group was created",
        "channel_chat_created": "the channel was created",
        "message_auto_delete_timer_changed": "when messages are removed was changed",
        "migrate_to_chat_id": "the group has another id from now on",
        "migrate_from_chat_id": "the group had another id until now",
        "pinned_message": "a message was pinned",
        "connected_website": "the client signed in on a site",
        "write_access_allowed": "the client allowed the bot to write",
        "proximity_alert_triggered": "somebody came near",
        "boost_added": "the chat was boosted",
        "chat_background_set": "the chat has another background",
        "checklist_tasks_done": "tasks of a checklist were ticked",
        "checklist_tasks_added": "tasks were added to a checklist",
        "direct_message_price_changed": "the price of messages was changed",
        "paid_message_price_changed": "the price of messages was changed",
        "forum_topic_created": "a topic was opened",
        "forum_topic_edited": "a topic was changed",
        "forum_topic_closed": "a topic was closed",
        "forum_topic_reopened": "a topic was opened again",
        "general_forum_topic_hidden": "the general topic was hidden",
        "general_forum_topic_unhidden": "the general topic is shown again",
        "giveaway_created": "a giveaway was announced",
        "giveaway_completed": "a giveaway is over",
        "managed_bot_created": "a bot was created",
        "poll_option_added": "an answer was added to a poll",
        "poll_option_deleted": "an answer was taken out of a poll",
        "suggested_post_approved": "a suggested post was approved",
        "suggested_post_approval_failed": "a suggested post could not be approved",
        "suggested_post_declined": "a suggested post was declined",
        "suggested_post_paid": "a suggested post was paid",
        "suggested_post_refunded": "a suggested post was paid back",
        "video_chat_scheduled": "a video call was planned",
        "video_chat_started": "a video call began",
        "video_chat_ended": "a video call ended",
        "video_chat_participants_invited": "somebody was invited to a video call",
        "community_chat_added": "a chat was added to a community",
        "community_chat_removed": "a chat was taken out of a community",
        "community_chat_joined": "somebody joined by a community",
    }
)

UPDATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "message_reaction_count": "how many reacted to a message",
        "inline_query": "a search by the bot's name",
        "chosen_inline_result": "a result of a search by the bot's name",
        "shipping_query": "a question about delivery",
        "pre_checkout_query": "a payment that is about to be made",
        "purchased_paid_media": "paid media that was bought",
        "poll": "the answers of a poll",
        "poll_answer": "an answer to a poll",
        "chat_join_request": "somebody wants to join the chat",
        "chat_boost": "the chat was boosted",
        "removed_chat_boost": "a boost of the chat is over",
        "managed_bot": "a bot was changed",
        "subscription": "a subscription",
    }
)
"""Kinds of updates that are no messages."""

_DETAILS: Final[Mapping[str, Callable[[Any], object]]] = MappingProxyType(
    {
        "poll": lambda told: told["question"],
        "dice": lambda told: f"{told['emoji']} {told['value']}",
        "game": lambda told: told["title"],
        "checklist": lambda told: "; ".join([told["title"], *(task["text"] for task in told["tasks"])]),
        "invoice": lambda told: told["title"],
        "successful_payment": lambda told: f"{told['currency']} {told['total_amount']}, in the smallest unit",
        "forum_topic_created": lambda told: told["name"],
        "inline_query": lambda told: told["query"],
    }
)


def words(kind: str, told: Any, table: Mapping[str, str]) -> str:
    """What it is, with what of it fits into a line."""
    name = table.get(kind, UNKNOWN_WORDS)
    try:
        detail = clean_line(str(_DETAILS[kind](told)), LONGEST)
    except (KeyError, TypeError, ValueError):
        return name
    return f"{name}: {detail}" if detail else name
