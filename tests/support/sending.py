"""Somebody at an encoder: a program that sends, and is started again with the same token whenever it ends by itself."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path


@contextlib.asynccontextmanager
async def sending(python: str, url: str, token: str, folder: Path) -> AsyncIterator[None]:
    """`tests.support.encoder` under this Python until the end of the block, as OBS reconnects by itself."""
    keeper = asyncio.create_task(_keep(python, url, token, str(folder)))
    try:
        yield
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def _keep(python: str, *arguments: str) -> None:
    while True:
        encoder = await asyncio.create_subprocess_exec(
            python, "-m", "tests.support.encoder", *arguments, stdin=asyncio.subprocess.DEVNULL
        )
        try:
            await encoder.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                encoder.kill()  # it hangs in its last packets otherwise
            await encoder.wait()
