"""Sets one paper, and ends: `python compositor.py TEMPLATE FONTS FOLDER`, the paper as JSON on standard input, the PDF on
standard output. FOLDER: the only one that it looks for files in.

Typst remembers all that it has ever set, and cannot be told to forget: half a gigabyte for a paper of 5,000 rows, and as much
again for the next. A process of its own gives everything back. It makes way for the server, and what it may take is bounded.
"""

import os
import sys
from pathlib import Path
from typing import Any

import typst

_MOST_MEMORY = 4 << 30  # bytes of addresses; 5,000 rows want an eighth of it
_NICER = 10


def main(template: str, fonts: str, folder: str) -> None:
    given: Any = {"main.typ": Path(template).read_bytes(), "paper.json": sys.stdin.buffer.read()}
    ours: Any = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    content = typst.Compiler(given, root=folder, font_paths=ours).compile(format="pdf")
    if not isinstance(content, bytes):
        raise TypeError("a PDF is one file")
    sys.stdout.buffer.write(content)


def _make_way() -> None:
    if sys.platform != "win32":
        os.nice(_NICER)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    _make_way()
    main(*sys.argv[1:])
