"""Shakes: each joins the next group commit and is answered when it is durable.

Its ticket and its receipt are made once; whoever shakes again in the round, on whatever device, gets the same ones. The same
client id gives the same answer also in a later round and after a restart. A batch shares the rows of its rounds, so that a list
is closed only when every ticket acknowledged before has been written. Receipts are signed beforehand, for the round and weight
it will nearly always be, since everybody else who writes waits while a batch is written.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.again import reused
from ..core.clock import Clock, rfc3339
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden
from ..core.ids import digest
from ..core.journal import GroupCommit
from ..identity import Member
from . import draw_store, model, store, ticket_store
from .draw import nonce_of, pseudonym
from .model import Round, Shake
from .service import Shakes
from .ticket_store import Kept
from .vault import Vault, said_in_receipt

_PACE = 0.035  # s; everybody shakes at once, and whoever comments meanwhile must not wait for them
_REMEMBERED = 200  # sessions
Accepted = dict[str, list[tuple[str, datetime]]]


@dataclass(frozen=True, slots=True)
class _Shaken:
    shake: Shake
    member_id: str
    nonce: str
    received_at: datetime
    key: str
    digest: str
    presumed: Kept | None  # the ticket, if the round and the weight are what they seem to be


@dataclass(frozen=True, slots=True)
class _Decided:
    """What is written, and what is answered, for each in its order."""

    answers: list[Kept | AppError]
    fresh: list[Kept]
    acks: dict[str, tuple[str, str, int]]

    @property
    def refuses(self) -> bool:
        return any(isinstance(each, AppError) for each in self.answers)


class Shaking:
    def __init__(self, database: Database, shakes: Shakes, vault: Vault, clock: Clock) -> None:
        self._database, self._shakes, self._vault, self._clock = database, shakes, vault, clock
        self._newest: OrderedDict[str, Round] = OrderedDict()  # of sessions, as far as it was seen
        self._commits: GroupCommit[_Shaken, Kept] = GroupCommit(database, self._write, name="shakes", pace=_PACE, at_once=True)

    async def close(self) -> None:
        await self._commits.aclose()

    async def shake(self, member: Member, shake: Shake, *, nonce: str | None, client_id: str) -> Kept:
        """`shake` as the member sees it. Raise Forbidden `not_eligible`, Conflict `round_not_open`, `too_late`,
        `recently_talked`, `already_drawn`, `client_id_reused`."""
        received_at = self._clock.now()
        if not model.may_take_part(shake, member):
            raise not_eligible()
        nonce = nonce or nonce_of(client_id)
        presumed = None
        if (newest := self._newest.get(shake.id)) is not None:
            presumed = self._ticket(shake, member.id, nonce, received_at, newest.number, weight(shake, member.id, {}))
        key, asked = digest(f"{member.id}\n{client_id}"), digest(f"{shake.id}\n{nonce}")
        return await self._commits.submit(_Shaken(shake, member.id, nonce, received_at, key, asked, presumed))

    async def count(self, found: Round) -> int:
        """How many have shaken in a round."""
        async with self._database.reading() as session:
            return await ticket_store.count(session, found.shake_id, found.number)

    async def _write(self, session: Session, ops: Sequence[_Shaken], careful: bool) -> list[Kept | AppError]:
        rounds = await store.share_opened(session, {each.shake.id for each in ops})
        accepted = await draw_store.accepted(session, sorted({each.member_id for each in ops}))
        self._remember(rounds)
        # Nearly everybody shakes once: that is presumed, and the constraints tell if it is wrong. Nobody is refused by it:
        # who shook before gets the same answer also when the round is closed.
        decided = None if careful else self._decide(ops, rounds, accepted, {}, {})
        if decided is None or decided.refuses:
            known = await ticket_store.acknowledged(session, {each.key for each in ops})
            tickets = await self._tickets(session, ops, rounds, known)
            decided = self._decide(ops, rounds, accepted, known, tickets)
        # In one order, so that two processes that write the same wait for one another and not both.
        await ticket_store.add(session, sorted(decided.fresh, key=lambda each: (each.member_id, each.shake_id)))
        await ticket_store.acknowledge(session, [(key, *rest) for key, rest in sorted(decided.acks.items())])
        return decided.answers

    def _decide(
        self,
        ops: Sequence[_Shaken],
        rounds: dict[str, Round],
        accepted: Accepted,
        known: dict[str, tuple[str, str, int]],
        tickets: dict[ticket_store.Key, Kept],
    ) -> _Decided:
        """`known` and `tickets`: what there is already, as far as it is asked for; tickets are added to."""
        decided = _Decided([], [], {})
        for each in ops:
            try:
                before = known.get(each.key) or decided.acks.get(each.key)
                if before is not None:
                    decided.answers.append(_again(each, before, tickets))
                    continue
                found = model.require_open(rounds.get(each.shake.id), each.received_at)
                ticket = tickets.get((found.shake_id, found.number, each.member_id))
                if ticket is None:
                    check_not_drawn(each.shake, accepted.get(each.member_id, ()), each.received_at)
                    ticket = self._own(each, found.number, weight(each.shake, each.member_id, accepted))
                    tickets[found.shake_id, found.number, each.member_id] = ticket
                    decided.fresh.append(ticket)
                decided.acks[each.key] = (each.digest, found.shake_id, found.number)
                decided.answers.append(ticket)
            except AppError as refusal:
                decided.answers.append(refusal)
        return decided

    async def _tickets(
        self,
        session: Session,
        ops: Sequence[_Shaken],
        rounds: dict[str, Round],
        known: dict[str, tuple[str, str, int]],
    ) -> dict[ticket_store.Key, Kept]:
        """Those there are already, of all that may be asked for."""
        wanted: dict[tuple[str, int], set[str]] = {}
        for each in ops:
            if (found := rounds.get(each.shake.id)) is not None:
                wanted.setdefault((found.shake_id, found.number), set()).add(each.member_id)
            if (before := known.get(each.key)) is not None:
                wanted.setdefault(before[1:], set()).add(each.member_id)
        return {
            (shake_id, number, member_id): ticket
            for (shake_id, number), members in wanted.items()
            for member_id, ticket in (await ticket_store.tickets(session, shake_id, number, members)).items()
        }

    def _own(self, shaken: _Shaken, number: int, weight_: int) -> Kept:
        presumed = shaken.presumed
        if presumed is not None and (presumed.number, presumed.weight) == (number, weight_):
            return presumed
        return self._ticket(shaken.shake, shaken.member_id, shaken.nonce, shaken.received_at, number, weight_)

    def _ticket(self, shake: Shake, member_id: str, nonce: str, received_at: datetime, number: int, weight_: int) -> Kept:
        secrets = self._vault.open(shake.id, shake.sealed)
        name, at = pseudonym(secrets.names, member_id), _whole_ms(received_at)
        receipt = secrets.receipt(said_in_receipt(shake.id, number, name, nonce, weight_, at))
        return Kept(shake.id, number, member_id, name, nonce, weight_, at, receipt)

    def _remember(self, rounds: dict[str, Round]) -> None:
        for shake_id, found in rounds.items():
            self._newest[shake_id] = found
        while len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)


def weight(shake: Shake, member_id: str, accepted: Accepted) -> int:
    """More for those who have never been drawn and come; a declined offer takes nothing away."""
    return 1 if member_id in accepted else shake.plan.favour


def check_not_drawn(shake: Shake, accepted: Collection[tuple[str, datetime]], now: datetime) -> None:
    """Raise Conflict `already_drawn`, `recently_talked`; the latter says from when on they may."""
    if any(shake_id == shake.id for shake_id, _ in accepted):
        raise Conflict("already_drawn", "您已在本场被抽中过")
    free = max((at for _, at in accepted), default=None)
    if free is not None and (free := free + timedelta(days=shake.plan.exclusion_days)) > now:
        words = f"您最近聊过，{free.astimezone():%Y 年 %m 月 %d 日} 起可以再次参加"
        raise Conflict("recently_talked", words, extra={"until": rfc3339(free)})


def not_eligible() -> Forbidden:
    return Forbidden("not_eligible", "本场摇一摇不是面向您的")


def _again(
    shaken: _Shaken,
    before: tuple[str, str, int],
    tickets: dict[ticket_store.Key, Kept],
) -> Kept:
    said, shake_id, number = before
    if said != shaken.digest:
        raise reused()
    return tickets[shake_id, number, shaken.member_id]


def _whole_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
