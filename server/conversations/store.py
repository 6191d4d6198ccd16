"""Conversations in the database. Every function takes the session of the caller's transaction.

Whatever happens in a conversation holds its row: messages, steps, recalls and its end come one after the other, over all
processes. So nothing is taken after the end, and no two steps of an agreement are taken for the same one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, and_, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .model import BlobKind, Conversation, MessageKind, Party, Sealed, Sent, State, Step, Taken
from .tables import BlobRow, ConversationRow, KeyRow, MessageRow, PartyRow

SCRUBBED = ("journal", MessageRow.__tablename__, KeyRow.__tablename__)
"""Tables whose deleted rows must leave nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that was taken, and the digest of what was asked for."""

    id: str
    conversation_id: str
    side: str
    offset: int
    at: datetime
    kind: MessageKind
    key: int
    number: int
    size: int
    blob_id: str | None
    of: str | None
    recalled_at: datetime | None
    digest: str


@dataclass(frozen=True, slots=True)
class Blob:
    id: str
    conversation_id: str
    side: str
    kind: BlobKind
    size: int
    at: datetime
    message_id: str | None = None
    doomed: bool = False


# Conversations


async def add(session: AsyncSession, made: Conversation, sides: Mapping[str, str]) -> None:
    """`sides`: who is on which, by what the side is called."""
    session.add(
        ConversationRow(
            id=made.id,
            state=made.state.value,
            created_at=made.created_at,
            closes_at=made.closes_at,
            closed_at=made.closed_at,
            key_round=made.key_round,
        )
    )
    await session.flush()
    for side, member_id in sides.items():
        session.add(PartyRow(conversation_id=made.id, member_id=member_id, side=side, device=None, read=0, typing_at=None))
    await session.flush()


async def find(session: AsyncSession, conversation_id: str, *, hold: bool = False) -> Conversation | None:
    """`hold`: and keep everybody else out of it until the end of the transaction."""
    query = select(ConversationRow).where(ConversationRow.id == conversation_id)
    row = (
        await session.scalars((query.with_for_update() if hold else query).execution_options(populate_existing=True))
    ).first()
    if row is None:
        return None
    return Conversation(row.id, State(row.state), row.created_at, row.closes_at, row.closed_at, row.key_round)


async def save(session: AsyncSession, conversation: Conversation) -> None:
    values = {"state": conversation.state.value, "closes_at": conversation.closes_at, "closed_at": conversation.closed_at}
    statement = update(ConversationRow).where(ConversationRow.id == conversation.id)
    await session.execute(statement.values(key_round=conversation.key_round, **values))


async def parties(session: AsyncSession, conversation_id: str) -> dict[str, Party]:
    """By member."""
    row = PartyRow
    query = select(row.member_id, row.side, row.device, row.read).where(row.conversation_id == conversation_id)
    return {values[0]: Party(*values) for values in await session.execute(query)}


async def closed_before(session: AsyncSession, moment: datetime, *, limit: int) -> list[str]:
    """Ids of those that are over since before `moment`, and not erased."""
    query = select(ConversationRow.id).where(ConversationRow.state == State.CLOSED.value, ConversationRow.closed_at < moment)
    return list(await session.scalars(query.order_by(ConversationRow.closed_at).limit(limit)))


# Parties


async def set_device(session: AsyncSession, conversation_id: str, side: str, device: str) -> None:
    await session.execute(_party(conversation_id, side).values(device=device))


async def set_read(session: AsyncSession, conversation_id: str, side: str, offset: int) -> None:
    await session.execute(_party(conversation_id, side).values(read=offset))


async def note_typing(session: AsyncSession, conversation_id: str, side: str, at: datetime) -> None:
    await session.execute(_party(conversation_id, side).values(typing_at=at))


async def typing(session: AsyncSession, conversation_ids: Collection[str], since: datetime) -> set[tuple[str, str]]:
    """Conversation and side of those who have typed since."""
    query = select(PartyRow.conversation_id, PartyRow.side).where(PartyRow.conversation_id.in_(conversation_ids))
    return {(each, side) for each, side in await session.execute(query.where(PartyRow.typing_at > since))}


def _party(conversation_id: str, side: str) -> Update:
    return update(PartyRow).where(PartyRow.conversation_id == conversation_id, PartyRow.side == side)


# Keys


async def taken(session: AsyncSession, conversation_id: str, key_round: int) -> list[Taken]:
    """The steps of a round, in their order."""
    row = KeyRow
    query = select(row.round, row.step, row.side, row.device, row.offset)
    query = query.where(row.conversation_id == conversation_id, row.round == key_round).order_by(row.offset)
    return [
        Taken(number, Step(step), side, device, offset) for number, step, side, device, offset in await session.execute(query)
    ]


async def taken_under(session: AsyncSession, conversation_id: str, side: str, client_id: str) -> tuple[Taken, str] | None:
    """The step a side took under a client id, and the digest of what was asked for."""
    query = select(KeyRow).filter_by(conversation_id=conversation_id, side=side, client_id=client_id)
    row = await session.scalar(query)
    return None if row is None else (Taken(row.round, Step(row.step), row.side, row.device, row.offset), row.digest)


async def take(session: AsyncSession, conversation_id: str, step: Taken, at: datetime, *, client_id: str, digest: str) -> None:
    session.add(
        KeyRow(
            conversation_id=conversation_id,
            round=step.round,
            step=step.step.value,
            side=step.side,
            device=step.device,
            offset=step.offset,
            at=at,
            client_id=client_id,
            digest=digest,
        )
    )
    await session.flush()


# Messages


async def posted_under(session: AsyncSession, author_id: str, client_id: str) -> Kept | None:
    return _kept(await session.scalar(select(MessageRow).filter_by(author_id=author_id, client_id=client_id)))


async def find_message(session: AsyncSession, message_id: str) -> Kept | None:
    query = select(MessageRow).where(MessageRow.id == message_id).execution_options(populate_existing=True)
    return _kept(await session.scalar(query))


async def last_up_to(session: AsyncSession, conversation_id: str, offset: int) -> int:
    """The offset of the newest message at or below this one; 0 without any."""
    query = select(func.max(MessageRow.offset)).where(MessageRow.conversation_id == conversation_id)
    return await session.scalar(query.where(MessageRow.offset <= offset)) or 0


async def copies(session: AsyncSession, conversation_id: str, message_id: str) -> list[Kept]:
    """What was sent anew of it, and not taken back."""
    query = select(MessageRow).filter_by(conversation_id=conversation_id, of=message_id, recalled_at=None)
    return [kept for row in await session.scalars(query.order_by(MessageRow.offset)) if (kept := _kept(row)) is not None]


async def sent(session: AsyncSession, conversation_id: str, side: str, since: datetime) -> Sent:
    copy = MessageRow.kind == MessageKind.HISTORY.value
    late = MessageRow.at > since
    columns = [func.count(case((where, 1))) for where in (~copy, copy, and_(~copy, late), and_(copy, late))]
    query = select(*columns).where(MessageRow.conversation_id == conversation_id, MessageRow.side == side)
    found = tuple((await session.execute(query)).one())
    return Sent(messages=found[0], copies=found[1], lately=found[2], copies_lately=found[3])


async def post(session: AsyncSession, kept: Kept, sealed: Sealed, *, author_id: str, client_id: str) -> None:
    session.add(
        MessageRow(
            id=kept.id,
            conversation_id=kept.conversation_id,
            author_id=author_id,
            side=kept.side,
            client_id=client_id,
            digest=kept.digest,
            offset=kept.offset,
            at=kept.at,
            kind=sealed.kind.value,
            key=sealed.key,
            number=sealed.number,
            size=kept.size,
            blob_id=sealed.blob,
            of=sealed.of,
            recalled_at=None,
        )
    )
    if sealed.blob is not None:
        await session.execute(update(BlobRow).where(BlobRow.id == sealed.blob).values(message_id=kept.id))
    await session.flush()


async def note_recalled(session: AsyncSession, message_ids: Collection[str], at: datetime) -> None:
    await session.execute(update(MessageRow).where(MessageRow.id.in_(message_ids)).values(recalled_at=at))
    await session.execute(update(BlobRow).where(BlobRow.message_id.in_(message_ids)).values(doomed=True))


def _kept(row: MessageRow | None) -> Kept | None:
    if row is None:
        return None
    return Kept(
        id=row.id,
        conversation_id=row.conversation_id,
        side=row.side,
        offset=row.offset,
        at=row.at,
        kind=MessageKind(row.kind),
        key=row.key,
        number=row.number,
        size=row.size,
        blob_id=row.blob_id,
        of=row.of,
        recalled_at=row.recalled_at,
        digest=row.digest,
    )


# Files


async def add_blob(session: AsyncSession, blob: Blob) -> None:
    session.add(
        BlobRow(
            id=blob.id,
            conversation_id=blob.conversation_id,
            side=blob.side,
            kind=blob.kind.value,
            size=blob.size,
            at=blob.at,
            message_id=blob.message_id,
            doomed=blob.doomed,
        )
    )
    await session.flush()


async def find_blob(session: AsyncSession, conversation_id: str, blob_id: str) -> Blob | None:
    """None for one that is to go."""
    row = await session.scalar(select(BlobRow).filter_by(id=blob_id, conversation_id=conversation_id, doomed=False))
    return None if row is None else _blob(row)


async def count_blobs(session: AsyncSession, conversation_id: str, kind: BlobKind) -> int:
    query = select(func.count()).select_from(BlobRow).filter_by(conversation_id=conversation_id, kind=kind.value)
    return (await session.execute(query)).scalar_one()


async def doomed(session: AsyncSession, *, unsent_before: datetime, limit: int) -> list[str]:
    """Ids of the files that are to go, those among them that were handed in long ago and never sent."""
    unsent = and_(BlobRow.message_id.is_(None), BlobRow.at < unsent_before)
    query = select(BlobRow.id).where(or_(BlobRow.doomed, unsent)).limit(limit)
    return list(await session.scalars(query))


async def known_blobs(session: AsyncSession, ids: Collection[str], *, sent: bool = False) -> set[str]:
    """Those of them that have a row; with `sent` one that a message gives to the other side."""
    query = select(BlobRow.id).where(BlobRow.id.in_(ids))
    if sent:
        query = query.where(BlobRow.message_id.is_not(None), ~BlobRow.doomed)
    return set(await session.scalars(query))


async def sent_blobs(session: AsyncSession, *, after: str, limit: int) -> list[str]:
    """Ids of the files that messages give to the other side, in their order."""
    query = select(BlobRow.id).where(BlobRow.id > after, BlobRow.message_id.is_not(None), ~BlobRow.doomed)
    return list(await session.scalars(query.order_by(BlobRow.id).limit(limit)))


async def drop_blobs(session: AsyncSession, ids: Collection[str]) -> None:
    await session.execute(delete(BlobRow).where(BlobRow.id.in_(ids)))


def _blob(row: BlobRow) -> Blob:
    return Blob(row.id, row.conversation_id, row.side, BlobKind(row.kind), row.size, row.at, row.message_id, row.doomed)


# Erasure


async def erased_since(session: AsyncSession, moment: datetime) -> bool:
    """Whether anything was erased or taken back."""
    gone = select(ConversationRow.id).where(ConversationRow.state == State.ERASED.value, ConversationRow.closed_at > moment)
    recalled = select(MessageRow.id).where(MessageRow.recalled_at > moment)
    return any([(await session.execute(query.limit(1))).first() is not None for query in (gone, recalled)])


async def erase(session: AsyncSession, conversation_id: str) -> None:
    """Everything that was sent, and how the pages agreed. Files are doomed and go after the commit."""
    for table in (MessageRow, KeyRow):
        await session.execute(delete(table).where(table.conversation_id == conversation_id))
    await session.execute(
        update(BlobRow).where(BlobRow.conversation_id == conversation_id).values(doomed=True, message_id=None)
    )
    statement = update(PartyRow).where(PartyRow.conversation_id == conversation_id)
    await session.execute(statement.values(device=None, read=0, typing_at=None))
