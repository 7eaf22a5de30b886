"""A whole connector of the open channel: what clients write comes by lines of standard input, what operators
answer is printed. The account's entry names http://127.0.0.1:8090/ as its webhook.

    python http_connector.py 127.0.0.1:8088 main main.secret 8090
    anna Is the green one in stock?
    < anna Yes, it is.
"""

import hashlib
import hmac
import http.client
import json
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GATE, ACCOUNT, SECRET, PORT = sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_bytes().strip(), sys.argv[4]
SEEN: set[str] = set()  # a real connector keeps these ids where they survive it, for a week
LOCK = threading.Lock()


def signature(stamp: str, body: bytes) -> str:
    return "v1=" + hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def proven(headers: Any, body: bytes) -> bool:
    """While two secrets are valid, the gateway signs with both: a comma between."""
    stamp, given = headers["Switchboard-Timestamp"] or "", headers["Switchboard-Signature"] or ""
    fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= 300
    return fresh and any(hmac.compare_digest(one, signature(stamp, body)) for one in given.split(","))


def tell(**fact: Any) -> None:
    """Until the gateway has it: 202 means that it is safe. What it refuses is a mistake of ours."""
    body, pause = json.dumps(fact).encode(), 1.0
    while True:
        stamp = str(int(time.time()))
        headers = {"Content-Type": "application/json", "Switchboard-Timestamp": stamp}
        headers["Switchboard-Signature"] = signature(stamp, body)
        try:
            gate = http.client.HTTPConnection(GATE, timeout=30)
            gate.request("POST", f"/http/{ACCOUNT}/facts", body, headers)
            answer = gate.getresponse()
            if answer.status == 202:
                return
            if answer.status < 500 and answer.status not in (408, 429):
                sys.exit(answer.read().decode())
        except OSError:
            pass  # said again, it has the same ids
        time.sleep(pause)
        pause = min(60.0, pause * 2)


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not proven(self.headers, body):
            self.answer(401, {})
            return
        notice = json.loads(body)
        if notice["type"] == "message":  # else a ping, or what this connector does not do
            with LOCK:
                known = notice["id"] in SEEN
                SEEN.add(notice["id"])
            if not known:
                words = " ".join(part.get("plain", part["kind"]) for part in notice["parts"])
                sys.stdout.write(f"< {notice['chat']} {words}\n")
                sys.stdout.flush()
        self.answer(200, {"external_ids": [notice["id"]]})

    def answer(self, status: int, said: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())


server = ThreadingHTTPServer(("127.0.0.1", int(PORT)), Webhook)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in sys.stdin:
    chat, _, words = line.strip().partition(" ")
    tell(
        type="message",
        chat=chat,
        id=str(uuid.uuid4()),
        sender={"id": chat, "name": chat.title()},
        sent_at=datetime.now(UTC).isoformat(),
        parts=[{"kind": "text", "text": words}],
    )
