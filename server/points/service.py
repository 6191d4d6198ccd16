"""The ledger: append-only, in integer tenths of a point; each cause counts once.

Other features call `award` in the transaction of the cause, as the last thing they do in it: it holds the balances of those it
credits until the commit, and whoever held something else after them could wait for somebody who waits for it. Sealing into the
branches' chains, and telling the members, comes afterwards and in transactions of its own (`sealing`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ..core.clock import Clock
from ..core.db import Database, Session, after_commit
from ..core.errors import Conflict, NotFound
from ..core.ids import new_id
from ..identity import Status
from . import store
from .entry import Entry
from .model import Aspect, Cause, Indicator, Rules, Scale, Sum, Window, amount_of, day_of, windows_of
from .rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Credit:
    """What a cause came to: the row it has in the ledger, and whether this call made it."""

    entry: Entry
    fresh: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """Of one member in one year. `exempt`: why somebody is not compared (不参评), None for who is."""

    year: int
    scale: Scale
    sums: dict[Aspect, Sum]
    exempt: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the id of the one that took it back."""

    entry: Entry
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An indicator, and what its windows hold for somebody today."""

    indicator: Indicator
    held: dict[Window, int]


class Ledger:
    """`wake` is called after each commit that left something to seal."""

    def __init__(self, database: Database, rulebook: Rulebook, clock: Clock, wake: Callable[[], None]) -> None:
        self._database, self._rulebook, self._clock, self._wake = database, rulebook, clock, wake

    async def award(self, session: Session, causes: Sequence[Cause]) -> list[Credit | None]:
        """Credit these causes, in this order, in the caller's transaction; nothing counts unless that is committed.

        The contract:
        - A cause is credited once: the same member, event and source again gives the row there is (`fresh` is false), from
          whatever process, in the same call, or years later.
        - A cause feeds one indicator, the most narrowly described that counts on the cause's own day. None for a cause that no
          indicator counts, and for people who are no members.
        - Caps are applied in the order in which causes are committed. A cause the caps leave nothing of still gets its row,
          with the amount 0: it is the trace that the member was there.
        - Indicators that need a second look (`Confirm.HUMAN_REVIEW`) are credited as they come: who calls has had it, and says
          who it was (`Cause.reviewer`).
        - Call it last in the transaction, once, with all causes it has.
        """
        rules = await self._rulebook.current(session)
        fitting = [(cause, rules.fitting(cause.event, cause.traits, cause.day)) for cause in causes]
        wanted = [(cause, indicator) for cause, indicator in fitting if indicator is not None]
        if not wanted:
            return [None] * len(causes)
        sums = await store.hold(session, {_key(cause, indicator) for cause, indicator in wanted})
        known = await store.known(
            session,
            {cause.member_id for cause, _ in wanted},
            {cause.key for cause, _ in wanted},
            {indicator.code for _, indicator in wanted},
            min(Window.YEAR.begins(cause.day) for cause, _ in wanted),
        )
        deciding = _Deciding(rules, sums, known)
        answers: list[Credit | None] = []
        fresh: list[Entry] = []
        for cause, indicator in fitting:
            entry = deciding.credited(cause)
            if entry is None and indicator is not None and deciding.is_member(cause.member_id):
                entry = deciding.credit(cause, indicator, self._clock)
                fresh.append(entry)
                answers.append(Credit(entry, fresh=True))
            else:
                answers.append(None if entry is None else Credit(entry, fresh=False))
        if fresh:
            await store.add(session, fresh)
            after_commit(session, self._wake)
        return answers

    async def renew(self, session: Session, cause: Cause) -> Credit | None:
        """As `award` of one cause that can become true again after its credit was reversed: then it is credited anew, under
        the next of the sources `source`, `source#2`, `source#3` …"""
        made = await store.renewals(session, cause.member_id, cause.key)
        standing = [each for each in made if not each.reversed]
        if standing or not made:
            source = cause.source if not made else standing[-1].source.partition("/")[2]
        else:
            source = f"{cause.source}#{len(made) + 1}"
        [credit] = await self.award(session, [replace(cause, source=source)])
        return credit

    async def revoke(self, session: Session, cause: Cause, *, by: str, reason: str) -> Entry | None:
        """Reverse what stands of a cause that is no longer true; None if nothing does."""
        made = await store.renewals(session, cause.member_id, cause.key)
        standing = [each for each in made if not each.reversed]
        if not standing:
            return None
        return await self.reverse(session, standing[-1].id, by=by, reviewer=None, reason=reason)

    async def reverse(self, session: Session, entry_id: str, *, by: str, reviewer: str | None, reason: str) -> Entry:
        """Take back what a row did, by another row that points at it; the same again gives the row there is.

        What its windows held is free again for what comes later; what the caps cut off meanwhile stays cut off. Raise NotFound
        `entry_not_found`, Conflict `entry_is_reversal`. Like `award` the last thing in a transaction.
        """
        original = await store.find(session, entry_id)
        if original is None:
            raise NotFound("entry_not_found", "没有这一条积分记录")
        if original.reverses is not None:
            raise Conflict("entry_is_reversal", "这一条本身就是更正，请另记一笔")
        await store.hold(session, {(original.member_id, original.day.year, original.aspect)})
        if (made := await store.reversal_of(session, entry_id)) is not None:
            return made
        now = self._clock.now()
        entry = replace(
            original,
            id=new_id(),
            source=f"reversal/{original.id}",
            full=-original.full,
            amount=-original.amount,
            at=now,
            recorded_at=now,
            reverses=original.id,
            by=by,
            reviewer=reviewer,
            reason=reason,
            number=None,
            hash=None,
        )
        await store.add(session, [entry])
        after_commit(session, self._wake)
        return entry

    async def statement(self, member_id: str, year: int) -> Statement:
        """How a member's year stands; a year without rows is all base."""
        scale = (await self._rulebook.current()).scale(last_day(year, self.today()))
        async with self._database.reading() as session:
            sums = (await store.sums(session, [member_id], year)).get(member_id, {})
            exempt = await store.why_exempt(session, member_id, year)
        return Statement(year, scale, {aspect: sums.get(aspect, Sum()) for aspect in Aspect}, exempt)

    async def rows(
        self,
        member_id: str,
        year: int,
        *,
        aspect: Aspect | None = None,
        days: tuple[date, date] | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> tuple[list[Row], str | None]:
        """The newest first, with the cursor of what follows. `days`: the first and the last day that is wanted."""
        async with self._database.reading() as session:
            found = await store.of_member(
                session, member_id, year=year, aspect=aspect, days=days, before=before, limit=limit + 1
            )
            back = await store.reversals(session, [each.id for each in found])
        rows = [Row(each, back.get(each.id)) for each in found[:limit]]
        return rows, found[limit - 1].id if len(found) > limit else None

    async def standing(self, member_id: str) -> list[Standing]:
        """The indicators that count today, by code."""
        rules, today = await self._rulebook.current(), self.today()
        indicators = rules.on(today)
        async with self._database.reading() as session:
            found = await store.known(session, [member_id], [], [each.code for each in indicators], Window.YEAR.begins(today))
        return [Standing(each, _held(each, today, found.days[member_id, each.code])) for each in indicators]

    async def names(self) -> dict[str, str]:
        """Of all indicators there ever were, by code, as they are called now."""
        return (await self._rulebook.current()).names(self.today())

    def today(self) -> date:
        return day_of(self._clock.now())

    def this_year(self) -> int:
        return self.today().year


class _Deciding:
    """The decisions of one call: each sees what those before it have come to."""

    def __init__(self, rules: Rules, sums: dict[store.Key, Sum], known: store.Known) -> None:
        self._rules, self._sums, self._known = rules, sums, known

    def is_member(self, member_id: str) -> bool:
        place = self._known.places.get(member_id)
        return place is not None and place.status != Status.EMPLOYEE

    def credited(self, cause: Cause) -> Entry | None:
        return self._known.credited.get((cause.member_id, cause.key))

    def credit(self, cause: Cause, indicator: Indicator, clock: Clock) -> Entry:
        key, day = _key(cause, indicator), cause.day
        days = self._known.days[cause.member_id, indicator.code]
        scale = self._rules.scale(day)
        amount = amount_of(indicator, _held(indicator, day, days), scale.most[indicator.aspect] - self._sums[key].awarded)
        entry = Entry(
            id=new_id(),
            member_id=cause.member_id,
            branch_id=self._known.places[cause.member_id].branch_id,
            indicator=indicator.code,
            aspect=indicator.aspect,
            kind=indicator.kind,
            source=cause.key,
            day=day,
            full=indicator.value,
            amount=amount,
            at=cause.at,
            recorded_at=clock.now(),
            by=cause.by,
            reviewer=cause.reviewer,
            title=cause.title,
            link=cause.link,
            reason=cause.reason,
        )
        self._sums[key] = self._sums[key].plus(entry.kind, amount)
        days[day] = days.get(day, 0) + amount
        self._known.credited[cause.member_id, cause.key] = entry
        return entry


def _key(cause: Cause, indicator: Indicator) -> store.Key:
    return cause.member_id, cause.day.year, indicator.aspect


def _held(indicator: Indicator, day: date, days: Mapping[date, int]) -> dict[Window, int]:
    """What the windows around a day hold, of what each day holds."""
    return {
        window: sum(amount for each, amount in days.items() if first <= each <= last)
        for window, (first, last) in windows_of(indicator, day).items()
    }


def last_day(year: int, today: date) -> date:
    """Of a year: its last day, or today while it runs."""
    return min(date(year, 12, 31), today)
