"""The demonstration website: three pages, and the widget's one script tag on each.

python -m deploy.demo --port 8081 --widget-url http://127.0.0.1:8082/widget.js --site-key demonstration-site
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.demo.pages import PAGES, page

STYLES = ("style.css", "hostile.css")


def application(widget_url: str, site_key: str, language: str) -> web.Application:
    """The website; every page loads the widget from `widget_url`."""
    app = web.Application()
    for path in PAGES:
        body = page(path, widget_url, site_key, language)
        app.router.add_get(path, _answer(body, "text/html"))
    for name in STYLES:
        app.router.add_get(f"/{name}", _answer((Path(__file__).parent / name).read_text(), "text/css"))
    return app


def _answer(text: str, content_type: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type)

    return answer


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8081, help="port to listen on")
    parser.add_argument("--widget-url", default="http://127.0.0.1:8082/widget.js", help="the chat's script")
    parser.add_argument("--site-key", default="demonstration-site", help="site_key of the accounts file")
    parser.add_argument("--language", default="", help="ru or en; empty: what the browser wants")
    chosen = parser.parse_args(arguments)
    app = application(chosen.widget_url, chosen.site_key, chosen.language)
    web.run_app(app, host=chosen.host, port=chosen.port, access_log=None, print=None)


if __name__ == "__main__":
    main(sys.argv[1:])
