"""The workplace page: built files from a folder, under a policy that runs nothing but our own scripts.

What is under /assets/ carries a hash in its name and never changes; the page itself is asked for each time.
Addresses within the workplace (/inbox/…) are the page's own business, so they all get the page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from gateways.desk.admission import Origins
from shared.http.problem import language_of

API: Final = "/api/"
_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"
_NOT_BUILT: Final = {
    "en": "The workplace page is not built. Run: make page",
    "ru": "Страница рабочего места не собрана. Выполните: make page",
}


def policy(origins: Origins) -> str:
    """Only what comes from here; older browsers do not take 'self' for WebSockets, so those are named."""
    sockets = " ".join(sorted(origin.replace("http", "ws", 1) for origin in origins.allowed))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "media-src 'self'; frame-src 'self'; "
        "font-src 'self'; "
        f"connect-src 'self' {sockets}; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def page_headers(origins: Origins) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": policy(origins),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": _ASK,
        "Server": "switchboard",
    }
    if origins.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def serve_page(app: web.Application, folder: Path, origins: Origins) -> None:
    """Adds the page to the application; what is under /api/ keeps headers of its own."""
    headers = page_headers(origins)

    async def complete(request: web.Request, response: web.StreamResponse) -> None:
        if not request.path.startswith(API):
            for name, value in headers.items():
                response.headers.setdefault(name, value)

    app.on_response_prepare.append(complete)
    app.router.add_get("/{path:.*}", _answer(folder.resolve()), name="page")


def _answer(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if f"/{path}/".startswith(API):
            raise web.HTTPNotFound
        index = folder / "index.html"
        if not index.is_file():
            words = _NOT_BUILT[language_of(request.headers.get(hdrs.ACCEPT_LANGUAGE))]
            return web.Response(status=503, text=words + "\n")
        file = _file(folder, path)
        if file is not None:
            kept = _FOREVER if path.startswith("assets/") else _ASK
            return web.FileResponse(file, headers={"Cache-Control": kept})
        if "." in path.rpartition("/")[2]:
            raise web.HTTPNotFound
        return web.FileResponse(index)

    return answer


def _file(folder: Path, path: str) -> Path | None:
    """The file of that name within the folder, wherever links and dots lead."""
    if not path or "\0" in path:
        return None
    file = (folder / path).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None
