"""All comments of a room, with the words of those that were removed (`moderation.Speaks`)."""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from ..broadcasts import channel_of
from ..core.clock import rfc3339
from ..core.db import Database
from ..core.journal import Entry, Journal
from . import store
from .model import POSTED
from .store import Removed

_AT_ONCE = 500


class CommentEvidence:
    def __init__(self, database: Database, journal: Journal) -> None:
        self._database, self._journal = database, journal

    async def said(self, scope: str) -> AsyncIterator[Mapping[str, Any]]:
        """In the order in which they were said."""
        after = 0
        while entries := await self._journal.read(channel_of(scope), after=after, limit=_AT_ONCE):
            after = entries[-1].offset
            posted = [entry for entry in entries if entry.type == POSTED]
            gone = [entry.data["id"] for entry in posted if "removed" in entry.data]
            removals: dict[str, tuple[Removed, str]] = {}
            if gone:
                async with self._database.reading() as session:
                    removals = await store.removals(session, gone)
            for entry in posted:
                yield _row(entry, removals.get(entry.data["id"]))

    async def words(self, ids: Collection[str]) -> Mapping[str, str]:
        async with self._database.reading() as session:
            found = await store.removals(session, ids)
        return {comment_id: removed.text for comment_id, (removed, _) in found.items()}


def _row(entry: Entry, removal: tuple[Removed, str] | None) -> Mapping[str, Any]:
    row: dict[str, Any] = {
        "id": entry.data["id"],
        "offset": entry.offset,
        "at": rfc3339(entry.at),
        "media_at": None if entry.media_at is None else rfc3339(entry.media_at),
        "author": {"id": ""} if entry.by is None else entry.by.wire(),
        "text": entry.data.get("text"),
        "reply_to": entry.data.get("reply_to"),
        "state": "said",
    }
    if removal is None:
        return row
    removed, author_id = removal
    return {
        **row,
        "author": {"id": author_id},
        "text": removed.text,
        "state": "removed",
        "decided_at": rfc3339(removed.at),
        "decided_by": removed.by_id,
        "right": removed.why,
        "reason": removed.reason,
    }
