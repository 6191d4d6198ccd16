"""Questions in the database. Every function takes the session of the caller's transaction.

Locks are taken in one order everywhere: the room, then questions by their ids, then (by appending) the channel. Rows that refer
to a question can be written while it is held.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    Table,
    and_,
    any_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.journal import Author
from .model import Question, QuestionState, Reply
from .tables import QuestionRemovalRow, QuestionReplyRow, QuestionRoomRow, QuestionRow, QuestionVoteRow

_VOTES = cast("Table", QuestionVoteRow.__table__)
_CHANGES = ("state", "answering_at", "answered_at", "pinned", "votes", "told", "told_at", "adopted_id", "removed")
_STANDS = and_(QuestionRow.removed.is_(None), QuestionRow.offset > 0)


@dataclass(frozen=True, slots=True)
class Removal:
    """Who removed a question or a written answer, by whose right (see `broadcasts.Remover`) and for what reason."""

    subject_id: str
    at: datetime
    by_id: str
    why: str
    reason: str


async def hold_rooms(session: AsyncSession, broadcast_ids: Iterable[str]) -> None:
    """Until the commit nobody else decides on what counts all of a room."""
    for broadcast_id in sorted(set(broadcast_ids)):
        await session.execute(_HOLD[session.get_bind().dialect.name], {"broadcast_id": broadcast_id})


def _hold(dialect: Any) -> Any:
    insert = dialect(QuestionRoomRow).values(broadcast_id=bindparam("broadcast_id"))
    same = {"broadcast_id": insert.excluded.broadcast_id}  # writing it, were it the same, is what locks it
    return insert.on_conflict_do_update(index_elements=[QuestionRoomRow.broadcast_id], set_=same)


_HOLD = {"sqlite": _hold(sqlite.insert), "postgresql": _hold(postgresql.insert)}


# Questions


async def add(session: AsyncSession, questions: Iterable[Question]) -> None:
    session.add_all(QuestionRow(**{**asdict(each), "by": _json(each.by)}) for each in questions)
    await session.flush()


async def save(session: AsyncSession, before: Question, after: Question) -> None:
    """Write what differs."""
    changed = {name: getattr(after, name) for name in _CHANGES if getattr(after, name) != getattr(before, name)}
    if changed:
        await session.execute(update(QuestionRow).where(QuestionRow.id == after.id).values(**changed))


async def say(session: AsyncSession, question_id: str, *, offset: int, at: datetime) -> None:
    """It was held, and is in the journal now."""
    await session.execute(update(QuestionRow).where(QuestionRow.id == question_id).values(offset=offset, at=at))


async def find(session: AsyncSession, question_id: str) -> Question | None:
    return next(iter(await _load(session, _questions().where(QuestionRow.id == question_id))), None)


async def hold(session: AsyncSession, question_ids: Iterable[str]) -> dict[str, Question]:
    """Those of the questions that there are, held until the commit."""
    query = _questions().where(_among(session, QuestionRow.id, set(question_ids))).order_by(QuestionRow.id)
    return {each.id: each for each in await _load(session, query.with_for_update(key_share=True))}


async def hold_untold(session: AsyncSession, *, limit: int) -> list[Question]:
    """Questions whose votes the room does not know all of, held; without those that somebody holds, who will tell of them."""
    query = _questions().where(QuestionRow.votes != QuestionRow.told, _STANDS).order_by(QuestionRow.id).limit(limit)
    return await _load(session, query.with_for_update(key_share=True, skip_locked=True))


async def standing(session: AsyncSession, broadcast_id: str) -> list[Question]:
    """All of a room that stand, in the order in which they were asked."""
    query = _questions().where(QuestionRow.broadcast_id == broadcast_id, _STANDS).order_by(QuestionRow.offset)
    return await _load(session, query)


async def everything(session: AsyncSession, broadcast_id: str) -> tuple[list[Question], list[Reply]]:
    """All questions and written answers that the room ever had, in their order, removed ones included."""
    row, reply = QuestionRow, QuestionReplyRow
    questions = _questions().where(row.broadcast_id == broadcast_id, row.offset > 0).order_by(row.offset)
    replies = _replies().where(reply.broadcast_id == broadcast_id, reply.offset > 0).order_by(reply.offset)
    return await _load(session, questions), await _load_replies(session, replies)


async def voters(session: AsyncSession, broadcast_id: str) -> set[str]:
    """Everybody who voted for a question."""
    query = select(QuestionVoteRow.member_id).join(QuestionRow, QuestionRow.id == QuestionVoteRow.question_id)
    return set(await session.scalars(query.where(QuestionRow.broadcast_id == broadcast_id).distinct()))


async def answering(session: AsyncSession, broadcast_id: str) -> list[str]:
    wanted = (QuestionRow.broadcast_id == broadcast_id, QuestionRow.state == QuestionState.ANSWERING.value, _STANDS)
    return list(await session.scalars(select(QuestionRow.id).where(*wanted)))


async def asked(session: AsyncSession, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Question]:
    """Those of the (asker, client_id) pairs that were written before."""
    query = _questions().where(_among(session, QuestionRow.client_id, {client_id for _, client_id in keys}))
    found = await _load(session, query)
    return {(each.asker_id, each.client_id): each for each in found if (each.asker_id, each.client_id) in keys}


async def numbers(session: AsyncSession, broadcast_ids: Collection[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """By (broadcast, asker): how many questions stand, and how many of them wait for an answer."""
    waiting = func.count().filter(QuestionRow.state != QuestionState.ANSWERED.value)
    query = select(QuestionRow.broadcast_id, QuestionRow.asker_id, func.count(), waiting)
    query = query.where(_among(session, QuestionRow.broadcast_id, set(broadcast_ids)), _STANDS)
    rows = await session.execute(query.group_by(QuestionRow.broadcast_id, QuestionRow.asker_id))
    return {(broadcast_id, asker_id): (all_, open_) for broadcast_id, asker_id, all_, open_ in rows}


async def own(session: AsyncSession, broadcast_id: str, member_id: str) -> list[Question]:
    """What a member has asked here, removed ones included."""
    query = _questions().where(QuestionRow.broadcast_id == broadcast_id, QuestionRow.asker_id == member_id)
    return await _load(session, query.order_by(QuestionRow.offset))


# Votes


async def votes_of(session: AsyncSession, question_ids: Collection[str], member_ids: Collection[str]) -> set[tuple[str, str]]:
    """Pairs (question, member) that there are."""
    row = QuestionVoteRow
    query = select(row.question_id, row.member_id).where(_among(session, row.question_id, question_ids))
    rows = await session.execute(query.where(_among(session, row.member_id, member_ids)))
    return {(question_id, member_id) for question_id, member_id in rows}


async def add_votes(session: AsyncSession, votes: Sequence[tuple[str, str]]) -> None:
    await insert_rows(session, _VOTES, votes)


async def drop_votes(session: AsyncSession, votes: Iterable[tuple[str, str]]) -> None:
    by_question: dict[str, set[str]] = {}
    for question_id, member_id in votes:
        by_question.setdefault(question_id, set()).add(member_id)
    row = QuestionVoteRow
    for question_id, members in by_question.items():
        await session.execute(delete(row).where(row.question_id == question_id, _among(session, row.member_id, members)))


async def voted(session: AsyncSession, broadcast_id: str, member_id: str) -> list[str]:
    """The questions here that a member has voted for."""
    row = QuestionVoteRow
    query = select(row.question_id).join(QuestionRow, QuestionRow.id == row.question_id).order_by(row.question_id)
    return list(await session.scalars(query.where(QuestionRow.broadcast_id == broadcast_id, row.member_id == member_id)))


# Written answers


async def add_reply(session: AsyncSession, reply: Reply) -> None:
    session.add(QuestionReplyRow(**{**asdict(reply), "by": _json(reply.by)}))
    await session.flush()


async def say_reply(session: AsyncSession, reply_id: str, *, offset: int, at: datetime) -> None:
    row = QuestionReplyRow
    await session.execute(update(row).where(row.id == reply_id).values(offset=offset, at=at))


async def find_reply(session: AsyncSession, reply_id: str) -> Reply | None:
    return next(iter(await _load_replies(session, _replies().where(QuestionReplyRow.id == reply_id))), None)


async def replied(session: AsyncSession, author_id: str, client_id: str) -> Reply | None:
    query = _replies().where(QuestionReplyRow.client_id == client_id, QuestionReplyRow.author_id == author_id)
    return next(iter(await _load_replies(session, query)), None)


async def replies(session: AsyncSession, broadcast_id: str) -> list[Reply]:
    """All of a room that stand, in their order."""
    row = QuestionReplyRow
    query = _replies().where(row.broadcast_id == broadcast_id, row.removed.is_(None), row.offset > 0).order_by(row.offset)
    return await _load_replies(session, query)


async def mark_reply_removed(session: AsyncSession, reply_id: str, why: str) -> None:
    await session.execute(update(QuestionReplyRow).where(QuestionReplyRow.id == reply_id).values(removed=why))


def note_removal(session: AsyncSession, removal: Removal) -> None:
    session.add(QuestionRemovalRow(**asdict(removal)))


async def removals(session: AsyncSession, subject_ids: Collection[str]) -> dict[str, Removal]:
    """Those of the questions and written answers that were removed, for themselves."""
    row = QuestionRemovalRow
    query = select(row.subject_id, row.at, row.by_id, row.why, row.reason).where(_among(session, row.subject_id, subject_ids))
    return {values[0]: Removal(*values) for values in await session.execute(query)}


async def removed_questions(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    """The words of those that were removed."""
    kept = QuestionRow
    query = select(kept.id, kept.text).where(_among(session, kept.id, ids), kept.removed.is_not(None))
    return {row[0]: row[1] for row in await session.execute(query)}


async def removed_replies(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    kept = QuestionReplyRow
    query = select(kept.id, kept.text).where(_among(session, kept.id, ids), kept.removed.is_not(None))
    return {row[0]: row[1] for row in await session.execute(query)}


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    """Votes go with their questions."""
    questions = select(QuestionRow.id).where(QuestionRow.broadcast_id == broadcast_id)
    replies_ = select(QuestionReplyRow.id).where(QuestionReplyRow.broadcast_id == broadcast_id)
    subject = QuestionRemovalRow.subject_id
    await session.execute(delete(QuestionRemovalRow).where(or_(subject.in_(questions), subject.in_(replies_))))
    for row in (QuestionReplyRow, QuestionRow, QuestionRoomRow):
        await session.execute(delete(row).where(row.broadcast_id == broadcast_id))


# Inside


def _questions() -> Select[Any]:
    return select(*QuestionRow.__table__.columns)


def _replies() -> Select[Any]:
    return select(*QuestionReplyRow.__table__.columns)


async def _load(session: AsyncSession, query: Select[Any]) -> list[Question]:
    rows = (await session.execute(query)).mappings()
    return [Question(**{**row, "by": _author(row["by"]), "state": QuestionState(row["state"])}) for row in rows]


async def _load_replies(session: AsyncSession, query: Select[Any]) -> list[Reply]:
    return [Reply(**{**row, "by": _author(row["by"])}) for row in (await session.execute(query)).mappings()]


def _author(text: str) -> Author:
    return Author(**from_json(text))


def _json(author: Author) -> str:
    return to_json(author.wire()).decode()


def _among(session: AsyncSession, column: Any, values: Collection[str]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        # One parameter whatever their number, so that the statement is prepared and planned once.
        return cast("ColumnElement[bool]", column == any_(literal(sorted(values), ARRAY(String))))
    return cast("ColumnElement[bool]", column.in_(sorted(values)))
