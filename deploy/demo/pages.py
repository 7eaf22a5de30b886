"""The pages of the invented shop."""

from __future__ import annotations

from html import escape
from typing import Final

PAGES: Final = {
    "/": (
        "Northwind Cycles",
        """
<section class="hero">
  <p class="over">Since 1987, on the river bank</p>
  <h1>Bicycles that outlive their fashions</h1>
  <p class="lead">Steel frames, honest parts, and a workshop that remembers your name. Ask us anything in the
  chat below: a person answers.</p>
  <a class="button" href="/delivery?utm_source=demo&amp;utm_campaign=autumn">Delivery and returns</a>
</section>
<section class="cards">
  <article><div class="picture one"></div><h2>Heron</h2><p>For the city and its cobbles. Seven gears in the
  hub, nothing to rust.</p><b>690 €</b></article>
  <article><div class="picture two"></div><h2>Plover</h2><p>Light touring, racks for four bags, a dynamo that
  never asks for batteries.</p><b>1 240 €</b></article>
  <article><div class="picture three"></div><h2>Wren</h2><p>For those who are six to ten. Grows with them, is
  passed on.</p><b>320 €</b></article>
</section>""",
    ),
    "/delivery": (
        "Delivery and returns — Northwind Cycles",
        """
<section class="text">
  <h1>Delivery and returns</h1>
  <p>We deliver assembled and adjusted, on weekdays from nine to nine. In town the same day, elsewhere within
  four days. You ride for thirty days before you decide.</p>
  <h2>Something does not fit?</h2>
  <p>Write to us in the chat: it goes on from page to page, and is there when you come back.</p>
  <p><a href="/">Back to the bicycles</a></p>
</section>""",
    ),
    "/hostile": (
        "A page with a style of its own — Northwind Cycles",
        """
<link rel="stylesheet" href="/hostile.css">
<section class="text">
  <h1>Everything here is styled by force</h1>
  <p>The chat in the corner looks as it does on every other page.</p>
  <div class="panel"><button class="bubble">A name that the chat has too</button></div>
</section>""",
    ),
}
"""Title and body by path; the last shows that the chat is no part of the page's style."""


def page(path: str, widget_url: str, site_key: str, language: str) -> str:
    """A page whole, with the widget's script tag."""
    title, body = PAGES[path]
    tongue = f' data-language="{escape(language)}"' if language else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
<script src="{escape(widget_url)}" data-site="{escape(site_key)}"{tongue} async></script>
</head>
<body>
<nav>
<a class="name" href="/">Northwind Cycles</a>
<a href="/">Bicycles</a>
<a href="/delivery">Delivery</a>
</nav>
<main>{body}
</main>
<footer>An invented shop: the demonstration website of Switchboard.</footer>
</body>
</html>
"""
