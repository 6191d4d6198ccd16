"""What participation is worth: pure rules, no I/O.

Amounts are integer tenths of a point. What a cause earns is decided from three things alone: the indicator as it stood on the
cause's own day, what its windows (day, month, quarter, year) already hold, and what its aspect already holds that year. Days
are those of the committee's calendar, China Standard Time.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType

CHINA = timezone(timedelta(hours=8), "CST")
SOURCE_MOST = 120
REASON_MOST = 500


class Aspect(enum.StrEnum):
    """德能勤绩廉; fixed codes (glossary)."""

    DE = "de"
    NENG = "neng"
    QIN = "qin"
    JI = "ji"
    LIAN = "lian"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = dict(zip(Aspect, "德能勤绩廉", strict=True))


class Kind(enum.StrEnum):
    """Of an indicator. A veto carries no amount: it sets the year's score to nothing."""

    AWARD = "award"
    DEDUCT = "deduct"
    VETO = "veto"


class Confirm(enum.StrEnum):
    """Whether its cause counts by itself, or after a second person has looked at it."""

    AUTOMATIC = "automatic"
    HUMAN_REVIEW = "human_review"


class Window(enum.StrEnum):
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def begins(self, day: date) -> date:
        """The first day of the window that `day` lies in."""
        if self is Window.DAY:
            return day
        if self is Window.MONTH:
            return day.replace(day=1)
        if self is Window.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return date(day.year, 1, 1)

    def ends(self, day: date) -> date:
        """The last day of it."""
        begins = self.begins(day)
        months = {Window.DAY: 0, Window.MONTH: 1, Window.QUARTER: 3, Window.YEAR: 12}[self]
        if months == 0:
            return day
        month = begins.month + months
        return date(begins.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)


Caps = Mapping[Window, int]
"""By window the most it may hold, in tenths; of a deduction the least. A window that is not named has no bound."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator as it stands from `since` on. `traits` narrow the event (`type=theme_day`). `retired`: counts no more."""

    code: str
    aspect: Aspect
    name: str
    kind: Kind
    event: str
    value: int
    caps: Caps = field(default_factory=lambda: MappingProxyType({}))
    traits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    confirm: Confirm = Confirm.AUTOMATIC
    applies_to: str = "all_members"
    trigger: str = ""
    since: date = date.min
    retired: bool = False

    def meets(self, event: str, traits: Mapping[str, str]) -> bool:
        return self.event == event and all(traits.get(name) == value for name, value in self.traits.items())


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` tenths of a point on."""

    code: str
    label: str
    least: int


@dataclass(frozen=True, slots=True)
class Scale:
    """What a year begins with, what each aspect may add, and the bands, the highest first; in tenths, from `since` on."""

    base: int
    most: Mapping[Aspect, int]
    bands: Sequence[Band]
    since: date = date.min


def _since(rule: Indicator) -> date:
    return rule.since


@dataclass(frozen=True, slots=True)
class Rules:
    """Every version of every indicator and of the scale."""

    versions: Sequence[Indicator]
    scales: Sequence[Scale]

    def on(self, day: date) -> list[Indicator]:
        """The indicators that count on a day, by code."""
        newest: dict[str, Indicator] = {}
        for each in sorted(self.versions, key=lambda each: each.since):
            if each.since <= day:
                newest[each.code] = each
        return sorted((each for each in newest.values() if not each.retired), key=lambda each: each.code)

    def names(self, day: date) -> dict[str, str]:
        """What each that there ever was is called on a day, by code."""
        named = {each.code: each.name for each in sorted(self.versions, key=_since, reverse=True)}
        return named | {each.code: each.name for each in sorted(self.versions, key=_since) if each.since <= day}

    def scale(self, day: date) -> Scale:
        return max((each for each in self.scales if each.since <= day), key=lambda each: each.since)

    def fitting(self, event: str, traits: Mapping[str, str], day: date) -> Indicator | None:
        """The one indicator that an event feeds: the most narrowly described, so that L01 comes before N01."""
        found = [each for each in self.on(day) if each.meets(event, traits)]
        return min(found, key=lambda each: (-len(each.traits), each.code), default=None)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that happened to one member: `event` with its `traits`, and `source`, the id of what happened.

    `event` and `source` together are the cause's name: the same is credited once, whenever and however often it is told.
    `at` decides the day it counts for. `title` is what the member reads ("7月主题党日"), `link` leads to it. `by` and
    `reviewer`: who said so and who confirmed it, where people did, with their `reason`.
    """

    member_id: str
    event: str
    source: str
    at: datetime
    title: str = ""
    link: str = ""
    traits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    by: str | None = None
    reviewer: str | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.event}/{self.source}"

    @property
    def day(self) -> date:
        return day_of(self.at)


def amount_of(indicator: Indicator, held: Mapping[Window, int], room_of_aspect: int) -> int:
    """What one more cause adds: its value, cut to what each window and the aspect still have room for; never less than nothing.

    `held`: what its windows hold so far. A deduction is not bounded by its aspect, and its own bounds are negative.
    """
    sign = -1 if indicator.kind is Kind.DEDUCT else 1
    room = [abs(indicator.value)]
    room += [sign * (cap - held.get(window, 0)) for window, cap in indicator.caps.items()]
    if indicator.kind is Kind.AWARD:
        room.append(room_of_aspect)
    return sign * max(0, min(room))


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one aspect in one year, in tenths: `awarded` ≥ 0, `deducted` ≤ 0."""

    awarded: int = 0
    deducted: int = 0
    vetoes: int = 0

    def plus(self, kind: Kind, amount: int) -> "Sum":
        """With one more row that reverses nothing."""
        if kind is Kind.VETO:
            return replace(self, vetoes=self.vetoes + 1)
        return (
            replace(self, awarded=self.awarded + amount)
            if kind is Kind.AWARD
            else replace(self, deducted=self.deducted + amount)
        )

    def less(self, other: "Sum") -> "Sum":
        return Sum(self.awarded - other.awarded, self.deducted - other.deducted, self.vetoes - other.vetoes)


def score(scale: Scale, sums: Mapping[Aspect, Sum]) -> int:
    """The year's score in tenths: the base, what each aspect adds up to its bound, less what was deducted; not below nothing,
    and nothing after a veto (meta.formula of indicators.json)."""
    if any(each.vetoes for each in sums.values()):
        return 0
    added = sum(min(scale.most[aspect], each.awarded) for aspect, each in sums.items())
    return max(0, scale.base + added + sum(each.deducted for each in sums.values()))


def band(scale: Scale, points: int) -> Band:
    return next(each for each in scale.bands if points >= each.least)


def day_of(moment: datetime) -> date:
    """The committee's calendar day of a moment."""
    return moment.astimezone(CHINA).date()


def windows_of(indicator: Indicator, day: date) -> dict[Window, tuple[date, date]]:
    """The windows that bound it, each with its first and its last day."""
    return {window: (window.begins(day), window.ends(day)) for window in indicator.caps}
