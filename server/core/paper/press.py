"""Sets papers, off the event loop and one at a time, each in a process of its own (see `compositor`).

The compiler sees only the files it is handed (pictures in a folder of theirs), and has no fonts but ours, so a paper looks the
same on every machine.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import structlog

from ..errors import Unprocessable
from .blocks import Paper

log = structlog.get_logger(__name__)

MOST_BYTES = 4 * 1024 * 1024  # of text: some thousand pages
_TOO_LONG = "内容太多，一份文件放不下"
_FONTS = "manimgx_fonts_cjk"
_TEMPLATE = Path(__file__).with_name("paper.typ")
_COMPOSITOR = Path(__file__).with_name("compositor.py")
_THREADS = {"RAYON_NUM_THREADS": "2"}  # of the compiler, which would have one for each core
_PATIENCE = 120.0  # s


class Press:
    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)

    async def printed(self, paper: Paper) -> bytes:
        """The PDF. Raise Unprocessable `paper_too_long`."""
        async with self._one:
            return await asyncio.to_thread(self.print, paper)

    def print(self, paper: Paper) -> bytes:
        """As `printed`. Blocking."""
        text = json.dumps(paper.data(), ensure_ascii=False).encode()
        if len(text) > MOST_BYTES:
            raise Unprocessable("paper_too_long", _TOO_LONG)
        with tempfile.TemporaryDirectory(prefix="paper-") as folder:  # what it is handed directly must be text
            for name, picture in paper.pictures.items():
                Path(folder, name).write_bytes(picture)
            content = _set(text, folder)
        log.info("paper_printed", bytes=len(content))
        return content


def _set(text: bytes, folder: str) -> bytes:
    command = [sys.executable, "-I", str(_COMPOSITOR), str(_TEMPLATE), str(files(_FONTS)), folder]
    environment = {**os.environ, **_THREADS}
    try:
        done = subprocess.run(command, input=text, capture_output=True, check=False, env=environment, timeout=_PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise Unprocessable("paper_too_long", _TOO_LONG) from error
    if done.returncode != 0:
        # What the compiler says names places in the template, and nothing of what is written in the paper.
        raise RuntimeError(f"no paper, {done.returncode}: {done.stderr[-500:].decode(errors='replace')}")
    return done.stdout
