"""Sealed messages between two people: taken, recalled, marked as read. How their pages agree on keys, and files, are beside it.

A message is durable before it is acknowledged; the same `client_id` gives the same answer, also after a restart, and is refused
with another content. A recall truly removes: the body leaves the journal, the file the disk, and so do copies that were sealed
anew for another page.

Who is no party learns nothing: a conversation of others is answered like one that does not exist, to administrators too.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from ..core.again import reused
from ..core.clock import Clock
from ..core.db import Database, Session, after_commit
from ..core.errors import Invalid
from ..core.ids import digest, is_id, new_id
from ..core.journal import Author, Draft, Entry, Journal, newest
from ..identity import Member
from . import model, store
from .blobs import BlobFolder
from .erasing import Eraser
from .files import Files
from .keys import KeyExchange
from .model import POSTED, READ, RECALLED, Conversation, MessageKind, Sealed, State, channel_of
from .register import Held, Register
from .store import Kept
from .typing_marks import TypingMarks

log = structlog.get_logger(__name__)


class Conversations:
    """`beside`: tables of the feature above that hold what an erasure must leave nothing of."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, folder: BlobFolder, *, beside: Collection[str] = ()
    ) -> None:
        self._database, self._journal, self._clock = database, journal, clock
        self.register = Register(database)
        self.eraser = Eraser(database, journal, clock, folder, beside=beside)
        self.keys = KeyExchange(self.register, journal, clock)
        self.files = Files(self.register, database, clock, folder)
        self.typing = TypingMarks(self.register, database, clock)

    # For the feature whose conversation it is, in its own transaction

    async def begin(self, session: Session, conversation_id: str, sides: Mapping[str, str]) -> None:
        """`sides`: who is on which, by what the side is called."""
        await store.add(session, Conversation(conversation_id, State.WAITING, self._clock.now()), sides)

    async def hold(self, session: Session, conversation_id: str) -> Conversation | None:
        """Keep everybody else out of it until the end of the transaction. Whoever holds more than this takes this first."""
        return await store.find(session, conversation_id, hold=True)

    async def run_until(self, session: Session, conversation: Conversation, moment: datetime) -> None:
        """Its time runs from now on, or longer than before. It is held."""
        await store.save(session, replace(conversation, state=State.OPEN, closes_at=moment))

    async def close(self, session: Session, conversation: Conversation) -> None:
        """Nothing more is taken. It is held."""
        await store.save(session, replace(conversation, state=State.CLOSED, closed_at=self._clock.now()))

    async def erase(self, session: Session, conversation: Conversation, told: Draft) -> None:
        """Delete whatever was sent in it, for both; `told` is what is left to be read of it. It is held, and append nothing to
        its channel before."""
        await self.eraser.erase(session, conversation, told)

    async def closed_before(self, moment: datetime, *, limit: int) -> list[str]:
        """Ids of those that are over since before `moment`, and not erased."""
        async with self._database.reading() as session:
            return await store.closed_before(session, moment, limit=limit)

    # For its parties

    async def post(self, member: Member, conversation_id: str, sealed: Sealed, *, client_id: str) -> Kept:
        """Raise NotFound `talk_not_found`, `attachment_not_found`, `message_not_found`, Conflict `talk_not_open`, `talk_ended`,
        `talk_erased`, `talk_full`, `key_round_over`, `keys_not_agreed`, `client_id_reused`, TooMany `too_fast`, Invalid."""
        _check_form(sealed)
        asked = digest("\n".join(str(each) for each in (conversation_id, *_values(sealed))))
        async with self.register.held(conversation_id, member.id) as (session, held):
            before = await store.posted_under(session, member.id, client_id)
            if before is not None:
                return _same(before, asked)
            now = self._clock.now()
            model.check_open(held.conversation, now)
            model.check_key(held.conversation, sealed.key, await store.taken(session, conversation_id, sealed.key))
            sent = await store.sent(session, conversation_id, held.side, model.rate_begins(now))
            model.check_rate(sent, copy=sealed.kind is MessageKind.HISTORY)
            await self._check_named(session, conversation_id, held.side, sealed)
            (entry,) = await self._journal.append(session, _posted(conversation_id, held, sealed, member))
            kept = _kept(entry, conversation_id, held.side, sealed, asked)
            await store.post(session, kept, sealed, author_id=member.id, client_id=client_id)
        return kept

    async def recall(self, member: Member, message_id: str) -> None:
        """Within two minutes; the second time nothing happens. Raise NotFound `message_not_found`, Forbidden `not_yours`,
        Conflict `recall_too_late`."""
        now = self._clock.now()
        async with self._database.reading() as session:
            found = await store.find_message(session, message_id) if is_id(message_id) else None
        if found is None or member.id not in await self.register.sides(found.conversation_id):
            raise model.message_not_there()
        async with self.register.held(found.conversation_id, member.id) as (session, held):
            message = await store.find_message(session, message_id)
            if message is None or message.kind is MessageKind.HISTORY:
                raise model.message_not_there()
            if message.recalled_at is not None and message.side == held.side:
                return
            model.check_recall(message.side, held.side, message.at, now)
            gone = [message, *await store.copies(session, held.conversation.id, message_id)]
            await store.note_recalled(session, [each.id for each in gone], now)
            author = Author(member.id, member.name)
            for each in gone:
                draft = Draft(channel_of(each.conversation_id), RECALLED, {"id": each.id}, by=author)
                await self._journal.redact(session, draft, offset=each.offset, left=_left(each))
            after_commit(session, self.eraser.wake)
        log.info("message_recalled", conversation_id=found.conversation_id)

    async def read(self, member: Member, conversation_id: str, offset: int) -> int:
        """They have read up to there; gives the message up to which they have. That somebody has read is read by nobody, for it
        would be another thing to have read. Raise NotFound `talk_not_found`, Conflict `talk_erased`."""
        async with self.register.held(conversation_id, member.id) as (session, held):
            model.check_readable(held.conversation)
            before = held.parties[member.id].read
            reached = await store.last_up_to(session, conversation_id, offset)
            if reached <= before:
                return before
            await store.set_read(session, conversation_id, held.side, reached)
            data = {"side": held.side, "offset": reached}
            await self._journal.append(session, Draft(channel_of(conversation_id), READ, data))
        return reached

    async def page(
        self, member: Member, conversation_id: str, *, before: int | None, limit: int
    ) -> tuple[list[Entry], int | None]:
        """Messages below an offset, in their order, with the cursor of those before them. Raise NotFound `talk_not_found`."""
        await self.register.require_side(conversation_id, member.id)
        async with self._database.reading() as session:
            found = await newest(session, channel_of(conversation_id), POSTED, limit=limit + 1, before=before)
        return (found[1:], found[1].offset) if len(found) > limit else (found, None)

    async def _check_named(self, session: Session, conversation_id: str, side: str, sealed: Sealed) -> None:
        """The file and the message it names are of this conversation."""
        if sealed.blob is not None:
            blob = await store.find_blob(session, conversation_id, sealed.blob)
            if blob is None or blob.side != side or blob.message_id is not None or blob.kind.value != sealed.kind.value:
                raise model.blob_not_there()
        if sealed.of is not None:
            of = await store.find_message(session, sealed.of)
            if of is None or of.conversation_id != conversation_id or of.recalled_at is not None:
                raise model.message_not_there()


