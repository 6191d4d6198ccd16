"""What a change of the rules would have done to a quarter that is over: a pure calculation over its rows.

The rows are gone through in the order in which they were committed, and the caps applied anew; what lies before the quarter in
its year counts as it stands, and so does what was credited under an indicator of another kind. A row that took another back
takes back what that one would have come to. Nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from .model import Aspect, Indicator, Kind, Rules, Scale, Window, amount_of

Begun = tuple[Window, date]
"""A window, and the day it began on."""


@dataclass(frozen=True, slots=True)
class Old:
    """What is needed of a row of the ledger."""

    id: str
    member_id: str
    indicator: str
    aspect: Aspect
    kind: Kind
    day: date
    amount: int
    reverses: str | None


@dataclass(slots=True)
class Change:
    """Of an aspect or of an indicator, in tenths: what it held, what it would hold, of how many rows that differs."""

    rows: int = 0
    changed: int = 0
    before: int = 0
    after: int = 0

    def add(self, before: int, after: int) -> None:
        self.rows += 1
        self.changed += before != after
        self.before += before
        self.after += after


@dataclass(slots=True)
class Preview:
    """`members` of whom there are rows, `touched` of them with another sum; `rows` of the quarter, `changed` of them."""

    first: date
    last: date
    members: int = 0
    touched: int = 0
    rows: int = 0
    changed: int = 0
    aspects: dict[Aspect, Change] = field(default_factory=lambda: {aspect: Change() for aspect in Aspect})
    indicators: dict[str, Change] = field(default_factory=lambda: defaultdict(Change))


class Previewing:
    """`rules` as they are, with `indicators` (by code) and `scale` instead of theirs."""

    def __init__(self, rules: Rules, indicators: Mapping[str, Indicator], scale: Scale | None, first: date, last: date) -> None:
        self._rules, self._changed, self._scale = rules, indicators, scale or rules.scale(last)
        self.result = Preview(first, last)
        self._windows: dict[date, Mapping[Window, Begun]] = {}
        self._on_day: dict[date, dict[str, Indicator]] = {}

    def member(self, rows: Iterable[Old]) -> None:
        """One member's rows of the year up to the end of the quarter, in the order of their ids."""
        result, first = self.result, self.result.first
        held: dict[str, dict[Begun, int]] = defaultdict(lambda: defaultdict(int))
        awarded: dict[Aspect, int] = defaultdict(int)
        came_to: dict[str, int] = {}
        before = after = 0
        any_row = False
        for row in rows:
            amount = row.amount
            if row.day >= first:
                any_row = True
                amount = self._anew(row, held[row.indicator], awarded[row.aspect], came_to)
                result.rows += 1
                result.changed += amount != row.amount
                result.aspects[row.aspect].add(row.amount, amount)
                result.indicators[row.indicator].add(row.amount, amount)
                before, after = before + row.amount, after + amount
            came_to[row.id] = amount
            if amount:
                windows = held[row.indicator]
                for begun in self._begun(row.day).values():
                    windows[begun] += amount
            if row.kind is Kind.AWARD:
                awarded[row.aspect] += amount
        result.members += any_row
        result.touched += before != after

    def _anew(self, row: Old, windows: Mapping[Begun, int], awarded: int, came_to: Mapping[str, int]) -> int:
        if row.reverses is not None:
            return -came_to[row.reverses] if row.reverses in came_to else row.amount
        indicator = self._indicator(row)
        if row.kind is Kind.VETO or (indicator is not None and indicator.kind is not row.kind):
            return row.amount
        if indicator is None:
            return 0  # it would have counted no more
        begun = self._begun(row.day)
        held = {window: windows.get(begun[window], 0) for window in indicator.caps}
        return amount_of(indicator, held, self._scale.most[row.aspect] - awarded)

    def _begun(self, day: date) -> Mapping[Window, Begun]:
        if day not in self._windows:
            self._windows[day] = {window: (window, window.begins(day)) for window in Window}
        return self._windows[day]

    def _indicator(self, row: Old) -> Indicator | None:
        if (changed := self._changed.get(row.indicator)) is not None:
            return None if changed.retired else changed
        if row.day not in self._on_day:
            self._on_day[row.day] = {each.code: each for each in self._rules.on(row.day)}
        return self._on_day[row.day].get(row.indicator)


def last_quarter(today: date) -> tuple[date, date]:
    """The first and the last day of the newest quarter that is over."""
    begins = Window.QUARTER.begins(today)
    last = date.fromordinal(begins.toordinal() - 1)
    return Window.QUARTER.begins(last), last
