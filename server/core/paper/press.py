"""Sets papers, off the event loop and one at a time.

The compiler gives the interpreter away while it works, sees only the files it is handed (pictures in a folder of theirs), and
has no fonts but ours, so a paper looks the same on every machine. The fonts are read when somebody first prints.
"""

import asyncio
import json
import tempfile
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import structlog

from ..errors import Unprocessable
from .blocks import Paper

log = structlog.get_logger(__name__)

MOST_BYTES = 4 * 1024 * 1024  # of text: some thousand pages
_FONTS = "manimgx_fonts_cjk"


class Press:
    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)

    async def printed(self, paper: Paper) -> bytes:
        """The PDF. Raise Unprocessable `paper_too_long`."""
        async with self._one:
            return await asyncio.to_thread(self.print, paper)

    def print(self, paper: Paper) -> bytes:
        """As `printed`. Blocking."""
        import typst

        text = json.dumps(paper.data(), ensure_ascii=False).encode()
        if len(text) > MOST_BYTES:
            raise Unprocessable("paper_too_long", "内容太多，一份文件放不下")
        given: Any = {"main.typ": self._template, "paper.json": text}
        with tempfile.TemporaryDirectory(prefix="paper-") as folder:  # what it is handed directly must be text
            for name, picture in paper.pictures.items():
                Path(folder, name).write_bytes(picture)
            compiler = typst.Compiler(given, root=folder, font_paths=self._fonts)
            content = compiler.compile(format="pdf")
        if not isinstance(content, bytes):
            raise TypeError("a PDF is one file")
        log.info("paper_printed", bytes=len(content))
        return content

    @cached_property
    def _template(self) -> bytes:
        return Path(__file__).with_name("paper.typ").read_bytes()

    @cached_property
    def _fonts(self) -> Any:
        import typst

        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(files(_FONTS))])
