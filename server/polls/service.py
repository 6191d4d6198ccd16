"""Preparing, opening, closing and taking back polls, and voting in them.

A vote joins the next group commit and is answered when it is durable. Everybody's last acknowledged vote counts; the same
client id again gives the same answer and changes nothing, also when a later vote has come between, the poll is closed, or the
server was started anew. A poll closes in the transaction that counts it, so every acknowledged vote is in its result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from ..broadcasts import OVER, Broadcast, BroadcastService, author_of, channel_of, placed, rights
from ..core.again import made_before, reused
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, NotFound
from ..core.ids import digest, is_id, new_id
from ..core.journal import Draft, GroupCommit, Journal
from ..identity import Member
from . import model, store
from .model import Plan, Poll, PollState, Tally, Why
from .shown import shown, told_result

log = structlog.get_logger(__name__)

OPENED = "poll.opened"
CLOSED = "poll.closed"
REMOVED = "poll.removed"
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Vote:
    poll_id: str
    voter_id: str
    choices: int
    client_id: str

    @property
    def key(self) -> str:
        return digest(f"{self.voter_id}\n{self.client_id}")

    @property
    def digest(self) -> str:
        return digest(f"{self.client_id}\n{self.poll_id}\n{self.choices}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A poll as one person may see it. `tally`: None where it is not (yet) theirs to see; `mine`: what they chose, as long as
    that is known."""

    poll: Poll
    tally: Tally | None = None
    voted: bool = False
    mine: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Every poll that was opened in a room, for reports: removed ones included; and who voted in any."""

    polls: list[tuple[Poll, Tally]]
    people: set[str]


class PollService:
    def __init__(self, database: Database, journal: Journal, broadcasts: BroadcastService, clock: Clock) -> None:
        self._database, self._journal, self._broadcasts, self._clock = database, journal, broadcasts, clock
        self._commits: GroupCommit[_Vote, None] = GroupCommit(database, self._write, name="polls")
        self._known: dict[str, Poll] = {}  # of those that are or were open: what of them never changes

    async def close(self) -> None:
        await self._commits.aclose()

    # Before the air

    async def prepare(self, member: Member, broadcast_id: str, plan: Plan) -> Poll:
        """Keep a draft. Raise Forbidden `keeper_needed`, Conflict `broadcast_over`, `polls_full`."""
        broadcast = await self._keeps(member, broadcast_id)
        _check_not_over(broadcast)
        poll = Poll(new_id(), broadcast_id, member.id, plan, self._clock.now())
        async with self._database.transaction() as session:
            await _check_room(session, broadcast_id)
            await store.add(session, poll)
        return poll

    async def rewrite(self, member: Member, broadcast_id: str, poll_id: str, plan: Plan) -> Poll:
        """Raise NotFound, Conflict `poll_opened` when it is no draft any more."""
        await self._keeps(member, broadcast_id)
        async with self._database.transaction() as session:
            poll = replace(await _draft(session, broadcast_id, poll_id), plan=plan)
            await store.save(session, poll)
        return poll

    async def discard(self, member: Member, broadcast_id: str, poll_id: str) -> None:
        """Throw a draft away. Raise as `rewrite` does."""
        await self._keeps(member, broadcast_id)
        async with self._database.transaction() as session:
            await _draft(session, broadcast_id, poll_id)
            await store.drop(session, poll_id)

    # On air

    async def open(self, member: Member, poll_id: str) -> Poll:
        """Open a draft; the second time the answer is the same. Raise NotFound, Conflict `polls_closed`, `poll_open`."""
        broadcast = await self._keeps_that_of(member, poll_id)
        async with self._database.transaction() as session:
            poll = _require((await store.held(session, [poll_id])).get(poll_id))
            if poll.state is not PollState.DRAFT:
                return poll
            model.check_on_air(broadcast)
            poll = await self._tell_opened(session, poll, broadcast, member)
            await store.save(session, poll, opened_by=member.id)
        log.info("poll_opened", poll_id=poll_id, broadcast_id=broadcast.id, by=member.id)
        return poll

    async def open_new(self, member: Member, broadcast_id: str, plan: Plan, *, client_id: str) -> Poll:
        """Open one that was not prepared. Raise Forbidden `keeper_needed`, Conflict `polls_closed`, `poll_open`, `polls_full`,
        `client_id_reused`."""
        asked = digest(f"{broadcast_id}\n{plan}")
        broadcast = await self._keeps(member, broadcast_id)
        try:
            model.check_on_air(broadcast)
            async with self._database.transaction() as session:
                await _check_room(session, broadcast_id)
                poll = Poll(new_id(), broadcast_id, member.id, plan, self._clock.now())
                poll = await self._tell_opened(session, poll, broadcast, member)
                await store.add(session, poll, client_id=client_id, digest=asked)
        except Conflict as refusal:
            async with self._database.reading() as session:
                return made_before(await store.opened_under(session, member.id, client_id), asked, refusal)
        log.info("poll_opened", poll_id=poll.id, broadcast_id=broadcast_id, by=member.id)
        return poll

    async def end(self, member: Member, poll_id: str) -> Poll:
        """Close it and tell the result; the second time the answer is the same. Raise NotFound, Conflict `poll_not_open`."""
        broadcast = await self._keeps_that_of(member, poll_id)
        async with self._database.transaction() as session:
            poll = _require((await store.held(session, [poll_id])).get(poll_id))
            if poll.state is PollState.DRAFT:
                raise Conflict("poll_not_open", "这个投票还没有开始")
            if poll.state is PollState.OPEN:
                poll = await self._close(session, poll, broadcast, Why.HOST)
        return poll

    async def remove(self, member: Member, poll_id: str) -> None:
        """Take it back from all screens and the replay; the report still tells of it. The second time nothing happens."""
        broadcast = await self._keeps_that_of(member, poll_id)
        async with self._database.transaction() as session:
            poll = (await store.held(session, [poll_id])).get(poll_id)
            if poll is None or poll.state is PollState.REMOVED:
                return
            if poll.offset is None:  # a draft
                await store.drop(session, poll_id)
                return
            offset, now = poll.offset, self._clock.now()
            if poll.state is PollState.OPEN:
                tally = model.counted(poll.plan, await store.votes(session, poll_id))
                poll = model.closed(poll, now, Why.HOST, tally)
                await store.forget(session, poll_id)
            told = Draft(channel_of(broadcast.id), REMOVED, {"id": poll_id})
            await self._journal.redact(session, told, offset=offset, left={"id": poll_id, "removed": True})
            await store.save(session, replace(poll, state=PollState.REMOVED))
            await store.note_removed(session, poll_id, at=now, by=member.id)
        log.info("poll_removed", poll_id=poll_id, broadcast_id=broadcast.id, by=member.id)

    async def vote(self, member: Member, poll_id: str, options: Sequence[int], *, client_id: str) -> None:
        """Raise NotFound for a poll that is not the member's to see, Invalid `options_invalid`, Conflict `polls_closed`,
        `poll_closed`, `vote_final`, `client_id_reused`."""
        poll = await self._recall(poll_id)
        vote = _Vote(poll_id, member.id, model.choices_of(poll.plan, options), client_id)
        try:
            await self._broadcasts.find_ready(member, poll.broadcast_id, model.check_on_air)
        except NotFound:
            raise _not_there() from None
        except AppError:
            # It may have been counted before the broadcast ended, and the answer lost.
            async with self._database.reading() as session:
                known = await store.acknowledged(session, [vote.key])
            if not known:
                raise
            _check_same(vote, known[vote.key])
            return
        await self._commits.submit(vote)

    async def close_due(self) -> list[Poll]:
        """Close what its time, or the end of its broadcast, has closed. Gives those that stay open."""
        async with self._database.reading() as session:
            polls = await store.all_open(session)
        if not polls:
            return []
        broadcasts = {each.id: each for each in await self._broadcasts.present({poll.broadcast_id for poll in polls})}
        staying = []
        for poll in polls:
            broadcast = broadcasts[poll.broadcast_id]
            why = Why.OVER if broadcast.state in OVER else Why.TIME if poll.overdue(self._clock.now()) else None
            if why is None:
                staying.append(poll)
                continue
            async with self._database.transaction() as session:
                now = (await store.held(session, [poll.id])).get(poll.id)
                if now is not None and now.state is PollState.OPEN:
                    await self._close(session, now, broadcast, why)
        return staying

    async def purge(self, session: Session, broadcast_id: str) -> None:
        """Delete a broadcast's polls and all votes in them."""
        await store.purge(session, broadcast_id)

    # Reading

    async def seen(self, member: Member | None, broadcast_id: str) -> list[Seen]:
        """What the caller may see of a broadcast's polls; drafts are for those who keep them. Raise as `find` does."""
        broadcast = await self._broadcasts.find_now(member, broadcast_id)
        keeper = rights(broadcast, member).insider
        async with self._database.snapshot() as session:
            polls = [each for each in await store.of_broadcast(session, broadcast_id) if each.state is not PollState.REMOVED]
            polls = model.newest_last(each for each in polls if keeper or each.state is not PollState.DRAFT)
            own = {} if member is None else await store.ballots_of(session, member.id, [each.id for each in polls])
            found = []
            for poll in polls:
                voted, choices = poll.id in own, own.get(poll.id)
                tally = None
                if poll.counts is not None and poll.voters is not None:
                    tally = Tally(poll.counts, poll.voters)
                elif poll.state is PollState.OPEN and model.shows_counts(poll, keeper=keeper, voted=voted):
                    tally = model.counted(poll.plan, await store.votes(session, poll.id))
                found.append(Seen(poll, tally, voted, None if choices is None else model.options_in(choices)))
        return found

    async def held(self, broadcast_id: str) -> Held:
        """For reports, which ask for leave themselves."""
        async with self._database.snapshot() as session:
            opened = [each for each in await store.of_broadcast(session, broadcast_id) if each.offset is not None]
            polls = []
            for poll in model.newest_last(opened):
                known = poll.counts is not None and poll.voters is not None
                tally = Tally(poll.counts or (), poll.voters or 0) if known else None
                polls.append((poll, tally or model.counted(poll.plan, await store.votes(session, poll.id))))
            return Held(polls, await store.voters(session, [poll.id for poll in opened]))

    async def tally(self, poll: Poll) -> Tally:
        """How an open poll stands."""
        async with self._database.reading() as session:
            return model.counted(poll.plan, await store.votes(session, poll.id))

    # Inside

    async def _tell_opened(self, session: Session, poll: Poll, broadcast: Broadcast, member: Member) -> Poll:
        now = self._clock.now()
        media_at = placed(broadcast, None, now)
        opening = model.opened(poll, now, media_at=media_at, offset=0)
        draft = Draft(channel_of(broadcast.id), OPENED, shown(opening), by=author_of(broadcast, member), media_at=media_at)
        (entry,) = await self._journal.append(session, draft)
        return replace(opening, offset=entry.offset)

    async def _close(self, session: Session, poll: Poll, broadcast: Broadcast, why: Why) -> Poll:
        """The result, the entry that tells it, and the end of who chose what, in one transaction."""
        now = self._clock.now()
        poll = model.closed(poll, now, why, model.counted(poll.plan, await store.votes(session, poll.id)))
        at = placed(broadcast, broadcast.ended_at, now)
        await self._journal.append(session, Draft(channel_of(broadcast.id), CLOSED, told_result(poll), media_at=at))
        await store.save(session, poll)
        await store.forget(session, poll.id)
        log.info("poll_closed", poll_id=poll.id, broadcast_id=broadcast.id, why=why.value, voters=poll.voters)
        return poll

    async def _write(self, session: Session, votes: Sequence[_Vote], careful: bool) -> list[AppError | None]:
        polls = await store.held(session, {vote.poll_id for vote in votes})
        known = await store.acknowledged(session, {vote.key for vote in votes})
        final = {poll.id for poll in polls.values() if poll.plan.final}
        voted = await store.have_voted(session, final, {vote.voter_id for vote in votes}) if final else set()
        ballots: dict[tuple[str, str], int] = {}
        fresh: list[tuple[str, str, str]] = []
        answers: list[AppError | None] = []
        now = self._clock.now()
        for vote in votes:
            try:
                if vote.key in known:
                    _check_same(vote, known[vote.key])
                else:
                    ballot = (vote.poll_id, vote.voter_id)
                    model.check_takes_votes(polls.get(vote.poll_id), now)
                    if ballot in voted or (vote.poll_id in final and ballot in ballots):
                        raise Conflict("vote_final", "您已经投过票，这个投票不能改票")
                    ballots[ballot] = vote.choices
                    known[vote.key] = vote.digest
                    fresh.append((vote.key, vote.digest, vote.poll_id))
                answers.append(None)
            except AppError as refusal:
                answers.append(refusal)
        await store.put(session, ballots)
        await store.acknowledge(session, fresh)
        return answers

    async def _keeps(self, member: Member, broadcast_id: str) -> Broadcast:
        broadcast = await self._broadcasts.find(member, broadcast_id)
        model.require_keeper(broadcast, member)
        return broadcast

    async def _keeps_that_of(self, member: Member, poll_id: str) -> Broadcast:
        """The broadcast of a poll, if the member keeps it. To others a draft looks like what does not exist."""
        async with self._database.reading() as session:
            poll = await store.find(session, poll_id)
        if poll is None:
            raise _not_there()
        try:
            return await self._keeps(member, poll.broadcast_id)
        except AppError:
            if poll.state in (PollState.OPEN, PollState.CLOSED) and await self._may_see(member, poll.broadcast_id):
                raise
            raise _not_there() from None

    async def _may_see(self, member: Member, broadcast_id: str) -> bool:
        try:
            await self._broadcasts.find_now(member, broadcast_id)
        except NotFound:
            return False
        return True

    async def _recall(self, poll_id: str) -> Poll:
        if (known := self._known.get(poll_id)) is not None:
            return known
        async with self._database.reading() as session:
            poll = await store.find(session, poll_id)
        if poll is None or poll.offset is None:
            raise _not_there()
        if len(self._known) >= _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[poll_id] = poll
        return poll


def _check_same(vote: _Vote, known: str) -> None:
    if known != vote.digest:
        raise reused()


def _check_not_over(broadcast: Broadcast) -> None:
    if broadcast.state in OVER:
        raise Conflict("broadcast_over", "这场直播已经结束")


async def _check_room(session: Session, broadcast_id: str) -> None:
    if await store.count(session, broadcast_id) >= model.MOST_POLLS:
        raise Conflict("polls_full", f"一场直播最多 {model.MOST_POLLS} 个投票")


async def _draft(session: Session, broadcast_id: str, poll_id: str) -> Poll:
    poll = (await store.held(session, [poll_id])).get(poll_id) if is_id(poll_id) else None
    if poll is None or poll.broadcast_id != broadcast_id:
        raise _not_there()
    if poll.state is not PollState.DRAFT:
        raise Conflict("poll_opened", "这个投票已经开始，不能再修改")
    return poll


def _require(poll: Poll | None) -> Poll:
    if poll is None or poll.state is PollState.REMOVED:
        raise _not_there()
    return poll


def _not_there() -> NotFound:
    return NotFound("poll_not_found", "没有这个投票，可能已被撤下")
