"""What VK tells of a community beside its messages: in words, and whom it is about.

These open nothing and wake nobody (LC15): they stand in the history of the person, or of the community.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Happening:
    """`person`: the field that names whom it is about, where there is one."""

    words: str
    person: str = ""


HAPPENINGS: Final[Mapping[str, Happening]] = MappingProxyType(
    {
        "message_allow": Happening("the client allowed messages from the community", "user_id"),
        "message_deny": Happening("the client forbade messages from the community", "user_id"),
        "group_join": Happening("the client joined the community", "user_id"),
        "group_leave": Happening("the client left the community", "user_id"),
        "user_block": Happening("the client was banned in the community", "user_id"),
        "user_unblock": Happening("the client is no longer banned in the community", "user_id"),
        "wall_post_new": Happening("a post on the wall", "from_id"),
        "wall_repost": Happening("a post was shared", "from_id"),
        "wall_schedule_post_new": Happening("a post is to appear on the wall", "from_id"),
        "wall_schedule_post_delete": Happening("a post is not to appear on the wall any more", "from_id"),
        "wall_reply_new": Happening("a comment on a post", "from_id"),
        "wall_reply_edit": Happening("a comment on a post was changed", "from_id"),
        "wall_reply_restore": Happening("a comment on a post is back", "from_id"),
        "wall_reply_delete": Happening("a comment on a post was deleted", "deleter_id"),
        "photo_new": Happening("a photo was added", "user_id"),
        "photo_comment_new": Happening("a comment on a photo", "from_id"),
        "photo_comment_edit": Happening("a comment on a photo was changed", "from_id"),
        "photo_comment_restore": Happening("a comment on a photo is back", "from_id"),
        "photo_comment_delete": Happening("a comment on a photo was deleted", "user_id"),
        "video_new": Happening("a video was added"),
        "video_comment_new": Happening("a comment on a video", "from_id"),
        "video_comment_edit": Happening("a comment on a video was changed", "from_id"),
        "video_comment_restore": Happening("a comment on a video is back", "from_id"),
        "video_comment_delete": Happening("a comment on a video was deleted", "user_id"),
        "audio_new": Happening("a song was added"),
        "board_post_new": Happening("a comment in a discussion", "from_id"),
        "board_post_edit": Happening("a comment in a discussion was changed", "from_id"),
        "board_post_restore": Happening("a comment in a discussion is back", "from_id"),
        "board_post_delete": Happening("a comment in a discussion was deleted"),
        "market_comment_new": Happening("a comment on a product", "from_id"),
        "market_comment_edit": Happening("a comment on a product was changed", "from_id"),
        "market_comment_restore": Happening("a comment on a product is back", "from_id"),
        "market_comment_delete": Happening("a comment on a product was deleted", "user_id"),
        "market_order_new": Happening("an order", "user_id"),
        "market_order_edit": Happening("an order was changed", "user_id"),
        "like_add": Happening("somebody likes something", "liker_id"),
        "like_remove": Happening("somebody does not like something any more", "liker_id"),
        "poll_vote_new": Happening("a vote in a poll", "user_id"),
        "lead_forms_new": Happening("a form of the community was filled in", "user_id"),
        "vkpay_transaction": Happening("a payment by VK Pay", "from_id"),
        "app_payload": Happening("an app of the community says something", "user_id"),
        "group_change_settings": Happening("settings of the community were changed"),
        "group_change_photo": Happening("the community has another picture"),
        "group_officers_edit": Happening("an administrator of the community was changed"),
        "donut_subscription_create": Happening("the client subscribed for money", "user_id"),
        "donut_subscription_prolonged": Happening("a paid subscription goes on", "user_id"),
        "donut_subscription_expired": Happening("a paid subscription is over", "user_id"),
        "donut_subscription_cancelled": Happening("a paid subscription was cancelled", "user_id"),
        "donut_subscription_price_changed": Happening("a paid subscription has another price", "user_id"),
        "donut_money_withdraw": Happening("money of subscriptions was paid out"),
        "donut_money_withdraw_error": Happening("money of subscriptions could not be paid out"),
    }
)
