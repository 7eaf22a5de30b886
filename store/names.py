"""The words of contacts' names, by which people are found: each word's beginning is looked up in an index.

"Пётр О’Нил" is found by "петр", "нил" and "о нил". The page compares names by the same rule (`wordsOf`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables import conversations, names

MOST_WORDS: Final = 8
LONGEST: Final = 60
FEW: Final = 1_000
_LAST: Final = "\U0010ffff"
"""Above every character that a word goes on with; the index compares code points."""
_WORD: Final = re.compile(r"\w+")


def words_of(name: str) -> tuple[str, ...]:
    """The words as they are compared, each once."""
    folded = name.lower().replace("ё", "е").replace("\x00", "")
    return tuple(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(folded)))[:MOST_WORDS]


async def called(conn: AsyncConnection, asked: str) -> tuple[ColumnElement[bool], bool]:
    """Conversations of those in whose name there is a word that begins with each word asked for.

    And whether these are few: then they are found by their contacts. What many are called is met soon enough
    in a list that is read from its newest on.
    """
    words = words_of(asked)
    if not words:
        return false(), True
    counts = {word: await _count(conn, word) for word in words}
    rarest = min(counts, key=counts.__getitem__)
    few = counts[rarest] < FEW
    clauses = [_among(word) if few and word == rarest else _beside(word) for word in words]
    return and_(*clauses), few


def _begins(word: str) -> ColumnElement[bool]:
    return and_(names.c.word >= word, names.c.word < word + _LAST)


def _among(word: str) -> ColumnElement[bool]:
    return conversations.c.contact_id.in_(select(names.c.contact_id).where(_begins(word)))


def _beside(word: str) -> ColumnElement[bool]:
    return (
        select(names.c.word).where(names.c.contact_id == conversations.c.contact_id, _begins(word)).exists()
    )


async def _count(conn: AsyncConnection, word: str) -> int:
    """How many are called so, up to what is few."""
    some = select(names.c.contact_id).where(_begins(word)).limit(FEW).subquery()
    return int((await conn.execute(select(func.count()).select_from(some))).scalar_one())


async def save(conn: AsyncConnection, renamed: Mapping[UUID, str | None]) -> None:
    """Whoever has a new name is found by that."""
    if not renamed:
        return
    await conn.execute(delete(names).where(names.c.contact_id.in_(renamed)))
    rows = [
        {"word": word, "contact_id": contact_id}
        for contact_id, name in renamed.items()
        for word in words_of(name or "")
    ]
    if rows:
        await conn.execute(names.insert(), rows)