def _check_form(sealed: Sealed) -> None:
    """What a model of one field at a time cannot say."""
    if (sealed.kind is MessageKind.HISTORY) != (sealed.of is not None):
        raise Invalid("message_invalid", "消息的格式不正确")
    if sealed.blob is not None and sealed.kind not in (MessageKind.PICTURE, MessageKind.VOICE):
        raise Invalid("message_invalid", "消息的格式不正确")


def _values(sealed: Sealed) -> tuple[object, ...]:
    return (sealed.key, sealed.kind.value, sealed.number, sealed.blob, sealed.of, sealed.body)


def _posted(conversation_id: str, held: Held, sealed: Sealed, member: Member) -> Draft:
    data = {
        "id": new_id(),
        "side": held.side,
        "device": held.parties[member.id].device,
        "key": sealed.key,
        "kind": sealed.kind.value,
        "number": sealed.number,
        "size": len(sealed.body),
        "body": sealed.body,
        "blob": sealed.blob,
        "of": sealed.of,
    }
    told = {name: value for name, value in data.items() if value is not None}
    return Draft(channel_of(conversation_id), POSTED, told, by=Author(member.id, member.name))


def _left(message: Kept) -> dict[str, object]:
    """What a message that was taken back leaves in its place: enough for a page to know that none is missing."""
    left = {
        "id": message.id,
        "side": message.side,
        "key": message.key,
        "kind": message.kind.value,
        "number": message.number,
        "size": message.size,
        "recalled": True,
        "of": message.of,
    }
    return {name: value for name, value in left.items() if value is not None}


def _kept(entry: Entry, conversation_id: str, side: str, sealed: Sealed, asked: str) -> Kept:
    return Kept(
        id=entry.data["id"],
        conversation_id=conversation_id,
        side=side,
        offset=entry.offset,
        at=entry.at,
        kind=sealed.kind,
        key=sealed.key,
        number=sealed.number,
        size=len(sealed.body),
        blob_id=sealed.blob,
        of=sealed.of,
        recalled_at=None,
        digest=asked,
    )


def _same(before: Kept, asked: str) -> Kept:
    if before.digest != asked:
        raise reused()
    return before
