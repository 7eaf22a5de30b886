"""Meta over loopback: the Graph API of one number, what it was given, and what it posts to us.

async with Meta() as meta:
    meta.script(SEND, Fail(429, error(130429)))
    write_accounts(folder, meta)
    … assert meta.texts == ["Да"]

Like the real one it drops nothing: what it takes twice, the client reads twice.
"""

import json
from collections.abc import Callable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.support.provider import Provider, Reply, Request, Route

CHANNEL = "whatsapp_cloud"
NUMBER, BUSINESS, OWN = "106000000000001", "102000000000001", "79991112233"
CLIENT = "79990000001"
TOKEN, APP_SECRET, VERIFY = "an access token of tests", "an app secret of tests", "a verify token of tests"
SEND, UPLOAD = "/v24.0/{number}/messages", "/v24.0/{number}/media"
LIST, LOOK, BYTES = "/v24.0/{business}/message_templates", "/v24.0/{id}", "/files/{id}"


def error(code: int, **more: Any) -> dict[str, Any]:
    """An error in Meta's shape."""
    return {"error": {"message": f"(#{code}) of the test", "type": "OAuthException", "code": code, **more}}


def change(value: Mapping[str, Any], field: str = "messages", number: str = NUMBER) -> dict[str, Any]:
    metadata = {"display_phone_number": OWN, "phone_number_id": number}
    told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": BUSINESS, "changes": [{"field": field, "value": told}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def message(
    kind: str, body: Any, name: str = "wamid.A1", at: int = 1769853600, **more: Any
) -> dict[str, Any]:
    return {"from": CLIENT, "id": name, "timestamp": str(at), "type": kind, kind: body} | more


def heard(*messages: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Messages of the client, as they are posted."""
    contact = {"profile": {"name": "Анна"}, "wa_id": CLIENT, **more}
    return change({"contacts": [contact], "messages": list(messages)})


def said(text: str, name: str = "wamid.A1", at: int = 1769853600) -> dict[str, Any]:
    return heard(message("text", {"body": text}, name, at))


def receipt(of: str, state: str, ours: UUID | None = None, at: int = 1769853660) -> dict[str, Any]:
    told = {"id": of, "status": state, "timestamp": str(at), "recipient_id": CLIENT}
    told |= {"biz_opaque_callback_data": str(ours)} if ours else {}
    return change({"statuses": [told]})


class Meta(Provider):
    """`sent` is what clients read, in order, read marks left out; `during` is awaited while it takes one."""

    def __init__(self) -> None:
        super().__init__(
            [
                Route("POST", SEND, self._take),
                Route("POST", UPLOAD, self._keep),
                Route("GET", LIST, self._list),
                Route("GET", LOOK, self._look),
                Route("GET", BYTES, self._bytes),
            ]
        )
        self.token = TOKEN
        self.sent: list[dict[str, Any]] = []
        self.marks: list[dict[str, Any]] = []
        self.uploads: list[tuple[str, str, bytes]] = []
        self.files: dict[str, bytes] = {}
        self.templates: list[dict[str, Any]] = []
        self.wa_ids: dict[str, str] = {}
        """What Meta calls a number that is written to, where that is another."""
        self.during: Callable[[str], Any] | None = None

    @property
    def texts(self) -> list[str]:
        return [one["text"]["body"] for one in self.sent if one["type"] == "text"]

    def _refused(self, request: Request) -> Reply | None:
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return None
        return Reply(error(190, error_subcode=463), 401)

    async def _take(self, request: Request) -> Any:
        if refused := self._refused(request):
            return refused
        body = request.json()
        assert body["messaging_product"] == "whatsapp"
        if body.get("status") == "read":
            self.marks.append(body)
            return {"success": True}
        self.sent.append(body)
        name = f"wamid.B{len(self.sent)}"
        if self.during is not None:
            await self.during(name)
        to = body.get("to") or body["recipient"]
        contact = {"input": to, "wa_id": self.wa_ids.get(to, to)}
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": name}]}

    def _keep(self, request: Request) -> Any:
        if refused := self._refused(request):
            return refused
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            str(part.get_param("name", header="content-disposition")): part
            for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()
        }
        file = parts["file"]
        assert parts["messaging_product"].get_content().strip() == "whatsapp"
        assert parts["type"].get_content().strip() == file.get_content_type()
        raw = file.get_payload(decode=True)
        assert isinstance(raw, bytes)
        self.uploads.append((str(file.get_filename()), file.get_content_type(), raw))
        return {"id": f"90{len(self.uploads)}"}

    def _list(self, request: Request) -> Any:
        """One template a page, so that there are pages."""
        if refused := self._refused(request):
            return refused
        after = int(request.query.get("after", "0"))
        paging: dict[str, Any] = {"cursors": {"after": str(after + 1)}}
        if after + 1 < len(self.templates):
            paging["next"] = f"{self.url}/never-asked?access_token={self.token}"
        return {"data": self.templates[after : after + 1], "paging": paging}

    def _look(self, request: Request) -> Any:
        if refused := self._refused(request):
            return refused
        name = request.names["id"]
        if name == NUMBER:
            return {"status": "CONNECTED", "quality_rating": "GREEN", "id": NUMBER}
        if name not in self.files:
            return Reply(error(100, error_subcode=33), 400)
        return {"url": f"{self.url}/files/{name}", "mime_type": "image/png", "id": name}

    def _bytes(self, request: Request) -> Any:
        return self._refused(request) or Reply(self.files[request.names["id"]])


def write_accounts(folder: Path, meta: Meta) -> Path:
    """An accounts file with the one number."""
    secrets = {"main.token": TOKEN, "main.app": APP_SECRET, "main.verify": VERIFY}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    account = {
        "slug": "main", "name": "Shop", "number_id": NUMBER, "business_id": BUSINESS, "api": meta.url,
        "secret_file": "main.token", "app_secret_file": "main.app", "verify_token_file": "main.verify",
    }  # fmt: skip
    lines = [f"[[{CHANNEL}]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
    path = folder / "accounts.toml"
    path.write_text("\n".join(lines))
    return path
