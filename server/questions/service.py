"""What people do with questions: decide, write the row and its entry in one transaction, answer when it is durable.

Asking and voting are hot and share transactions (`asking`, `voting`). All else takes the room's row first, looks at what is
there, and decides: so only one question at a time is being answered, over all processes. The same `client_id` gives the same
answer; what says how something shall be (a vote, a mark, a pin) has the same outcome however often it comes.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from ..broadcasts import Broadcast, BroadcastService, CommentMode, author_of, channel_of, keeps_room, remover
from ..core.audit import Act
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden, NotFound
from ..core.ids import digest, new_id
from ..core.journal import Draft, Journal
from ..core.texts import tidied, written
from ..identity import Member
from ..moderation import HeldState, Moderation, Verdict
from ..points import Ledger
from . import model, store
from .asking import Ask, Asking, queue_full
from .credits import Credits
from .evidence import QuestionEvidence, ReplyEvidence
from .held import QUESTION_KIND, REPLY_KIND, HeldQuestions, HeldReplies, held, reply_draft
from .live import ADOPTED, MARKED, PINNED, REMOVED, REPLY_REMOVED, marked
from .model import MOST_CHARACTERS, Question, QuestionState, Reply, not_there
from .store import Removal
from .voting import Vote, Voting

log = structlog.get_logger(__name__)

_REMEMBERED = 10_000
Written = TypeVar("Written", Question, Reply)


@dataclass(frozen=True, slots=True)
class Mine:
    """What one member has to do with a room's questions. `review`: of those the room does not have, what became of them."""

    asked: list[Question]
    review: dict[str, HeldState]
    voted: list[str]


@dataclass(frozen=True, slots=True)
class Everything:
    """All questions and written answers of a room, for reports: removed ones included, and everybody who had a part in it."""

    questions: list[Question]
    replies: list[Reply]
    people: set[str]


