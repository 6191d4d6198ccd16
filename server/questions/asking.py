"""Taking questions: those that arrive together share a transaction, and each room takes them one after the other.

So the bounds of a room and of a person hold exactly, whatever comes at once and to whichever process. What is held counts for
none of them: how much may wait for review is moderation's to say.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Unavailable
from ..core.journal import Author, GroupCommit, Journal
from ..moderation import Held, Moderation
from . import store
from .held import question_draft
from .model import MOST_OPEN, MOST_QUESTIONS, Question


@dataclass(frozen=True, slots=True)
class Ask:
    """`bounded`: whether the asker may have only so many open questions; `held`: as moderation holds it, or None."""

    id: str
    broadcast_id: str
    asker_id: str
    by: Author
    text: str
    anonymous: bool
    client_id: str
    digest: str
    bounded: bool
    held: Held | None
    at: datetime

    @property
    def key(self) -> tuple[str, str]:
        return (self.asker_id, self.client_id)


class Asking:
    def __init__(self, database: Database, journal: Journal, moderation: Moderation) -> None:
        self._journal, self._moderation = journal, moderation
        self._commits: GroupCommit[Ask, Question] = GroupCommit(database, self._write, name="questions")

    async def submit(self, ask: Ask) -> Question:
        """The question, or the one that was asked before under this client id. Raise Conflict `questions_full`,
        `too_many_open`, Unavailable `queue_full`, or what a group commit raises."""
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
            if ask.held is not None:
                continue
            standing[ask.broadcast_id] += 1
            open_[ask.broadcast_id, ask.asker_id] += 1
        for question in await self._add(session, taken):
            answers[question.asker_id, question.client_id] = question
        return [answers.get(ask.key) or queue_full() for ask in asks]

    async def _add(self, session: Session, asks: Sequence[Ask]) -> list[Question]:
        told, full = await self._moderation.holding.hold(session, [ask.held for ask in asks if ask.held is not None])
        asks = [ask for ask in asks if ask.id not in full]
        said = [ask for ask in asks if ask.held is None]
        drafts = [question_draft(ask.broadcast_id, ask.id, ask.text, ask.by, anonymous=ask.anonymous) for ask in said]
        entries = await self._journal.append(session, *drafts, *told)
        by_id = {ask.id: entry for ask, entry in zip(said, entries, strict=False)}
        questions = [
            Question(
                id=ask.id,
                broadcast_id=ask.broadcast_id,
                offset=by_id[ask.id].offset if ask.id in by_id else 0,
                at=by_id[ask.id].at if ask.id in by_id else ask.at,
                asker_id=ask.asker_id,
                by=ask.by,
                text=ask.text,
                anonymous=ask.anonymous,
                client_id=ask.client_id,
                digest=ask.digest,
            )
            for ask in asks
        ]
        await store.add(session, questions)
        return questions


def _refusal(ask: Ask, standing: int, waiting: int) -> AppError | None:
    if ask.held is not None:
        return None
    if ask.bounded and waiting >= MOST_OPEN:
        return Conflict("too_many_open", f"你已有 {MOST_OPEN} 个问题在等回答，等其中一个回答了，或撤回一个，再提新的")
    if standing >= MOST_QUESTIONS:
        return Conflict("questions_full", f"本场已有 {MOST_QUESTIONS} 个提问，不能再提了，可以给相近的提问投票")
    return None


def queue_full() -> Unavailable:
    return Unavailable("queue_full", "等待审核的内容太多，请稍后再发", retry_after=10)
