"""The demonstration website."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def website(port: int, widget_url: str, site_key: str, *more: str) -> AsyncIterator[str]:
    """The address of the demonstration website, a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.demo", "--port", str(port), "--widget-url", widget_url,
        "--site-key", site_key, *more, cwd=ROOT,
    )  # fmt: skip
    try:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            assert process.returncode is None
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()