class QuestionService:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        broadcasts: BroadcastService,
        moderation: Moderation,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        self._database, self._journal, self._broadcasts, self._clock = database, journal, broadcasts, clock
        self._moderation = moderation
        self._credits = Credits(ledger)
        moderation.register(QUESTION_KIND, HeldQuestions(), QuestionEvidence(database))
        moderation.register(REPLY_KIND, HeldReplies(), ReplyEvidence(database))
        self._asking = Asking(database, journal, moderation)
        self._voting = Voting(database, journal, clock)
        self._places: OrderedDict[str, tuple[str, str]] = OrderedDict()  # question → broadcast and asker, which never change

    def start(self) -> None:
        self._voting.start()

    async def close(self) -> None:
        await self._asking.close()
        await self._voting.close()

    # Asking and voting

    async def ask(self, member: Member, broadcast_id: str, text: str, *, client_id: str, anonymous: bool = False) -> Question:
        """It may be held, and is not `said` then. Raise NotFound for a broadcast that is not the member's to see, Conflict
        `questions_closed`, `room_muted`, `questions_full`, `too_many_open`, `client_id_reused`, `question_rejected`, Forbidden
        `muted`, Unprocessable `text_refused`, Unavailable `queue_full`, Invalid `text_empty`, `text_too_long`."""
        words = written(text, most=MOST_CHARACTERS)
        asked = digest(f"{broadcast_id}\n{anonymous}\n{words}")
        try:
            broadcast = await self._broadcasts.find_ready(member, broadcast_id, lambda found: model.check_ask(found, member))
            verdict = self._screened(member, broadcast, words)
        except AppError:
            # It may have been written before the broadcast ended, and the answer lost.
            async with self._database.reading() as session:
                kept = (await store.asked(session, {(member.id, client_id)})).get((member.id, client_id))
            if kept is None:
                raise
            return await self._same(kept, asked)
        question_id, by, now = new_id(), author_of(broadcast, member), self._clock.now()
        waits = None
        if verdict.held:
            waits = held(QUESTION_KIND, question_id, broadcast_id, by, words, verdict, now, anonymous=anonymous)
        ask = Ask(
            id=question_id,
            broadcast_id=broadcast_id,
            asker_id=member.id,
            by=by,
            text=words,
            anonymous=anonymous,
            client_id=client_id,
            digest=asked,
            bounded=not keeps_room(broadcast, member),
            held=waits,
            at=now,
        )
        kept = await self._asking.submit(ask)
        return kept if kept.id == question_id else await self._same(kept, asked)

    async def vote(self, member: Member, question_id: str, *, up: bool) -> int:
        """How many votes the question has now. Raise NotFound, Conflict `questions_closed`, Forbidden `own_question`."""
        _, asker_id = await self._place(question_id)
        await self._ready(member, question_id, model.check_vote)
        if asker_id == member.id:
            raise Forbidden("own_question", "不能给自己的提问投票")
        return await self._voting.submit(Vote(question_id, member.id, up))

    # Keeping the queue

    async def mark(self, member: Member, question_id: str, state: QuestionState, media_at: datetime | None) -> None:
        """What is being answered ends where the next begins. Raise as `model.check_mark` does."""
        broadcast = await self._ready(member, question_id, lambda found: model.check_mark(found, member, state))
        at = model.moment(broadcast, media_at, self._clock.now())
        async with self._database.transaction() as session:
            await store.hold_rooms(session, [broadcast.id])
            others = await store.answering(session, broadcast.id) if state is QuestionState.ANSWERING else []
            locked = await store.hold(session, {question_id, *others})
            if question_id not in locked or not locked[question_id].stands:
                raise not_there()
            ended = [(each, model.mark(each, QuestionState.ANSWERED, at)) for each in locked.values() if each.id != question_id]
            changes = [*ended, (locked[question_id], model.mark(locked[question_id], state, at))]
            drafts = []
            for before, after in changes:
                if after is not before:
                    await store.save(session, before, after)
                    drafts.append(Draft(channel_of(broadcast.id), MARKED[after.state], marked(after), media_at=at))
            await self._journal.append(session, *drafts)

    async def pin(self, member: Member, question_id: str, *, pinned: bool) -> None:
        """Raise Forbidden `keeper_needed`."""
        broadcast = await self._ready(member, question_id, lambda found: model.check_keeper(found, member))
        async with self._held(broadcast, question_id) as (session, question):
            if question.pinned != pinned:
                await store.save(session, question, replace(question, pinned=pinned))
                await self._tell(session, broadcast, PINNED, {"id": question_id, "pinned": pinned})

    # Written answers

    async def reply(self, member: Member, question_id: str, text: str, *, client_id: str) -> Reply:
        """It may be held, and is not `said` then. Raise NotFound, Conflict `questions_closed`, `room_muted`, `replies_full`,
        `client_id_reused`, `question_rejected`, Forbidden `muted`, Unprocessable `text_refused`, Unavailable `queue_full`,
        Invalid `text_empty`, `text_too_long`."""
        words = written(text, most=MOST_CHARACTERS)
        asked = digest(f"{question_id}\n{words}")
        async with self._database.reading() as session:
            kept = await store.replied(session, member.id, client_id)
        if kept is not None:
            return await self._same(kept, asked)
        broadcast = await self._ready(member, question_id, lambda found: model.check_reply(found, member))
        verdict = self._screened(member, broadcast, words)
        async with self._held(broadcast, question_id) as (session, _):
            if (kept := await store.replied(session, member.id, client_id)) is not None:
                return await self._same(kept, asked)
            there, keeper = await store.replies(session, broadcast.id), keeps_room(broadcast, member)
            model.check_bounds(there, question_id, member.id, keeper=keeper)
            by, reply_id, now = author_of(broadcast, member), new_id(), self._clock.now()
            offset = 0
            if verdict.held:
                waits = held(REPLY_KIND, reply_id, broadcast.id, by, words, verdict, now, question=question_id)
                told, full = await self._moderation.holding.hold(session, [waits])
                if full:
                    raise queue_full()
                await self._journal.append(session, *told)
            else:
                draft = reply_draft(broadcast.id, reply_id, question_id, words, by)
                (entry,) = await self._journal.append(session, draft)
                offset, now = entry.offset, entry.at
            reply = Reply(
                id=reply_id,
                question_id=question_id,
                broadcast_id=broadcast.id,
                offset=offset,
                at=now,
                author_id=member.id,
                by=by,
                text=words,
                client_id=client_id,
                digest=asked,
            )
            await store.add_reply(session, reply)
        return reply

    async def adopt(self, member: Member, question_id: str, reply_id: str | None) -> None:
        """None takes it back. Raise NotFound, Forbidden `not_yours`, Conflict `questions_closed`."""
        broadcast = await self._ready(member, question_id, model.check_answers)
        async with self._held(broadcast, question_id) as (session, question):
            model.check_adopt(broadcast, member, question)
            adopted = None if reply_id is None else await store.find_reply(session, reply_id)
            if reply_id is not None and (adopted is None or adopted.question_id != question_id or not adopted.stands):
                raise _no_reply()
            if question.adopted_id != reply_id:
                before = None if question.adopted_id is None else await store.find_reply(session, question.adopted_id)
                await store.save(session, question, replace(question, adopted_id=reply_id))
                await self._tell(session, broadcast, ADOPTED, {"id": question_id, "reply": reply_id})
                await self._credits.move(session, broadcast, question, before, adopted, by=member.id)

    # Taking back

    async def remove(self, member: Member, question_id: str, *, reason: str = "") -> None:
        """Take a question and its written answers back from all screens and the replay. The second time nothing happens. Raise
        NotFound, Forbidden `not_yours`."""
        broadcast_id, asker_id = await self._place(question_id)
        if await self._withdrawn(member, question_id):
            return
        with _unseen_is(not_there()):
            broadcast = await self._broadcasts.find(member, broadcast_id)
        why = remover(broadcast, member, asker_id).value
        async with self._database.transaction() as session:
            await store.hold_rooms(session, [broadcast_id])
            question = (await store.hold(session, [question_id])).get(question_id)
            if question is None or not question.said:
                raise not_there()
            if question.removed is not None:
                return
            answers = [each for each in await store.replies(session, broadcast_id) if each.question_id == question_id]
            for reply in answers:
                await self._take_back_reply(session, reply, why)
            await store.save(session, question, replace(question, removed=why, adopted_id=None))
            self._note_removal(session, QUESTION_KIND, question, member, why, reason)
            told = Draft(channel_of(broadcast_id), REMOVED, {"id": question_id})
            left = {"id": question_id, "removed": why}
            await self._journal.redact(session, told, offset=question.offset, left=left)
            adopted = next((each for each in answers if each.id == question.adopted_id), None)
            await self._credits.move(session, broadcast, question, adopted, None, by=member.id)
        log.info("question_removed", question_id=question_id, broadcast_id=broadcast_id, why=why)

    async def remove_reply(self, member: Member, reply_id: str, *, reason: str = "") -> None:
        """As `remove`, of one written answer."""
        async with self._database.reading() as session:
            reply = await store.find_reply(session, reply_id)
        if reply is not None and not reply.said and reply.author_id == member.id:
            await self._moderation.holding.withdraw(member, reply_id)
            return
        if reply is None or not reply.said:
            raise _no_reply()
        with _unseen_is(_no_reply()):
            broadcast = await self._broadcasts.find(member, reply.broadcast_id)
        why = remover(broadcast, member, reply.author_id).value
        async with self._database.transaction() as session:
            await store.hold_rooms(session, [broadcast.id])
            question = (await store.hold(session, [reply.question_id])).get(reply.question_id)
            again = await store.find_reply(session, reply_id)
            if question is None or again is None or again.removed is not None:
                return
            await self._take_back_reply(session, reply, why)
            self._note_removal(session, REPLY_KIND, reply, member, why, reason)
            if question.adopted_id == reply_id:
                await store.save(session, question, replace(question, adopted_id=None))
                await self._credits.move(session, broadcast, question, reply, None, by=member.id)
        log.info("question_reply_removed", reply_id=reply_id, broadcast_id=broadcast.id, why=why)

    async def purge(self, session: Session, broadcast_id: str) -> None:
        """Delete all that is kept of a room, in the transaction of whoever decides that its time is over."""
        await store.purge(session, broadcast_id)

    # Reading

    async def everything(self, broadcast_id: str) -> Everything:
        """For reports, which ask for leave themselves."""
        async with self._database.snapshot() as session:
            questions, replies = await store.everything(session, broadcast_id)
            people = await store.voters(session, broadcast_id)
        people |= {each.asker_id for each in questions} | {each.author_id for each in replies}
        return Everything(questions, replies, people)

    async def askers(self, member: Member, broadcast_id: str) -> list[Question]:
        """For those who keep order, who must know whom they deal with. Raise NotFound, Forbidden `keeper_needed`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        model.check_keeper(broadcast, member)
        async with self._database.reading() as session:
            return await store.standing(session, broadcast_id)

    async def mine(self, member: Member, broadcast_id: str) -> Mine:
        await self._broadcasts.find(member, broadcast_id)
        async with self._database.reading() as session:
            asked = await store.own(session, broadcast_id, member.id)
            unsaid = [each.id for each in asked if not each.said]
            found = [await self._moderation.holding.find(session, each) for each in unsaid]
            review = {each.id: each.state for each in found if each is not None}
            return Mine(asked, review, await store.voted(session, broadcast_id, member.id))

    # Inside

    async def _place(self, question_id: str) -> tuple[str, str]:
        """Which broadcast a question belongs to, and who asked it. Raise NotFound."""
        if (known := self._places.get(question_id)) is not None:
            return known
        async with self._database.reading() as session:
            question = await store.find(session, question_id)
        if question is None:
            raise not_there()
        self._places[question_id] = (question.broadcast_id, question.asker_id)
        if len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        return self._places[question_id]

    def _screened(self, member: Member, broadcast: Broadcast, words: str) -> Verdict:
        """What becomes of a text that is written here. Raise Forbidden `muted`, Unprocessable `text_refused`."""
        self._moderation.check_may_write(member, broadcast.id)
        reviewed = broadcast.comment_mode is CommentMode.PRE_MODERATED
        verdict = self._moderation.screen([words], pre_moderated=reviewed, trusted=keeps_room(broadcast, member))
        verdict.check()
        return verdict

    async def _same(self, kept: Written, asked: str) -> Written:
        """What was written under the client_id before, if it is what is asked for now. Raise Conflict `client_id_reused`, or
        `question_rejected` with the reason."""
        if kept.digest != asked:
            raise Conflict("client_id_reused", "这个 client_id 已用于另一条内容")
        if not kept.said:
            async with self._database.reading() as session:
                waits = await self._moderation.holding.find(session, kept.id)
            if waits is not None and waits.state is HeldState.WITHDRAWN:
                raise Conflict("question_withdrawn", "您已撤回这条内容")
            if waits is not None and waits.state is HeldState.REJECTED:
                why = f"：{waits.reason}" if waits.reason else ""
                raise Conflict("question_rejected", f"没有通过审核{why}", extra={"reason": waits.reason})
        return kept

    async def _withdrawn(self, member: Member, question_id: str) -> bool:
        """Whether it was held, and its asker has taken it back by this."""
        async with self._database.reading() as session:
            question = await store.find(session, question_id)
        if question is None or question.said or question.asker_id != member.id:
            return False
        await self._moderation.holding.withdraw(member, question_id)
        return True

    async def _ready(self, member: Member, question_id: str, check: Callable[[Broadcast], None]) -> Broadcast:
        broadcast_id, _ = await self._place(question_id)
        with _unseen_is(not_there()):
            return await self._broadcasts.find_ready(member, broadcast_id, check)

    @asynccontextmanager
    async def _held(self, broadcast: Broadcast, question_id: str) -> AsyncIterator[tuple[Session, Question]]:
        """A transaction that holds the room and one of its questions. Raise NotFound for one that was removed."""
        async with self._database.transaction() as session:
            await store.hold_rooms(session, [broadcast.id])
            question = (await store.hold(session, [question_id])).get(question_id)
            if question is None or not question.stands:
                raise not_there()
            yield session, question

    async def _tell(self, session: Session, broadcast: Broadcast, kind: str, data: dict[str, Any]) -> None:
        await self._journal.append(session, Draft(channel_of(broadcast.id), kind, data))

    async def _take_back_reply(self, session: Session, reply: Reply, why: str) -> None:
        await store.mark_reply_removed(session, reply.id, why)
        left = {"id": reply.id, "question": reply.question_id, "removed": why}
        told = Draft(channel_of(reply.broadcast_id), REPLY_REMOVED, {"id": reply.id, "question": reply.question_id})
        await self._journal.redact(session, told, offset=reply.offset, left=left)

    def _note_removal(self, session: Session, kind: str, what: Question | Reply, member: Member, why: str, reason: str) -> None:
        """Those who took away what somebody else wrote must answer for it; so it is in the audit too."""
        store.note_removal(session, Removal(what.id, self._clock.now(), member.id, why, tidied(reason)))
        author_id = what.asker_id if isinstance(what, Question) else what.author_id
        if member.id != author_id:
            more = {"author": author_id, "right": why}
            act = Act(f"{kind}.removed", kind, what.id, what.broadcast_id, tidied(reason), more)
            self._moderation.note(session, act, member)


@contextmanager
def _unseen_is(missing: NotFound) -> Iterator[None]:
    """What belongs to a broadcast that is none of the caller's business looks like what does not exist."""
    try:
        yield
    except NotFound as unseen:
        raise missing from unseen


def _no_reply() -> NotFound:
    return NotFound("reply_not_found", "没有这个回答，可能已被移除")
