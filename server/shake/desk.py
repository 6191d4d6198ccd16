"""What one member sees of a session besides what all see: their own tickets, and a secretary's desk.

The desk shows a secretary the names of those who accepted to talk with them, and of nobody else: who declined or did not answer
stays a pseudonym to the secretary too, and who talked with another secretary to whoever runs the session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError
from ..identity import Identity, Member, Person
from . import draw_store, model, store, ticket_store
from .model import Draw, DrawState, Round, RoundState, Shake
from .service import Shakes
from .shaking import check_not_drawn, not_eligible
from .talks import Talks
from .ticket_store import Kept


@dataclass(frozen=True, slots=True)
class Own:
    """`why_not`: what keeps them from shaking; `talk`: the one this session led to."""

    shake: Shake
    tickets: list[Kept]
    offer: Draw | None
    secretary: Person | None
    talk: str | None
    why_not: AppError | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """`wait`: between the offer and an acceptance, on average; None without one."""

    drawn: int
    accepted: int
    declined: int
    lapsed: int
    withdrawn: int
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class Desk:
    """`shaken`: how many shook in each round. `offer`, `talk`: the caller's own that are not over. `accepted`: what came to a
    talk with the caller. Who talked with whom is between the two, whoever runs the session. `replacements`: how often the
    caller may still take an offer back for another; `may_draw`: whether the newest round gives the caller anybody yet."""

    shake: Shake
    rounds: list[Round]
    shaken: dict[int, int]
    offer: Draw | None
    talk: Draw | None
    accepted: list[Draw]
    people: dict[str, Person]
    figures: Figures
    replacements: int
    may_draw: bool


class Desks:
    def __init__(self, database: Database, shakes: Shakes, identity: Identity, talks: Talks, clock: Clock) -> None:
        self._database, self._shakes, self._identity = database, shakes, identity
        self._talks, self._clock = talks, clock

    async def own(self, member: Member, shake_id: str) -> Own:
        """Raise NotFound."""
        async with self._database.snapshot() as session:
            shake = await self._shakes.find_in(session, member, shake_id)
            tickets = await ticket_store.of_member(session, shake_id, member.id)
            draws = await draw_store.of_member(session, shake_id, member.id)
            why_not = await self._why_not(session, shake, member)
        offer = next((each for each in draws if each.state is DrawState.OFFERED), None)
        people = {} if offer is None else await self._identity.people([offer.secretary_id])
        talk = next((each.talk_id for each in draws if each.talk_id is not None), None)
        return Own(
            shake, tickets, offer, None if offer is None else people.get(offer.secretary_id), talk, why_not, self._clock.now()
        )

    async def desk(self, member: Member, shake_id: str) -> Desk:
        """Raise NotFound, Forbidden `not_yours`."""
        async with self._database.snapshot() as session:
            shake = await self._shakes.find_in(session, member, shake_id)
            model.require_desk(shake, member)
            rounds, draws = await store.rounds(session, shake_id), await draw_store.of_shake(session, shake_id)
            shaken = {each.number: await self._shaken(session, each) for each in rounds}
            busy = await self._talks.busy(session, [member.id])
        mine = [each for each in draws if each.secretary_id == member.id]
        accepted = [each for each in mine if each.talk_id is not None]
        talking = [each for each in mine if each.state is DrawState.ACCEPTED] if busy else []
        withdrawn = [each for each in mine if each.state is DrawState.WITHDRAWN]
        newest = max((each.number for each in rounds if each.state is RoundState.REVEALED), default=0)
        named = {each.secretary_id for each in rounds}
        named |= {who for each in accepted for who in (each.member_id, each.secretary_id)}
        return Desk(
            shake,
            rounds,
            shaken,
            next((each for each in mine if each.state is DrawState.OFFERED), None),
            max(talking, key=_answered_at, default=None),
            accepted,
            await self._identity.people(named | set(shake.plan.secretaries)),
            _figures(draws),
            model.replacements_left(withdrawn),
            model.may_draw(withdrawn, newest),
        )

    async def _shaken(self, session: Session, of: Round) -> int:
        return of.size if of.list_hash is not None else await ticket_store.count(session, of.shake_id, of.number)

    async def _why_not(self, session: Session, shake: Shake, member: Member) -> AppError | None:
        if not model.may_take_part(shake, member):
            return not_eligible()
        accepted = (await draw_store.accepted(session, [member.id])).get(member.id, ())
        try:
            check_not_drawn(shake, accepted, self._clock.now())
        except AppError as refusal:
            return refusal
        return None


def _answered_at(draw: Draw) -> datetime:
    return draw.answered_at or draw.offered_at


def _figures(draws: list[Draw]) -> Figures:
    by = {state: [each for each in draws if each.state is state] for state in DrawState}
    waits = [each.answered_at - each.offered_at for each in by[DrawState.ACCEPTED] if each.answered_at is not None]
    return Figures(
        drawn=len(draws) - len(by[DrawState.PASSED]),
        accepted=len(by[DrawState.ACCEPTED]),
        declined=len(by[DrawState.DECLINED]),
        lapsed=len(by[DrawState.LAPSED]),
        withdrawn=len(by[DrawState.WITHDRAWN]),
        wait=sum(waits, timedelta()) / len(waits) if waits else None,
    )
