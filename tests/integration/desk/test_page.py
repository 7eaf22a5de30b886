"""The page is served as built, under its policy, from its folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from yarl import URL

from tests.integration.desk.browser import Browser, Workplace


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built page beside a file that is none of it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Workplace</title>")
    (folder / "assets" / "index-4f3a.js").write_text("console.log(1)")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("not for you")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


async def test_the_page_and_its_files(built: Path, desk: Workplace) -> None:
    async with desk.browser() as browser:
        page = await browser.get("/")
        assert page.status == 200
        assert "Workplace" in page.body
        assert page.headers["Cache-Control"] == "no-cache"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert f"'self' {desk.url.replace('http', 'ws')}" in page.headers["Content-Security-Policy"]
        script = await browser.get("/assets/index-4f3a.js")
        assert "immutable" in script.headers["Cache-Control"]
        assert "javascript" in script.headers["Content-Type"]
        assert (await browser.get("/favicon.svg")).headers["Cache-Control"] == "no-cache"
        assert (await browser.get("/inbox/some-conversation")).body == page.body, "the page's own address"
        assert (await browser.get("/assets/gone.js")).status == 404
        assert (await browser.get("/robots.txt")).status == 404


async def test_nothing_beside_the_folder_is_served(built: Path, desk: Workplace) -> None:
    async with desk.browser() as browser:
        for path in ("/link.txt", "/%2e%2e/secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/%00.js"):
            answered = await raw(browser, path)
            assert "not for you" not in str(answered)


async def raw(browser: Browser, path: str) -> object:
    """The answer to a path exactly as it is written."""
    async with browser.session.get(URL(browser.url + path, encoded=True)) as response:
        return await response.text()


async def test_the_api_stays_the_api(built: Path, desk: Workplace) -> None:
    async with desk.browser() as browser:
        unknown = await browser.get("/api/nothing")
        assert (unknown.status, unknown.code) == (404, "not_found")
        assert unknown.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in unknown.headers["Content-Security-Policy"]
        assert (await browser.get("/api")).status == 404
        wrong = await browser.call("PATCH", "/api/me")
        assert wrong.status == 405
        document = await browser.get("/api/openapi.json")
        assert document.body["openapi"].startswith("3.1")
        assert (await browser.call("POST", "/")).status in (404, 405)


async def test_a_page_that_is_not_built_says_what_to_do(desk: Workplace) -> None:
    async with desk.browser() as browser:
        answered = await browser.get("/")
        assert answered.status == 503
        assert "make page" in answered.body
        russian = await browser.call("GET", "/", headers={"Accept-Language": "ru"})
        assert "не собрана" in russian.body
