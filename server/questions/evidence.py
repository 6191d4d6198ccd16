"""All questions and written answers of a room, with the words of those that were removed (`moderation.Speaks`).

With the names of those who asked anonymously, too: whoever takes evidence must know whose it is. They are few (see the bounds
in `model`), so they are read at once.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from ..core.clock import rfc3339
from ..core.db import Database
from . import store
from .model import Question, Reply
from .store import Removal


class QuestionEvidence:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def said(self, scope: str) -> AsyncIterator[Mapping[str, Any]]:
        """In the order in which they were asked."""
        async with self._database.reading() as session:
            questions, _ = await store.everything(session, scope)
            removals = await store.removals(session, [each.id for each in questions])
        for each in questions:
            yield {**_row(each, each.asker_id, removals.get(each.id)), "anonymous": each.anonymous, "votes": each.votes}

    async def words(self, ids: Collection[str]) -> Mapping[str, str]:
        async with self._database.reading() as session:
            return await store.removed_questions(session, ids)


class ReplyEvidence:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def said(self, scope: str) -> AsyncIterator[Mapping[str, Any]]:
        """In the order in which they were written."""
        async with self._database.reading() as session:
            _, replies = await store.everything(session, scope)
            removals = await store.removals(session, [each.id for each in replies])
        for each in replies:
            yield {**_row(each, each.author_id, removals.get(each.id)), "question": each.question_id}

    async def words(self, ids: Collection[str]) -> Mapping[str, str]:
        async with self._database.reading() as session:
            return await store.removed_replies(session, ids)


def _row(said: Question | Reply, author_id: str, removal: Removal | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": said.id,
        "offset": said.offset,
        "at": rfc3339(said.at),
        "media_at": None,
        "author": {**said.by.wire(), "id": author_id},
        "text": said.text,
        "state": "said" if said.removed is None else "removed",
    }
    if said.removed is None:
        return row
    row["right"] = said.removed
    if removal is None:
        return row  # it went with its question
    return {**row, "decided_at": rfc3339(removal.at), "decided_by": removal.by_id, "reason": removal.reason}
