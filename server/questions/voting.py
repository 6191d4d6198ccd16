"""Votes: each is durable when it is acknowledged, and the room is told of totals, not of votes.

A batch of votes holds the rows of its questions, so a total changes with the votes it counts, in one transaction, whichever
process takes them. The room is told a total in the transaction that notes it as told: at once by the first vote after a pause,
then once a second by whoever finds that there are votes untold. Which those are stands in the database; what a killed process
left untold, any other tells, or the same one when it is back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..broadcasts import channel_of
from ..core.clock import Clock
from ..core.db import Database, Session, after_commit
from ..core.errors import AppError
from ..core.journal import Draft, GroupCommit, Journal
from ..core.tasks import Tasks
from . import store
from .live import VOTED
from .model import Question, due, not_there

_LOOK_EVERY = 0.5  # s
_SWEEP_EVERY = 20  # looks; what others have left untold is looked for so often
_MOST_TOLD = 200  # questions in one transaction


@dataclass(frozen=True, slots=True)
class Vote:
    question_id: str
    member_id: str
    up: bool


class Voting:
    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database, self._journal, self._clock = database, journal, clock
        self._commits: GroupCommit[Vote, int] = GroupCommit(database, self._write, name="votes")
        self._tasks = Tasks("votes told")
        self._untold = True  # there may be something to tell; at the start, by a process before this one
        self._looks = 0

    def start(self) -> None:
        self._tasks.every(_LOOK_EVERY, self._look, "tell")

    async def close(self) -> None:
        await self._commits.aclose()
        await self._tasks.aclose()

    async def submit(self, vote: Vote) -> int:
        """How many votes the question has, with this one. Raise NotFound, or what a group commit raises."""
        return await self._commits.submit(vote)

    async def tell(self) -> None:
        """Tell what is due; note whether anything is left for later."""
        self._untold = False
        async with self._database.transaction() as session:
            held = await store.hold_untold(session, limit=_MOST_TOLD)
            told = await self._tell(session, held)
            for before, after in zip(held, told, strict=True):
                await store.save(session, before, after)
        if len(held) == _MOST_TOLD or any(each.votes != each.told for each in told):
            self._leave()

    def _leave(self) -> None:
        self._untold = True

    async def _look(self) -> None:
        self._looks += 1
        if not self._untold and self._looks % _SWEEP_EVERY:
            return
        try:
            await self.tell()
        except Exception:
            self._leave()
            raise

    async def _write(self, session: Session, votes: Sequence[Vote], careful: bool) -> list[int | AppError]:
        wanted = {(vote.question_id, vote.member_id): vote.up for vote in votes}  # the last word of each counts
        held = await store.hold(session, {vote.question_id for vote in votes})
        before = {key: question for key, question in held.items() if question.stands}
        there = await store.votes_of(session, before, {vote.member_id for vote in votes})
        new = [key for key, up in wanted.items() if up and key[0] in before and key not in there]
        gone = [key for key, up in wanted.items() if not up and key in there]
        await store.add_votes(session, new)
        await store.drop_votes(session, gone)
        counted = _counted(before, new, gone)
        told = await self._tell(session, counted)
        for after in told:
            await store.save(session, before[after.id], after)
        if any(each.votes != each.told for each in told):
            after_commit(session, self._leave)  # no sooner: a look in between would find nothing and forget it
        totals = {each.id: each.votes for each in told}
        return [totals[vote.question_id] if vote.question_id in totals else not_there() for vote in votes]

    async def _tell(self, session: Session, questions: Iterable[Question]) -> list[Question]:
        """The questions as they are once the room has been told of those that are due."""
        now = self._clock.now()
        after = [replace(each, told=each.votes, told_at=now) if due(each, now) else each for each in questions]
        drafts = [
            Draft(channel_of(new.broadcast_id), VOTED, {"id": new.id, "votes": new.votes})
            for old, new in zip(questions, after, strict=True)
            if old is not new
        ]
        await self._journal.append(session, *drafts)
        return after


def _counted(questions: dict[str, Question], new: Iterable[tuple[str, str]], gone: Iterable[tuple[str, str]]) -> list[Question]:
    sums = dict.fromkeys(questions, 0)
    for question_id, _ in new:
        sums[question_id] += 1
    for question_id, _ in gone:
        sums[question_id] -= 1
    return [replace(each, votes=each.votes + sums[each.id]) for each in questions.values()]
