"""Moderation as the features see it in which people write.

    moderation.check_may_write(who, scope)                          # Forbidden `muted`, with until when and why
    verdict = moderation.screen([text], pre_moderated=…, trusted=…)  # no I/O: what is remembered, at most some seconds old
    verdict.check()                                                 # Unprocessable `text_refused`
    if verdict.held: drafts, full = await moderation.holding.hold(session, [Held(…)])  # in one's own transaction

`trusted` are those who keep the room. What is held comes back through the `Things` its feature has registered: once approved
it is said by `draft` and `posted`, in one transaction with the decision.
"""

from collections.abc import Sequence

from ..core.audit import Act, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.journal import Journal
from ..core.pulse import Pulse
from ..core.sockets import Who
from ..identity import Identity, Member
from .actors import actor
from .acts import Acts
from .evidence import Evidence, Speaks
from .holding import Holding
from .limits import ModerationSettings
from .memory import Memory
from .model import Hit, Rooms, Things, Verdict, judged, muted
from .muting import Muting
from .reporting import Reporting
from .word_lists import WordLists


class Moderation:
    """One per process that serves people. `start` before anybody may write."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        identity: Identity,
        audit: Audit,
        clock: Clock,
        rooms: Rooms,
        settings: ModerationSettings,
    ) -> None:
        self.settings, self.rooms, self.audit = settings, rooms, audit
        self._memory = Memory(database, clock)
        self.words = WordLists(database, audit, clock, self._memory, settings)
        self.holding = Holding(database, journal, audit, clock, rooms, settings)
        self.muting = Muting(database, journal, identity, audit, clock, rooms, self._memory)
        self.reporting = Reporting(database, journal, audit, clock, rooms, settings)
        self.evidence = Evidence(database, identity, audit, clock, rooms)
        self.acts = Acts(database, identity, audit, rooms)

    def register(self, kind: str, things: Things, speaks: Speaks) -> None:
        """What people write of one kind can be held from now on, and is evidence."""
        self.holding.register(kind, things)
        self.evidence.register(kind, speaks)
        self.acts.register(kind, speaks)

    async def start(self, pulse: Pulse) -> None:
        await self._memory.start(pulse)

    def check_may_write(self, who: Who, scope: str) -> None:
        """Raise Forbidden `muted`."""
        if (mute := self._memory.mute_of(who.id, scope)) is not None:
            raise muted(mute)

    def screen(self, texts: Sequence[str], *, pre_moderated: bool, trusted: bool) -> Verdict:
        """What should become of what somebody writes: one text, or several that are said together."""
        return judged(self.hits(texts), pre_moderated=pre_moderated, trusted=trusted)

    def hits(self, texts: Sequence[str]) -> list[Hit]:
        return [hit for text in texts for hit in self._memory.lexicon.hits(text)]

    def note(self, session: Session, act: Act, member: Member) -> None:
        """Put a deed of somebody who keeps order into the audit, in the caller's transaction."""
        self.audit.note(session, act, actor(member))

    async def purge(self, session: Session, scope: str) -> None:
        """Delete what is kept of a room, when its time is over. The audit stays: it holds no words of anybody's."""
        muted = await self.muting.purge(session, scope)
        await self.reporting.purge(session, scope)
        await self.holding.purge(session, scope, also=muted)
