"""Polls and votes in the database. Every function takes the session of the caller's transaction.

Whatever decides on a poll holds its row: votes, its opening and its close come one after the other, over all processes. So the
close counts every vote that was acknowledged, and none is taken after it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Table, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.bulk import insert_rows
from ..core.errors import Conflict
from .model import Plan, Poll, PollState, Results
from .tables import BallotRow, PollRow, VoteRow

_VOTES = cast("Table", VoteRow.__table__)
_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_SAME = ("state", "offset", "opened_at", "media_at", "closes_at", "closed_at", "closed_why", "voters", "revision")


async def add(session: AsyncSession, poll: Poll, *, client_id: str | None = None, digest: str | None = None) -> None:
    """Raise Conflict `poll_open` where another one is open, or the client id was used before."""
    session.add(
        PollRow(
            id=poll.id,
            broadcast_id=poll.broadcast_id,
            author_id=poll.author_id,
            client_id=client_id,
            digest=digest,
            created_at=poll.created_at,
            opened_by=poll.author_id if poll.state is PollState.OPEN else None,
            counts=None,
            **_planned(poll.plan),
            **{name: getattr(poll, name) for name in _SAME},
        )
    )
    await _flush(session)


async def save(session: AsyncSession, poll: Poll, *, opened_by: str | None = None) -> None:
    """Raise Conflict `poll_open` where another one is open."""
    row = await session.get_one(PollRow, poll.id)
    for name, value in {**_planned(poll.plan), **{name: getattr(poll, name) for name in _SAME}}.items():
        setattr(row, name, value)
    row.counts = None if poll.counts is None else to_json(poll.counts).decode()
    row.opened_by = opened_by or row.opened_by
    await _flush(session)


async def note_removed(session: AsyncSession, poll_id: str, *, at: datetime, by: str) -> None:
    await session.execute(update(PollRow).where(PollRow.id == poll_id).values(removed_at=at, removed_by=by))


async def drop(session: AsyncSession, poll_id: str) -> None:
    await session.execute(delete(PollRow).where(PollRow.id == poll_id))


async def purge(session: AsyncSession, broadcast_id: str) -> None:
    """The votes go with their polls."""
    await session.execute(delete(PollRow).where(PollRow.broadcast_id == broadcast_id))


async def find(session: AsyncSession, poll_id: str) -> Poll | None:
    row = await session.get(PollRow, poll_id)
    return None if row is None else _poll(row)


async def held(session: AsyncSession, poll_ids: Collection[str]) -> dict[str, Poll]:
    """As `find`, of several, and nobody else decides on them until the end of the transaction."""
    query = select(PollRow).where(PollRow.id.in_(poll_ids)).order_by(PollRow.id).with_for_update(key_share=True)
    return {row.id: _poll(row) for row in await session.scalars(query)}


async def opened_under(session: AsyncSession, author_id: str, client_id: str) -> tuple[Poll, str | None] | None:
    """The poll somebody opened under a client id, and the digest of what was asked for."""
    row = await session.scalar(select(PollRow).filter_by(author_id=author_id, client_id=client_id))
    return None if row is None else (_poll(row), row.digest)


async def of_broadcast(session: AsyncSession, broadcast_id: str) -> list[Poll]:
    return [_poll(row) for row in await session.scalars(select(PollRow).filter_by(broadcast_id=broadcast_id))]


async def count(session: AsyncSession, broadcast_id: str) -> int:
    return await session.scalar(select(func.count()).select_from(PollRow).filter_by(broadcast_id=broadcast_id)) or 0


def any_open() -> ColumnElement[bool]:
    """For the pulse."""
    return exists().where(PollRow.state == PollState.OPEN)


async def all_open(session: AsyncSession) -> list[Poll]:
    query = select(PollRow).where(PollRow.state == PollState.OPEN).order_by(PollRow.id)
    return [_poll(row) for row in await session.scalars(query)]


async def openers(session: AsyncSession, poll_ids: Collection[str]) -> dict[str, str]:
    """Who opened them."""
    query = select(PollRow.id, PollRow.opened_by).where(PollRow.id.in_(poll_ids), PollRow.opened_by.is_not(None))
    return {poll_id: by for poll_id, by in await session.execute(query) if by is not None}


# Votes


async def acknowledged(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """The digests of those votes that were acknowledged before."""
    query = select(VoteRow.key, VoteRow.digest).where(VoteRow.key.in_(keys))
    return dict((await session.execute(query)).all())


async def have_voted(session: AsyncSession, poll_ids: Collection[str], voters: Collection[str]) -> set[tuple[str, str]]:
    query = select(BallotRow.poll_id, BallotRow.voter_id)
    query = query.where(BallotRow.poll_id.in_(poll_ids), BallotRow.voter_id.in_(voters))
    return {(poll_id, voter) for poll_id, voter in await session.execute(query)}


async def ballots_of(session: AsyncSession, voter_id: str, poll_ids: Collection[str]) -> dict[str, int | None]:
    """In which of the polls somebody has voted, and what, as long as that is known."""
    query = select(BallotRow.poll_id, BallotRow.choices)
    query = query.where(BallotRow.voter_id == voter_id, BallotRow.poll_id.in_(poll_ids))
    return dict((await session.execute(query)).all())


async def put(session: AsyncSession, ballots: Mapping[tuple[str, str], int]) -> None:
    """Everybody's vote is the one given now. `ballots` by poll and voter."""
    if not ballots:
        return
    insert = _INSERT[session.get_bind().dialect.name](BallotRow)
    statement = insert.on_conflict_do_update(
        index_elements=[BallotRow.poll_id, BallotRow.voter_id], set_={"choices": insert.excluded.choices}
    )
    rows = [{"poll_id": poll, "voter_id": voter, "choices": choices} for (poll, voter), choices in sorted(ballots.items())]
    await session.execute(statement, rows)


