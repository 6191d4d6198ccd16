"""What the product itself brings before a second person: a feature has seen that something happened, and somebody confirms it.

A proposal in the name of whom it is about, known by its source: brought again while it waits, or was decided, it stays as it
is. What is no longer true is taken back, also what was confirmed; if it becomes true again it is brought anew, to be looked at
anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Session
from ..core.ids import new_id
from ..identity import Status
from . import proposing_store, store
from .model import day_of
from .proposing_model import LINK_MOST, WORDS_MOST, Proposal, ProposalState, Standing, is_discipline
from .rulebook import Rulebook
from .service import Ledger


@dataclass(frozen=True, slots=True)
class Brought:
    """`source`: what happened, the same each time. `reason`, `evidence` and `link` are what the reviewer reads."""

    source: str
    event: str
    member_id: str
    at: datetime
    reason: str
    evidence: str
    link: str = ""


class Bringing:
    def __init__(self, ledger: Ledger, rulebook: Rulebook, audit: Audit, clock: Clock) -> None:
        self._ledger, self._rulebook, self._audit, self._clock = ledger, rulebook, audit, clock

    async def bring(self, session: Session, brought: Brought, by: Actor) -> None:
        """In the transaction of what happened. Nothing where no indicator counts it, or for people who are no members."""
        day = day_of(brought.at)
        indicator = (await self._rulebook.current(session)).fitting(brought.event, {}, day)
        place = (await store.known(session, [brought.member_id], [], [], day)).places.get(brought.member_id)
        if indicator is None or place is None or place.status == Status.EMPLOYEE:
            return
        proposal = Proposal(
            id=new_id(),
            member_id=brought.member_id,
            branch_id=place.branch_id,
            indicator=indicator.code,
            kind=indicator.kind,
            value=indicator.value,
            discipline=is_discipline(indicator.event),
            day=day,
            reason=brought.reason[:WORDS_MOST],
            evidence=brought.evidence[:WORDS_MOST],
            link=brought.link[:LINK_MOST],
            standing=Standing.BRANCH,
            by=brought.member_id,
            made_at=self._clock.now(),
            source=brought.source,
        )
        if await proposing_store.bring(session, proposal):
            self._audit.note(session, Act("proposal.made", "points", proposal.id), by)

    async def take_back(self, session: Session, source: str, *, by: Actor, reason: str, confirmed: bool) -> None:
        """The last thing in its transaction. `confirmed`: also what was confirmed; otherwise what waits alone."""
        proposal = await proposing_store.standing_for(session, source)
        if proposal is None or (proposal.state is not ProposalState.OPEN and not confirmed):
            return
        if proposal.state is ProposalState.DECLINED:
            return
        words = proposal.words or reason
        await proposing_store.save(session, replace(proposal, state=ProposalState.WITHDRAWN, words=words))
        self._audit.note(session, Act("proposal.withdrawn", "points", proposal.id), by)
        if proposal.entry_id is not None:
            await self._ledger.reverse(session, proposal.entry_id, by=by.id, reviewer=None, reason=reason)
