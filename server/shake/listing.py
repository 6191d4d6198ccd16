"""The close of a round: its list is written part by part, hashed, and told.

    open → closing     nobody comes in any more: whoever was being written has been
    closing            parts of the list, each in a transaction of its own, in the order of the pseudonyms
    closing → closed   the hash of the whole text, or → empty

Every step follows from what the steps before have left, so any process may do the next one, whoever was killed in between; and
since no step takes long, others write on while a hundred thousand tickets are listed.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

import structlog

from ..core.clock import Clock
from ..core.db import Database
from ..core.journal import Draft, Journal
from . import model, shown, store, ticket_store
from .draw import Ticket, heading, lines
from .model import Round, RoundState

log = structlog.get_logger(__name__)

PART = 2000  # tickets
_READ = 20  # parts at once


class Listing:
    def __init__(self, database: Database, journal: Journal, clock: Clock, *, part: int = PART) -> None:
        self._database, self._journal, self._clock, self._part = database, journal, clock, part

    async def close(self, found: Round) -> None:
        """What is due of its close."""
        if found.state is RoundState.OPEN:
            await self._stop(found.shake_id, found.number)
        while (more := await self._list(found.shake_id, found.number)) is not None:
            if not more:
                await self._finish(found.shake_id, found.number)
                return
            await asyncio.sleep(0)

    async def text(self, found: Round) -> AsyncIterator[str]:
        """A closed list, exactly as it was hashed, in pieces: the heading, then part after part."""
        yield heading(found.shake_id, found.number)
        after, last = found.first_part - 1, found.first_part + found.parts - 1
        while found.parts and after < last:
            entries = await self._journal.read(shown.list_channel(found.shake_id), after=after, limit=min(_READ, last - after))
            for entry in entries:
                yield entry.data["lines"]
                after = entry.offset

    async def _stop(self, shake_id: str, number: int) -> None:
        async with self._database.transaction() as session:
            found = await store.hold_round(session, shake_id, number)
            if found is not None and model.is_due_to_close(found, self._clock.now()):
                await store.save_round(session, replace(found, state=RoundState.CLOSING))

    async def _list(self, shake_id: str, number: int) -> bool | None:
        """Write the next part; gives whether there was one, and None if the list is not being written (any more)."""
        async with self._database.transaction() as session:
            found = await store.hold_round(session, shake_id, number)
            if found is None or found.state is not RoundState.CLOSING:
                return None
            kept = await ticket_store.following(session, found, self._part)
            if not kept:
                return False
            total = await ticket_store.put_on_list(session, found.total_weight, kept)
            said = lines(Ticket(each.pseudonym, each.nonce, each.weight) for each in kept)
            data = {"round": number, "part": found.parts + 1, "lines": said}
            (entry,) = await self._journal.append(session, Draft(shown.list_channel(shake_id), shown.LISTED, data))
            found = replace(
                found,
                size=found.size + len(kept),
                total_weight=total,
                parts=found.parts + 1,
                listed_to=kept[-1].pseudonym,
                first_part=found.first_part or entry.offset,
            )
            await store.save_round(session, found)
        return True

    async def _finish(self, shake_id: str, number: int) -> None:
        async with self._database.reading() as session:
            found = await store.find_round(session, shake_id, number)
        if found is None or found.state is not RoundState.CLOSING:
            return
        hashed = hashlib.sha256()
        async for piece in self.text(found):
            hashed.update(piece.encode())
        state = RoundState.CLOSED if found.size else RoundState.EMPTY
        async with self._database.transaction() as session:
            held = await store.hold_round(session, shake_id, number)
            if held is None or held.state is not RoundState.CLOSING or held.parts != found.parts:
                return
            held = replace(held, state=state, closed_at=self._clock.now(), list_hash=hashed.hexdigest())
            await store.save_round(session, held)
            data = {
                "round": number,
                "size": held.size,
                "total_weight": held.total_weight,
                "list_hash": held.list_hash,
                "state": state.value,
            }
            await self._journal.append(session, Draft(shown.channel_of(shake_id), shown.ROUND_CLOSED, data))
        log.info("shake_round_closed", shake_id=shake_id, number=number, size=held.size)
