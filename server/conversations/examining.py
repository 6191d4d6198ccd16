"""What `hongbo doctor` looks at of sealed files: that they are there, and nobody else's to read."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from ..core.db import Database
from . import store
from .blobs import ENDING

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Examined:
    """`faults`: in words."""

    files: int
    faults: list[str]


async def examine(database: Database, folder: Path) -> Examined:
    """It only reads, beside a running server too: what is erased meanwhile is not missed."""
    there, faults = await asyncio.to_thread(_look, folder)
    missing = 0
    after = ""
    while ids := await _sent(database, after):
        gone = [each for each in ids if each not in there and not (folder / f"{each}{ENDING}").exists()]
        if gone:
            async with database.reading() as session:
                missing += len(await store.known_blobs(session, gone, sent=True))
        after = ids[-1]
    if missing:
        faults.append(f"{missing} files that messages give to the other side are missing")
    return Examined(len(there), faults)


async def _sent(database: Database, after: str) -> list[str]:
    async with database.reading() as session:
        return await store.sent_blobs(session, after=after, limit=_AT_ONCE)


def _look(folder: Path) -> tuple[set[str], list[str]]:
    """The ids of the files, and what is wrong with them."""
    if not folder.exists():
        return set(), []
    if not folder.is_dir():
        return set(), [f"{folder} is no folder"]
    there, open_ = set(), int(bool(folder.stat().st_mode & 0o077))
    for file in folder.glob(f"*{ENDING}"):
        try:
            open_ += bool(file.stat().st_mode & 0o077)
        except FileNotFoundError:  # erased meanwhile
            continue
        there.add(file.name.removesuffix(ENDING))
    return there, [f"{open_} of them can be read by other accounts of this machine"] if open_ else []
