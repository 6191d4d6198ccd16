"""Which segment numbers players may know of, kept even where nothing can be recorded.

A number is used once: what lies under it is immutable and may be cached, and the numbers of a playlist only grow. The manifest
alone cannot promise that over a restart. It knows nothing of what was shown while the disk was full, nor of the segment that
was open when the power went. So the newest number has a line of fixed length to itself, written over in place, which a full
disk allows; with every durable segment the one that follows it is made durable too. Where even that fails (a disk that turned
read-only) the line grows old, and whoever reads it later leaves out as many numbers as could have been used in the meantime.
"""

import contextlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

from ...core.files import sync_folder
from ..model import MICROS

NUMBERS = "numbers.json"
_LENGTH = 96  # well below a sector: written whole or not at all
_RESTART = 60.0  # seconds; so long after its last line a process may have been killed and come back


@dataclass(frozen=True, slots=True)
class Known:
    """The newest number players may know of. `sure`: whoever used it has closed the stream in good order."""

    newest: int
    at: int  # when it came into use, in microseconds of the wall clock
    sure: bool


NOTHING = Known(newest=-1, at=0, sure=True)


def next_number(recorded: int, known: Known, now: int, shortest: float) -> int:
    """A number nobody can have seen, after the `recorded` ones; no segment is shorter than `shortest` seconds for long.

    `now` in microseconds of the wall clock, which may have been set back since.
    """
    newest = max(recorded, known.newest)
    away = abs(now - known.at) / MICROS
    return newest + 1 + (0 if known.sure or away <= _RESTART else math.ceil(away / shortest))


def read_numbers(folder: Path) -> Known:
    """What is known; NOTHING where there is no line, or none that makes sense. Raises OSError when it cannot be read."""
    try:
        line = json.loads((folder / NUMBERS).read_bytes())
        return Known(newest=int(line["newest"]), at=int(line["at"]), sure=bool(line["sure"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return NOTHING


def forget_numbers(folder: Path) -> None:
    """Nobody goes on here any more. A disk that refuses keeps a line that does no harm."""
    with contextlib.suppress(OSError):
        (folder / NUMBERS).unlink()


class Numbers:
    """The line, open for writing. Every method blocks and may raise OSError, and may still be called after that."""

    def __init__(self, folder: Path) -> None:
        self.known = read_numbers(folder)
        self._file = os.open(folder / NUMBERS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            if os.fstat(self._file).st_size != _LENGTH:
                self._write(self.known)  # takes its place on the disk while there is some
                sync_folder(folder)
        except OSError:
            os.close(self._file)
            raise

    def note(self, newest: int, at: int, *, sync: bool = False) -> None:
        """Players may see parts of segment `newest` from now on. Without `sync` it outlives the process, not the machine."""
        if newest >= self.known.newest:
            self._write(Known(newest, at, sure=False))
        if sync:
            os.fdatasync(self._file)

    def settle(self, newest: int) -> None:
        """The stream is closed, and this was the newest it ever showed."""
        self._write(Known(newest, self.known.at, sure=True))
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _write(self, known: Known) -> None:
        line = json.dumps({"newest": known.newest, "at": known.at, "sure": known.sure})
        os.pwrite(self._file, line.ljust(_LENGTH - 1).encode() + b"\n", 0)
        self.known = known
