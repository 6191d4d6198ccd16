"""Taking questions: those that arrive together share a transaction, and each room takes them one after the other.

So the bounds of a room and of a person hold exactly, whatever comes at once and to whichever process.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..broadcasts import channel_of
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict
from ..core.journal import Author, Draft, GroupCommit, Journal
from . import store
from .live import ASKED
from .model import MOST_OPEN, MOST_QUESTIONS, Question


@dataclass(frozen=True, slots=True)
class Ask:
    """`bounded`: whether the asker may have only so many open questions."""

    id: str
    broadcast_id: str
    asker_id: str
    by: Author
    text: str
    anonymous: bool
    client_id: str
    digest: str
    bounded: bool

    @property
    def key(self) -> tuple[str, str]:
        return (self.asker_id, self.client_id)


class Asking:
    def __init__(self, database: Database, journal: Journal) -> None:
        self._journal = journal
        self._commits: GroupCommit[Ask, Question] = GroupCommit(database, self._write, name="questions")

    async def submit(self, ask: Ask) -> Question:
        """The question, or the one that was asked before under this client id. Raise Conflict `questions_full`,
        `too_many_open`, or what a group commit raises."""
        return await self._commits.submit(ask)

    async def close(self) -> None:
        await self._commits.aclose()

    async def _write(self, session: Session, asks: Sequence[Ask], careful: bool) -> list[Question | AppError]:
        await store.hold_rooms(session, {ask.broadcast_id for ask in asks})
        answers: dict[tuple[str, str], Question | AppError] = {}
        answers.update(await store.asked(session, {ask.key for ask in asks}))
        numbers = await store.numbers(session, {ask.broadcast_id for ask in asks})
        standing: Counter[str] = Counter()
        open_: Counter[tuple[str, str]] = Counter()
        for (broadcast_id, asker_id), (all_, waiting) in numbers.items():
            standing[broadcast_id] += all_
            open_[broadcast_id, asker_id] = waiting
        taken: list[Ask] = []
        for ask in asks:
            if ask.key in answers or ask.key in {each.key for each in taken}:
                continue
            if (refusal := _refusal(ask, standing[ask.broadcast_id], open_[ask.broadcast_id, ask.asker_id])) is not None:
                answers[ask.key] = refusal
                continue
            taken.append(ask)
            standing[ask.broadcast_id] += 1
            open_[ask.broadcast_id, ask.asker_id] += 1
        for question in await self._add(session, taken):
            answers[question.asker_id, question.client_id] = question
        return [answers[ask.key] for ask in asks]

    async def _add(self, session: Session, asks: Sequence[Ask]) -> list[Question]:
        entries = await self._journal.append(session, *map(_draft, asks))
        questions = [
            Question(
                id=ask.id,
                broadcast_id=ask.broadcast_id,
                offset=entry.offset,
                at=entry.at,
                asker_id=ask.asker_id,
                by=ask.by,
                text=ask.text,
                anonymous=ask.anonymous,
                client_id=ask.client_id,
                digest=ask.digest,
            )
            for ask, entry in zip(asks, entries, strict=True)
        ]
        await store.add(session, questions)
        return questions


def _refusal(ask: Ask, standing: int, waiting: int) -> AppError | None:
    if ask.bounded and waiting >= MOST_OPEN:
        return Conflict("too_many_open", f"你已有 {MOST_OPEN} 个问题在等回答，等其中一个回答了，或撤回一个，再提新的")
    if standing >= MOST_QUESTIONS:
        return Conflict("questions_full", f"本场已有 {MOST_QUESTIONS} 个提问，不能再提了，可以给相近的提问投票")
    return None


def _draft(ask: Ask) -> Draft:
    shown = None if ask.anonymous else ask.by
    return Draft(channel_of(ask.broadcast_id), ASKED, {"id": ask.id, "text": ask.text}, by=shown)
