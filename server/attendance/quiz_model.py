"""A replay's short quiz: pure rules.

Three questions are drawn by the server for one member, once enough of the replay was watched: nearly half, so that who plays it
at double speed gets there too. Two thirds right pass. A failed quiz may be followed by another one, after a pause and with
other questions. What was answered stays answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import Conflict, Invalid
from .bank import Question

NUMBER = 3
PAUSE = timedelta(minutes=10)
_ENOUGH = 0.45  # of the recording


@dataclass(frozen=True, slots=True)
class Quiz:
    """`answers`: which option of each question was chosen, from 0; None while it is open."""

    id: str
    broadcast_id: str
    member_id: str
    questions: tuple[Question, ...]
    drawn_at: datetime
    answers: tuple[int, ...] | None = None
    right: int = 0
    answered_at: datetime | None = None

    @property
    def passed(self) -> bool:
        return self.answers is not None and self.right * 3 >= len(self.questions) * 2

    @property
    def again_at(self) -> datetime | None:
        """When there may be another one; None while it is open, and where none is needed."""
        return None if self.answered_at is None or self.passed else self.answered_at + PAUSE


def enough(recorded_seconds: float) -> int:
    """ms that must have been watched before there is a quiz."""
    return int(recorded_seconds * 1000 * _ENOUGH)


def check_may_begin(quizzes: Sequence[Quiz], watched: int, recorded_seconds: float, now: datetime) -> None:
    """Raise Conflict `quiz_not_yet`, `quiz_later`. `quizzes`: those the member has answered, in order."""
    if watched < enough(recorded_seconds):
        raise Conflict("quiz_not_yet", "看完大约一半回看后才能答题")
    again_at = quizzes[-1].again_at if quizzes else None
    if again_at is not None and now < again_at:
        minutes = -((now - again_at) // timedelta(minutes=1))
        raise Conflict("quiz_later", f"请在 {minutes} 分钟后再答一次，题目会换")


def rightly(questions: Sequence[Question], answers: Sequence[int]) -> int:
    """How many are right. Raise Invalid `quiz_answers_invalid`."""
    if len(answers) != len(questions):
        raise Invalid("quiz_answers_invalid", "每道题都要选一个答案")
    chosen = []
    for question, answer in zip(questions, answers, strict=True):
        keys = list(question.options)
        if not 0 <= answer < len(keys):
            raise Invalid("quiz_answers_invalid", "没有这个选项")
        chosen.append(keys[answer] == question.answer)
    return sum(chosen)
