"""The headers under which a file is served, so that it never becomes a page of ours.

Everything is a download, but for what players play and the previews that we drew ourselves. An `<img>` or
`<audio>` on a page shows it all the same: browsers ask Content-Disposition only when they open an address.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from shared.files.kinds import UNKNOWN
from shared.files.names import safe_name

PLAYABLE: Final = frozenset(
    {
        "audio/aac",
        "audio/flac",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "video/mp4",
        "video/ogg",
        "video/webm",
    }
)
PREVIEW: Final = "image/webp"
_ACTIVE: Final = re.compile(r".*(html|xml|svg|script|flash|java|css|multipart|message/).*")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_TYPE: Final = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,99}")


def disposition(name: str, mime_type: str, *, preview: bool = False) -> dict[str, str]:
    """The response headers for a file called `name`; `preview`: we drew it, it may be shown."""
    inline = mime_type in PLAYABLE or (preview and mime_type == PREVIEW)
    return {
        "Content-Type": _harmless(mime_type),
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; {_filename(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _filename(name: str) -> str:
    """RFC 6266: the ASCII form for old programs, then the true one."""
    safe = safe_name(name)
    plain = "".join(character if character.isascii() else "_" for character in safe)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _harmless(mime_type: str) -> str:
    """What a browser might run, or what is no type at all, is just bytes. Office's names have xml in them."""
    if not _TYPE.fullmatch(mime_type) or _ACTIVE.fullmatch(mime_type.removeprefix(_OFFICE)):
        return UNKNOWN
    return f"{mime_type}; charset=utf-8" if mime_type.startswith("text/") else mime_type
