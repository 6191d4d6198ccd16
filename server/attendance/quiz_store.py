"""Short quizzes in the database. Every function takes the session of the caller's transaction, which holds the member's watch
time of the broadcast wherever it draws or answers.
"""

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .bank import Question
from .quiz_model import Quiz
from .tables import QuizRow

_QUESTIONS = TypeAdapter(tuple[Question, ...])


async def of_member(session: AsyncSession, broadcast_id: str, member_id: str) -> list[Quiz]:
    """In the order of their drawing."""
    query = select(QuizRow).filter_by(broadcast_id=broadcast_id, member_id=member_id).order_by(QuizRow.id)
    return [_quiz(row) for row in await session.scalars(query)]


async def add(session: AsyncSession, quiz: Quiz) -> None:
    values = {"id": quiz.id, "broadcast_id": quiz.broadcast_id, "member_id": quiz.member_id, "drawn_at": quiz.drawn_at}
    session.add(QuizRow(**values, questions=_QUESTIONS.dump_json(quiz.questions).decode(), right=0))
    await session.flush()


async def answered(session: AsyncSession, quiz: Quiz) -> None:
    values = {"answers": to_json(quiz.answers).decode(), "right": quiz.right, "answered_at": quiz.answered_at}
    await session.execute(update(QuizRow).where(QuizRow.id == quiz.id).values(**values))


def _quiz(row: QuizRow) -> Quiz:
    return Quiz(
        id=row.id,
        broadcast_id=row.broadcast_id,
        member_id=row.member_id,
        questions=_QUESTIONS.validate_json(row.questions),
        drawn_at=row.drawn_at,
        answers=None if row.answers is None else tuple(from_json(row.answers)),
        right=row.right,
        answered_at=row.answered_at,
    )