async def acknowledge(session: AsyncSession, votes: Sequence[tuple[str, str, str]]) -> None:
    """`votes`: key, digest and poll of each; the polls' revisions grow with them."""
    await insert_rows(session, _VOTES, votes)
    for poll_id in sorted({poll_id for _, _, poll_id in votes}):
        more = sum(each == poll_id for _, _, each in votes)
        await session.execute(
            update(PollRow)
            .where(PollRow.id == poll_id)
            .values(revision=PollRow.revision + more)
            .execution_options(synchronize_session=False)
        )


async def votes(session: AsyncSession, poll_id: str) -> dict[int, int]:
    """How many people chose each combination of options, while that is known."""
    query = select(BallotRow.choices, func.count()).where(BallotRow.poll_id == poll_id, BallotRow.choices.is_not(None))
    return {choices: people for choices, people in await session.execute(query.group_by(BallotRow.choices)) if choices}


async def forget(session: AsyncSession, poll_id: str) -> None:
    """What each chose; that they voted stays."""
    await session.execute(update(BallotRow).where(BallotRow.poll_id == poll_id).values(choices=None))


async def voters(session: AsyncSession, poll_ids: Iterable[str]) -> set[str]:
    """Everybody who voted in any of the polls."""
    return set(await session.scalars(select(BallotRow.voter_id).where(BallotRow.poll_id.in_(list(poll_ids))).distinct()))


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("poll_open", "还有一个投票没有结束，请先结束它") from error


def _planned(plan: Plan) -> dict[str, object]:
    return {
        "question": plan.question,
        "options": to_json(plan.options).decode(),
        "most": plan.most,
        "results": plan.results.value,
        "final": plan.final,
        "seconds": plan.seconds,
    }


def _poll(row: PollRow) -> Poll:
    return Poll(
        id=row.id,
        broadcast_id=row.broadcast_id,
        author_id=row.author_id,
        plan=Plan(row.question, tuple(from_json(row.options)), row.most, Results(row.results), row.final, row.seconds),
        created_at=row.created_at,
        counts=None if row.counts is None else tuple(from_json(row.counts)),
        **{name: getattr(row, name) for name in _SAME if name != "state"},
        state=PollState(row.state),
    )
