"""Mails as they were drawn: seen by whoever sees the message, harmless whatever lies among the blobs."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateways.desk import letters
from gateways.desk.api import letters as shown
from shared.files.blobs import Blobs
from tests.integration.desk.browser import Browser, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_store import ScriptedStore
from tests.unit.desk.hostile_letters import CASES, OWN, STRANGE

pytestmark = pytest.mark.feature("CH11")

PICTURE = bytes(range(256)) * 1000
DRAWN = f' src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}"'
PAGE = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.open(f"file://{tmp_path}/blobs")


class Mails:
    """Mails of one conversation, in the scripted store and among the blobs."""

    def __init__(self, store: ScriptedStore, blobs: Blobs, conversation: UUID) -> None:
        self._store = store
        self._blobs = blobs
        self._conversation = conversation

    async def put(self, html: str | bytes, *, state: str = "stored") -> UUID:
        message_id = self._store.put_message(self._conversation, {"content": {}})
        await self.file(message_id, html, state=state, kind="html", mime_type="text/html")
        return message_id

    async def file(self, message_id: UUID, data: str | bytes, *, state: str = "stored", **said: str) -> UUID:
        of = {"state": state, "message_id": message_id}
        attachment_id = self._store.put_attachment(self._conversation, **of, **said)  # type: ignore[arg-type]
        raw = data.encode() if isinstance(data, str) else data
        await self._blobs.put(str(attachment_id), sent(raw), limit=len(raw) + 1)
        return attachment_id

    async def picture(self, message_id: UUID, data: bytes = PICTURE, mime_type: str = "image/png") -> UUID:
        return await self.file(message_id, data, kind="image", mime_type=mime_type)


async def sent(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def look(browser: Browser, message: object, query: str = "", **headers: str) -> tuple[int, Any, str]:
    address = f"{browser.url}/api/messages/{message}/html{query}"
    async with browser.session.get(address, headers=headers) as response:
        return response.status, response.headers, await response.text()


def inside(body: str) -> str:
    assert body.startswith(letters.HEAD)
    assert body.endswith(letters.TAIL)
    return body.removeprefix(letters.HEAD).removesuffix(letters.TAIL)


async def test_it_is_seen_by_whoever_sees_the_message(
    desk: Workplace, store: ScriptedStore, blobs: Blobs
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris", accounts=("webchat.other",)))
    conversation = store.put_conversation()
    mail = await Mails(store, blobs, conversation).put("<p>words</p>")
    plain = store.put_message(conversation, {})
    async with await desk.signed_in(anna) as browser:
        status, headers, body = await look(browser, mail)
        assert (status, inside(body)) == (200, "<p>words</p>")
        told = letters.headers(remote=False)
        assert {name: headers[name] for name in told} == told
        assert headers.getall("Content-Security-Policy") == [told["Content-Security-Policy"]]
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Cache-Control"] == "private, no-store"
        for missing in (plain, uuid4()):
            assert (await look(browser, missing))[0] == 404
        assert (await look(browser, mail, "?remote=perhaps"))[0] == 422
    async with await desk.signed_in(boris) as browser:
        seen, there = [await look(browser, one, **PAGE) for one in (mail, uuid4())]
        assert (seen[0], seen[2]) == (there[0], there[2])
        assert seen[0] == 404
    async with desk.browser() as nobody:
        assert (await look(nobody, mail))[0] == 401
    async with await desk.signed_in(anna) as browser:
        await it_is_said_what_cannot_be_shown(browser, conversation, store, blobs)


async def test_harm_stays_outside(desk: Workplace, store: ScriptedStore, blobs: Blobs) -> None:
    """All of it in one mail: the picture of the mail is there, the other mail's is not."""
    mails = Mails(store, blobs, store.put_conversation())
    mail, other = await mails.put(""), await mails.put("<p>another</p>")
    picture, strange = await mails.picture(mail), await mails.picture(other)
    parted = [
        case.given.replace(str(OWN), str(picture)).replace(str(STRANGE), str(strange)) for case in CASES
    ]
    await rewritten(store, blobs, mail, "<hr>".join(parted))
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        for remote in (False, True):
            _, headers, body = await look(browser, mail, "?remote=true" if remote else "")
            then = [(remote and case.asked) or case.then for case in CASES]
            assert inside(body).split("<hr>") == [one.replace("{own}", DRAWN) for one in then]
            assert ("https:" in headers["Content-Security-Policy"]) == remote
        await pictures_stand_in_it(browser, mails, store, blobs)


async def rewritten(store: ScriptedStore, blobs: Blobs, mail: UUID, html: str) -> None:
    (page,) = [
        one for one in store.attachments.values() if (one["message_id"], one["kind"]) == (str(mail), "html")
    ]
    await blobs.put(page["attachment_id"], sent(html.encode()), limit=100_000)


async def pictures_stand_in_it(browser: Browser, mails: Mails, store: ScriptedStore, blobs: Blobs) -> None:
    """Those that are there and that a browser draws, whole, until the page has room for no more."""
    mail = await mails.put("")
    good, drawing = await mails.picture(mail), await mails.picture(mail, mime_type="image/svg+xml")
    expired = await mails.file(mail, PICTURE, state="expired", kind="image", mime_type="image/png")
    gone = await mails.picture(mail)
    large = await mails.picture(mail, bytes(shown.PICTURES_BYTES))
    await blobs.delete(str(gone))
    named = (good, drawing, expired, gone, large, good)
    await rewritten(store, blobs, mail, "".join(f'<img src="cid:{one}">' for one in named))
    _, _, body = await look(browser, mail)
    assert inside(body) == f"<img{DRAWN}><img><img><img><img><img{DRAWN}>"


async def it_is_said_what_cannot_be_shown(
    browser: Browser, conversation: UUID, store: ScriptedStore, blobs: Blobs
) -> None:
    """To a frame as a page of words in the language of the workplace, to programs as a problem."""
    mails = Mails(store, blobs, conversation)
    expired, long, torn = (
        await mails.put("x", state="expired"),
        await mails.put(bytes(shown.HTML_BYTES + 1)),
        await mails.put(b"<p>\xff\xfe words</p>"),
    )
    status, headers, body = await look(browser, expired, "?language=ru", **PAGE)
    assert (status, headers["X-Frame-Options"]) == (410, "SAMEORIGIN")
    assert inside(body) == "<p>Срок хранения файла прошёл: его больше нет.</p>"
    status, headers, body = await look(browser, long)
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert '"letter_too_long"' in body
    assert inside((await look(browser, torn))[2]) == "<p>\ufffd\ufffd words</p>"
    store.down = True
    status, _, body = await look(browser, torn, **PAGE)
    assert (status, inside(body)[:3]) == (503, "<p>")
    assert (await look(browser, torn))[0] == 503
