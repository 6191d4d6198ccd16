"""Short quizzes about a replay: drawn for a member, answered once, and who passes counts as present (`Replays.confirm`).

Questions and right answers are frozen with the quiz as it is drawn; the answers stay on the server. Asked for again an open
quiz is the same; so is the result of the same answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from ..broadcasts import Broadcast, BroadcastService
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound
from ..core.ids import new_id
from ..identity import Member
from . import quiz_model, quiz_store, replay_model, store, watch_store
from .bank import Bank
from .model import Chance, Plan, ReplayCheck
from .quiz_model import Quiz
from .replays import Replays

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OwnQuiz:
    """`needed_ms` of the replay must have been watched first; `last`: the quiz drawn last."""

    needed_ms: int
    last: Quiz | None


class Quizzes:
    def __init__(
        self, database: Database, broadcasts: BroadcastService, replays: Replays, bank: Bank, clock: Clock, chance: Chance
    ) -> None:
        self._database, self._broadcasts, self._replays = database, broadcasts, replays
        self._bank, self._clock, self._chance = bank, clock, chance

    @property
    def checks(self) -> list[ReplayCheck]:
        """What a host may choose."""
        return [each for each in ReplayCheck if each is not ReplayCheck.QUIZ or self._bank.offers]

    async def begin(self, member: Member, broadcast_id: str) -> Quiz:
        """The open one, or a new one. Raise NotFound, Conflict `replay_counts_not`, `already_present`, `quiz_not_yet`,
        `quiz_later`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        async with self._database.transaction() as session:
            plan, watched = await self._hold(session, broadcast, member)
            quizzes = await quiz_store.of_member(session, broadcast_id, member.id)
            if quizzes and quizzes[-1].answers is None:
                return quizzes[-1]
            self._require_counting(plan, broadcast)
            if await store.confirmation(session, broadcast_id, member.id) is not None:
                raise Conflict("already_present", "您已记为到课，不用再答题")
            now = self._clock.now()
            quiz_model.check_may_begin(quizzes, watched, broadcast.recorded_seconds or 0, now)
            known = {question.id for quiz in quizzes for question in quiz.questions}
            questions = tuple(self._bank.draw(quiz_model.NUMBER, known, self._chance))
            made = Quiz(new_id(), broadcast_id, member.id, questions, now)
            await quiz_store.add(session, made)
        return made

    async def answer(self, member: Member, broadcast_id: str, quiz_id: str, answers: Sequence[int]) -> Quiz:
        """The same answers again give the same result. Raise NotFound `quiz_not_found`, Invalid `quiz_answers_invalid`,
        Conflict `quiz_answered`, `replay_counts_not`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        async with self._database.transaction() as session:
            plan, _ = await self._hold(session, broadcast, member)
            quizzes = await quiz_store.of_member(session, broadcast_id, member.id)
            quiz = next((each for each in quizzes if each.id == quiz_id), None)
            if quiz is None:
                raise NotFound("quiz_not_found", "没有这次测验")
            if quiz.answers is not None:
                if quiz.answers == tuple(answers):
                    return quiz
                raise Conflict("quiz_answered", "这次测验已经交过了")
            right = quiz_model.rightly(quiz.questions, answers)
            self._require_counting(plan, broadcast)
            quiz = replace(quiz, answers=tuple(answers), right=right, answered_at=self._clock.now())
            await quiz_store.answered(session, quiz)
            if quiz.passed:
                await self._replays.confirm(session, plan, member)
        log.info("replay_quiz_answered", broadcast_id=broadcast_id, member_id=member.id, passed=quiz.passed)
        return quiz

    async def own(self, member: Member, broadcast_id: str) -> OwnQuiz:
        broadcast = await self._broadcasts.find_now(member, broadcast_id)
        async with self._database.reading() as session:
            quizzes = await quiz_store.of_member(session, broadcast_id, member.id)
        needed = quiz_model.enough(broadcast.recorded_seconds or 0)
        return OwnQuiz(needed, quizzes[-1] if quizzes else None)

    async def _hold(self, session: Session, broadcast: Broadcast, member: Member) -> tuple[Plan, int]:
        """One after the other for each member: their watch time is held."""
        key = (broadcast.id, member.id)
        watched = (await watch_store.hold(session, [key]))[key].ms
        return await store.find_plan(session, broadcast.id) or Plan(broadcast.id), watched

    def _require_counting(self, plan: Plan, broadcast: Broadcast) -> None:
        if plan.rules.replay is not ReplayCheck.QUIZ or not replay_model.counts(plan.rules, broadcast, self._clock.now()):
            raise Conflict("replay_counts_not", "这场回看现在不能通过答题算到课")
