"""Headers that every answer carries, errors and pages alike; a handler's own value is left as it is."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

API_POLICY: Final = "default-src 'none'"


@dataclass(frozen=True, slots=True)
class Security:
    """`content_policy` is the CSP without frame-ancestors, which `framed_by` lists (nobody by default)."""

    content_policy: str = API_POLICY
    framed_by: tuple[str, ...] = ()
    referrer: str = "no-referrer"
    resources_for: str = "same-origin"

    def headers(self) -> dict[str, str]:
        ancestors = " ".join(self.framed_by) or "'none'"
        headers = {
            "Content-Security-Policy": f"{self.content_policy}; frame-ancestors {ancestors}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": self.referrer,
            "Cross-Origin-Resource-Policy": self.resources_for,
            "Cache-Control": "no-store",
        }
        return headers if self.framed_by else {**headers, "X-Frame-Options": "DENY"}


def secure(app: web.Application, security: Security) -> None:
    """Every response of the application gets the headers that it lacks."""
    headers = security.headers()

    async def complete(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "switchboard"  # the library has put its version there

    app.on_response_prepare.append(complete)
