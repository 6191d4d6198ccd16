"""Who is writing at this moment: a signal, never kept.

Where several processes serve one database the two may sit on different ones; then it goes through the party's row, and each
process looks at those conversations that somebody listens to here, once a second. One process alone writes nothing.
"""

from datetime import datetime

from ..core.clock import Clock
from ..core.db import Database
from ..core.fanout import Hub
from ..core.tasks import Tasks
from ..identity import Member
from . import model, store
from .model import CHANNEL_KIND, TYPING_EVERY, TYPING_LASTS, channel_of
from .register import Register

_EVERY = 1.0  # s
_Mark = tuple[str, str]  # conversation and side


class TypingMarks:
    def __init__(self, register: Register, database: Database, clock: Clock) -> None:
        self._register, self._database, self._clock = register, database, clock
        self._marks: dict[_Mark, datetime] = {}
        self._hub: Hub | None = None
        self._tasks = Tasks("typing")

    def start(self, hub: Hub) -> None:
        self._hub = hub
        self._tasks.every(_EVERY, self.look, "look")

    async def close(self) -> None:
        await self._tasks.aclose()

    async def mark(self, member: Member, conversation_id: str) -> None:
        """More than once in two seconds is the same as once. Raise NotFound `talk_not_found`, Conflict `talk_ended` …"""
        side, now = await self._register.require_side(conversation_id, member.id), self._clock.now()
        mark = (conversation_id, side)
        if (before := self._marks.get(mark)) is not None and now < before + TYPING_EVERY:
            return
        async with self._database.reading() as session:
            conversation = await store.find(session, conversation_id)
        if conversation is None:
            raise model.not_there()
        model.check_open(conversation, now)
        self._marks[mark] = now
        if not self._database.is_sqlite:
            async with self._database.transaction() as session:
                await store.note_typing(session, conversation_id, side, now)
        await self._show([conversation_id])

    async def look(self) -> None:
        """Show what has changed to those who listen here."""
        now = self._clock.now()
        self._marks = {mark: at for mark, at in self._marks.items() if at + TYPING_LASTS > now}
        if self._hub is not None:
            await self._show(list(self._hub.listening(CHANNEL_KIND)))

    async def _show(self, conversation_ids: list[str]) -> None:
        if self._hub is None or not conversation_ids:
            return
        since = self._clock.now() - TYPING_LASTS
        marks = {mark for mark, at in self._marks.items() if at > since}
        if not self._database.is_sqlite:
            async with self._database.reading() as session:
                marks |= await store.typing(session, conversation_ids, since)
        for each in conversation_ids:
            sides = (await self._register.sides(each)).values()
            self._hub.signal(channel_of(each), typing={side: (each, side) in marks for side in sides})
