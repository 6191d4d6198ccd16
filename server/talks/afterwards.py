"""What is left of a talk: a summary that both have agreed on, the secretary's own note, the member's rating and wish.

Summary and note lie in the database sealed (`core.sealed`), each for its talk alone. A summary that was not agreed on is gone
when it is declined or written anew, and an agreed one when the talk is erased. How a talk was rated is shown to nobody; the
secretary sees what five ratings come to, and never fewer.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from ..conversations import channel_of
from ..core.clock import Clock
from ..core.db import after_commit
from ..core.errors import Conflict, Invalid
from ..core.ids import digest
from ..core.journal import Author, Draft, Journal
from ..core.sealed import Box
from ..core.texts import tidied_lines
from ..identity import Member
from . import model, shown, store
from .model import Note, Side, SummaryState, Talk
from .service import Talks


class Afterwards:
    """`scrub` is called after a commit that deleted what must leave nothing."""

    def __init__(self, talks: Talks, journal: Journal, secret: bytes, clock: Clock, scrub: Callable[[], None]) -> None:
        self._talks, self._journal, self._clock, self._scrub = talks, journal, clock, scrub
        self._notes, self._summaries = Box(secret, "talk notes v1"), Box(secret, "talk summaries v1")

    # Opening what is sealed, for those it belongs to

    def note(self, talk: Talk, side: Side) -> Note | None:
        """The secretary's alone; None for the member, and where it cannot be opened any more."""
        if side is not Side.SECRETARY or talk.note is None:
            return None
        text = self._notes.open(talk.note, talk.id)
        return None if text is None else Note(text, talk.note_due_on, talk.note_done)

    def summary(self, talk: Talk) -> str | None:
        return None if talk.summary is None else self._summaries.open(talk.summary, talk.id)

    # Of the member

    async def rate(self, member: Member, talk_id: str, stars: int) -> Talk:
        """Once. Raise NotFound `talk_not_found`, Forbidden `member_needed`, Conflict `talk_not_over`, `talk_not_held`,
        `rating_given`."""
        async with self._talks.held(member, talk_id) as (session, _, talk, side):
            model.require_member(side)
            after = model.rated(talk, stars, self._clock.now())
            await store.save(session, after)
        return after

    async def wish(self, member: Member, talk_id: str, *, again: bool) -> Talk:
        """For another talk; the secretary is told so. Raise as `rate` does."""
        async with self._talks.held(member, talk_id) as (session, _, talk, side):
            model.require_member(side)
            model.check_had(talk)
            after = replace(talk, again=again)
            await store.save(session, after)
        return after

    # Of the secretary

    async def write_note(self, member: Member, talk_id: str, text: str, *, due_on: date | None, done: bool) -> Talk:
        """In the place of the one before; an empty one is none. Raise NotFound, Forbidden `secretary_needed`, Invalid
        `text_too_long`."""
        words = _within(text, model.NOTE_MOST)
        async with self._talks.held(member, talk_id) as (session, _, talk, side):
            model.require_secretary(side)
            sealed = self._notes.seal(words, talk.id) if words else None
            after = replace(talk, note=sealed, note_due_on=due_on if words else None, note_done=done and bool(words))
            await store.save(session, after)
            if talk.note is not None:
                after_commit(session, self._scrub)
        return after

    # Of both

    async def propose(self, member: Member, talk_id: str, text: str) -> Talk:
        """Raise NotFound, Invalid `text_empty`, `text_too_long`, Conflict `summary_agreed`, `talk_erased`, `talk_not_open`."""
        words = _within(text, model.SUMMARY_MOST)
        if not words:
            raise Invalid("text_empty", "请输入内容")
        async with self._talks.held(member, talk_id) as (session, _, before, side):
            after = model.proposed(before, side, self._summaries.seal(words, before.id))
            await store.save(session, after)
            draft = Draft(channel_of(talk_id), model.SUMMARY, {"summary": shown.summary(after)}, by=_author(member))
            await self._journal.append(session, draft)
            if before.summary is not None:
                after_commit(session, self._scrub)
        return after

    async def agree(self, member: Member, talk_id: str, hashed: str) -> Talk:
        """To these very words. Raise NotFound, Conflict `summary_changed`, `no_summary`, `summary_own`."""
        async with self._talks.held(member, talk_id) as (session, _, before, side):
            after = model.agreed_summary(before, side)
            if hashed != hash_of(self.summary(before)):
                raise Conflict("summary_changed", "纪要的内容已经更新，请重新查看")
            if after != before:
                await store.save(session, after)
                draft = Draft(channel_of(talk_id), model.SUMMARY, {"summary": shown.summary(after)}, by=_author(member))
                await self._journal.append(session, draft)
        return after

    async def decline(self, member: Member, talk_id: str) -> Talk:
        """By either; its words are gone. Raise NotFound, Conflict `summary_agreed`."""
        async with self._talks.held(member, talk_id) as (session, _, before, _side):
            after = model.declined_summary(before)
            if before.summary_state is SummaryState.PROPOSED:
                await store.save(session, after)
                draft = Draft(channel_of(talk_id), model.SUMMARY, {"summary": shown.summary(after)}, by=_author(member))
                await self._journal.append(session, draft)
                after_commit(session, self._scrub)
        return after


def hash_of(text: str | None) -> str:
    """What somebody agrees to is named by it."""
    return digest(text or "")


def _within(text: str, most: int) -> str:
    words = tidied_lines(text)
    if len(words) > most:
        raise Invalid("text_too_long", f"最多 {most} 个字")
    return words


def _author(member: Member) -> Author:
    return Author(member.id, member.name)
