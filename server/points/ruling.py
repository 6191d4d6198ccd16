"""The rules as the committee edits them: looked at, tried on the last quarter, written for a day to come.

A version counts from tomorrow at the earliest, for every process must have read it before it does, and what has counted once is
never changed: whoever wants it otherwise writes another version. Both versions stand in the audit. A preview writes nothing.
"""

import asyncio
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import Conflict, Forbidden, Invalid
from ..core.texts import tidied, written
from ..identity import Member, Role, party_roll
from . import rules_store, store
from .model import Aspect, Indicator, Kind, Rules, Scale, Window, day_of
from .preview import Old, Preview, Previewing, last_quarter
from .rules_store import Version

RULERS = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY)
NAME_MOST, TRIGGER_MOST, REASON_MOST = 40, 200, 500
_VALUE_MOST = 1_000  # tenths
_AHEAD_MOST = timedelta(days=400)
_AT_ONCE = 500  # members


class Field(enum.StrEnum):
    """What of a rule differs between two versions."""

    NAME = "name"
    VALUE = "value"
    CAPS = "caps"
    TRIGGER = "trigger"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Edit:
    """What the committee may change of an indicator; its aspect, kind and event are what other features credit."""

    code: str
    name: str
    value: int
    caps: Mapping[Window, int]
    trigger: str
    retired: bool


@dataclass(frozen=True, slots=True)
class ScaleEdit:
    base: int
    most: Mapping[Aspect, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """Edited, as it would count."""

    indicators: list[Indicator]
    scale: Scale | None


class Ruling:
    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database, self._audit, self._clock = database, audit, clock
        self._one = asyncio.Semaphore(1)

    async def versions(self) -> list[Version]:
        """Every version, in the order in which they count."""
        async with self._database.reading() as session:
            return await rules_store.versions(session)

    def today(self) -> date:
        return day_of(self._clock.now())

    async def preview(self, member: Member, edits: Sequence[Edit], scale: ScaleEdit | None) -> Preview:
        """What the last quarter would have come to. Raise Forbidden `role_needed`, and what `drafted` raises."""
        _check_rules(member)
        async with self._database.reading() as session:
            rules = await rules_store.load(session)
        first, last = last_quarter(self.today())
        draft = drafted(rules, edits, scale, self.today() + timedelta(days=1))
        work = Previewing(rules, {each.code: each for each in draft.indicators}, draft.scale, first, last)
        async with self._one:  # it takes a processor for seconds
            after = ""
            while True:
                async with self._database.reading() as session:
                    roll = await party_roll(session, after=after, limit=_AT_ONCE)
                    if not roll:
                        return work.result
                    after = roll[-1].id
                    rows = await store.old_rows(session, first=roll[0].id, last=after, year=last.year, until=last)
                await asyncio.to_thread(_go_through, work, rows)

    async def write(self, member: Member, edits: Sequence[Edit], scale: ScaleEdit | None, since: date, reason: str) -> None:
        """Raise Forbidden `role_needed`, Invalid `since_unfit`, `text_empty`, `text_too_long`, and what `drafted` raises."""
        _check_rules(member)
        words, today = written(reason, most=REASON_MOST), self.today()
        if not today < since <= today + _AHEAD_MOST:
            raise Invalid("since_unfit", "修改最早从明天起生效，最晚一年以内")
        async with self._database.transaction() as session:
            rules = await rules_store.load(session)
            before = {each.code: each for each in _with_retired(rules, since)}
            draft = drafted(rules, edits, scale, since)
            if not draft.indicators and draft.scale is None:
                raise Conflict("nothing_changed", "没有改动")
            await rules_store.write(session, draft.indicators, draft.scale, by=member.id, reason=words, now=self._clock.now())
            actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
            for each in draft.indicators:
                more = {"since": since.isoformat(), "before": _said(before[each.code]), "after": _said(each)}
                self._audit.note(session, Act("rule.written", "points", each.code, reason=words, more=more), actor)
            if draft.scale is not None:
                old, new = rules.scale(since), draft.scale
                more = {
                    "since": since.isoformat(),
                    "before": rules_store.scale_rule(old),
                    "after": rules_store.scale_rule(new),
                }
                self._audit.note(session, Act("rule.written", "points", "scale", reason=words, more=more), actor)


def drafted(rules: Rules, edits: Sequence[Edit], scale: ScaleEdit | None, since: date) -> Draft:
    """What differs from what would count on that day anyway. Raise Invalid `indicator_unknown`, `value_unfit`, `cap_unfit`,
    `scale_unfit`, `text_empty`, `text_too_long`."""
    there = {each.code: each for each in _with_retired(rules, since)}
    changed: dict[str, Indicator] = {}
    for edit in edits:
        indicator = there.get(edit.code)
        if indicator is None or edit.code in changed:
            raise Invalid("indicator_unknown", f"没有指标 {tidied(edit.code)[:8]}")
        _check_amounts(indicator, edit)
        new = replace(
            indicator,
            name=written(edit.name, most=NAME_MOST),
            value=edit.value,
            caps=dict(edit.caps),
            trigger=written(edit.trigger, most=TRIGGER_MOST),
            retired=edit.retired,
            since=since,
        )
        if _said(new) != _said(indicator):
            changed[edit.code] = new
    old = rules.scale(since)
    if scale is None or (scale.base == old.base and dict(scale.most) == dict(old.most)):
        return Draft(list(changed.values()), None)
    if not 0 <= scale.base <= _VALUE_MOST or set(scale.most) != set(Aspect) or min(scale.most.values()) < 0:
        raise Invalid("scale_unfit", "基础分和每个方面的上限应为 0 到 100 分")
    if max(scale.most.values()) > _VALUE_MOST:
        raise Invalid("scale_unfit", "基础分和每个方面的上限应为 0 到 100 分")
    return Draft(list(changed.values()), replace(old, base=scale.base, most=dict(scale.most), since=since))


def _check_amounts(indicator: Indicator, edit: Edit) -> None:
    sign = -1 if indicator.kind is Kind.DEDUCT else 1
    if indicator.kind is Kind.VETO:
        if edit.value != indicator.value or edit.caps:
            raise Invalid("value_unfit", f"“{indicator.name}”是一票否决，没有分值和上限")
        return
    if not 0 < sign * edit.value <= _VALUE_MOST:
        raise Invalid("value_unfit", f"“{indicator.name}”的分值应为 0.1 到 100 分")
    if any(not 0 < sign * most <= _VALUE_MOST * 10 for most in edit.caps.values()):
        raise Invalid("cap_unfit", f"“{indicator.name}”的上限应为 0.1 到 1000 分，不设上限请留空")


def _with_retired(rules: Rules, day: date) -> Iterable[Indicator]:
    newest: dict[str, Indicator] = {}
    for each in sorted(rules.versions, key=lambda each: each.since):
        if each.since <= day:
            newest[each.code] = each
    return newest.values()


def _said(indicator: Indicator) -> dict[str, object]:
    return {
        Field.NAME.value: indicator.name,
        Field.VALUE.value: indicator.value,
        Field.CAPS.value: {window.value: most for window, most in sorted(indicator.caps.items())},
        Field.TRIGGER.value: indicator.trigger,
        Field.RETIRED.value: indicator.retired,
    }


def _go_through(work: Previewing, rows: Sequence[Old]) -> None:
    for _, of_member in groupby(rows, key=lambda row: row.member_id):
        work.member(of_member)


def _check_rules(member: Member) -> None:
    if not member.has(*RULERS):
        raise Forbidden("role_needed", "积分规则由党委书记或副书记修改")
