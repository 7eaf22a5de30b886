"""What a bot of Telegram can do."""

from __future__ import annotations

from typing import Final

from gateways.kit.voice import audible
from gateways.telegram_bot import layout, texts
from shared.contract.capabilities import Capabilities

ABILITIES: Final = audible(
    Capabilities(
        text_length=texts.TEXT_LENGTH,
        images=True,
        files=True,
        voice=True,
        video=True,
        audio=True,
        stickers=True,
        locations=True,
        contact_cards=True,
        buttons=True,
        quote=True,
        edit=True,
        delete=True,
        reactions=True,
        typing_out=True,
        groups=True,
        file_bytes=layout.FILE_BYTES,
        image_bytes=layout.FILE_BYTES,
        files_per_message=layout.MOST_IN_ALBUM,
        messages_per_second=30.0,
        burst=30,
        note="A bot cannot write first, and is told neither of receipts nor of deletions, but for the chats "
        "of a business. Pictures above 10 MB go as files; files of clients come up to 20 MB, with a Bot API "
        "server of one's own up to 2000 MB. Own messages can be deleted for 48 hours.",
    )
)
