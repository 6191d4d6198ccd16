"""Where events come from: streams of numbered events, without gaps, each visible only after the ones before it.

A feature whose rows are such a stream already (the ledger's chains) reads them as one, and writes nothing more than it did.
What happens seldom is put into the outbox, a channel of the journal that nobody can subscribe to, in the transaction in which
it happens. Either way an endpoint needs to remember one number for each stream, and nothing that was committed can be missed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from ..core.db import Session
from ..core.journal import Draft, Journal
from .model import Event

CHANNEL = "outbox:events"


class Source(Protocol):
    """Some streams, named by `heads`, of events of these `types`."""

    types: frozenset[str]

    async def heads(self, session: Session) -> Mapping[str, int]:
        """The newest number of each stream there is."""
        ...

    async def stood(self, session: Session, since: datetime) -> Mapping[str, int]:
        """The number after which each stream has what was recorded from `since` on."""
        ...

    async def read(self, session: Session, stream: str, *, after: int, limit: int) -> Sequence[tuple[int, Event]]:
        """What follows a number, in order."""
        ...


class Outbox:
    """For what happens seldom: `put` holds the channel until the commit, whoever puts."""

    def __init__(self, journal: Journal, types: frozenset[str]) -> None:
        self._journal, self.types = journal, types

    async def put(self, session: Session, event_id: str, kind: str, key: str, data: Mapping[str, Any]) -> None:
        await self._journal.append(session, Draft(CHANNEL, kind, {"id": event_id, "key": key, "data": dict(data)}))

    async def heads(self, session: Session) -> Mapping[str, int]:
        head = (await self._journal.position(session, CHANNEL)).head
        return {CHANNEL: head} if head else {}

    async def stood(self, session: Session, since: datetime) -> Mapping[str, int]:
        after = 0
        while entries := await self._journal.read_in(session, CHANNEL, after=after, limit=500):
            for entry in entries:
                if entry.at >= since:
                    return {CHANNEL: entry.offset - 1}
            after = entries[-1].offset
        return {CHANNEL: after} if after else {}

    async def read(self, session: Session, stream: str, *, after: int, limit: int) -> Sequence[tuple[int, Event]]:
        entries = await self._journal.read_in(session, stream, after=after, limit=limit)
        return [
            (
                each.offset,
                Event(
                    id=each.data["id"], type=each.type, at=each.at.astimezone(UTC), key=each.data["key"], data=each.data["data"]
                ),
            )
            for each in entries
        ]
