"""`hongbo shake verify ID`: recomputes a session from the journal alone, beside a running server or without one."""

from dataclasses import dataclass

from ..core.clock import SystemClock
from ..core.db import Database
from ..core.ids import is_id
from ..core.journal import Journal
from . import shown
from .checking import Checking

_AT_ONCE = 20  # parts of lists


@dataclass(frozen=True, slots=True)
class Verified:
    """In words: what held, and what did not."""

    held: list[str]
    faults: list[str]


async def verified(database: Database, shake_id: str) -> Verified:
    checking = Checking(shake_id)
    if not is_id(shake_id):
        return Verified([], ["this is no id of a session"])
    journal, after = Journal(database, SystemClock()), 0
    while parts := await journal.read(shown.list_channel(shake_id), after=after, limit=_AT_ONCE):
        for entry in parts:
            checking.list_part(entry.data)
        after = parts[-1].offset
    after = 0
    while entries := await journal.read(shown.channel_of(shake_id), after=after):
        for entry in entries:
            checking.tell(entry.type, entry.data)
        after = entries[-1].offset
    checking.finish()
    return Verified(checking.held, checking.faults)
