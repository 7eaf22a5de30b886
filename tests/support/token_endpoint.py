"""An OAuth2 server over loopback: gives access tokens for refresh tokens, and tells Dovecot whose they are.

    endpoint.grant("refresh-1", "anna@shop.example")
    endpoint.revoke("refresh-1")            # the next renewal is refused, and all its tokens with it
    endpoint.end_tokens()                   # what was given until now is over, before its time

It runs in a thread of its own, for a server that all tests share asks it.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class TokenEndpoint:
    """`start` it; `renewals`: the forms of requests as they came."""

    expires_in: float = 3600
    renewals: list[dict[str, str]] = field(default_factory=list)
    fail_with: int = 0
    """A status that answers the next renewals, if not 0."""
    _granted: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Access tokens that are good now, and whose they are."""
    _server: ThreadingHTTPServer | None = None

    def start(self) -> "TokenEndpoint":
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                form = {
                    name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()
                }
                self._answer(*endpoint._renewed(form))

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                self._answer(*endpoint._told(query.get("token", [""])[0]))

            def _answer(self, status: int, said: dict[str, Any]) -> None:
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    def grant(self, refresh_token: str, user: str) -> None:
        self._granted[refresh_token] = user

    def revoke(self, refresh_token: str) -> None:
        user = self._granted.pop(refresh_token)
        for token in [token for token, whose in self.tokens.items() if whose == user]:
            del self.tokens[token]

    def end_tokens(self) -> None:
        self.tokens.clear()

    def _renewed(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.renewals.append(form)
        if self.fail_with:
            return self.fail_with, {}
        user = self._granted.get(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or user is None:
            return 400, {"error": "invalid_grant"}
        token = f"access-token-{len(self.renewals)}-{id(self)}"
        self.tokens[token] = user
        return 200, {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer"}

    def _told(self, token: str) -> tuple[int, dict[str, Any]]:
        user = self.tokens.get(token)
        return (200, {"active": True, "email": user}) if user else (401, {"active": False})
