"""Where the activation codes of one import go.

Codes are answered once and cannot be had again, so their file is made before the import: what cannot be written is known while
nothing is lost. A file that is there is never overwritten, for it may hold codes that nobody has handed out yet.
"""

import csv
import io
import itertools
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..core.files import sync_folder


class CodesFile:
    """A new file, readable by its owner only: `wanted`, or `wanted-2`, … where that is taken. Raises OSError.

    Leaving the `with` without a whole `write` leaves no file.
    """

    def __init__(self, wanted: Path) -> None:
        self.path, self._descriptor = _made(wanted)
        self._whole = False

    def write(self, codes: str) -> None:
        """Make the codes durable. Raises OSError."""
        view = memoryview(codes.encode("utf-8-sig"))  # Excel needs the BOM
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)
        sync_folder(self.path.parent)
        self._whole = True

    def __enter__(self) -> "CodesFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
        if not self._whole:
            self.path.unlink(missing_ok=True)


def codes_as_csv(activations: Iterable[Mapping[str, Any]]) -> str:
    """For printing and for Excel, where a quote keeps names from becoming formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["姓名", "手机号", "激活码"])
    for each in activations:
        name = str(each["name"])
        risky = name[:1] in "=+-@＝＋－＠"
        writer.writerow([f"'{name}" if risky else name, each["mobile"], each["code"]])
    return out.getvalue()


def _made(wanted: Path) -> tuple[Path, int]:
    for number in itertools.count(1):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
    raise AssertionError  # numbers do not end
