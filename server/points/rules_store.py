"""Versions of the rules in the database. Every function takes the session of the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .model import Aspect, Band, Confirm, Indicator, Kind, Rules, Scale, Window
from .tables import IndicatorRow, ScaleRow

_INSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


async def load(session: AsyncSession) -> Rules:
    indicators = [_indicator(row) for row in await session.scalars(select(IndicatorRow).order_by(IndicatorRow.since))]
    return Rules(indicators, [_scale(row) for row in await session.scalars(select(ScaleRow).order_by(ScaleRow.since))])


async def plant(session: AsyncSession, rules: Rules, now: datetime) -> None:
    """Write them all, unless there are some; two processes that start together may both try."""
    if await session.scalar(select(func.count()).select_from(IndicatorRow)):
        return
    insert = _INSERT[session.get_bind().dialect.name]
    common = {"by": None, "reason": "", "made_at": now}
    indicators = [{"code": each.code, "since": each.since, "rule": _json(_rule(each)), **common} for each in rules.versions]
    scales = [{"since": each.since, "rule": _json(scale_rule(each)), **common} for each in rules.scales]
    await session.execute(insert(IndicatorRow).on_conflict_do_nothing(), indicators)
    await session.execute(insert(ScaleRow).on_conflict_do_nothing(), scales)


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was written: of an indicator, or of the scale (`code` is None)."""

    code: str | None
    since: date
    by: str | None
    reason: str
    made_at: datetime
    rule: Indicator | Scale


async def versions(session: AsyncSession) -> list[Version]:
    """Every version there is, in the order in which they count."""
    indicators = await session.scalars(select(IndicatorRow).order_by(IndicatorRow.since, IndicatorRow.code))
    found = [Version(row.code, row.since, row.by, row.reason, row.made_at, _indicator(row)) for row in indicators]
    scales = await session.scalars(select(ScaleRow).order_by(ScaleRow.since))
    found += [Version(None, row.since, row.by, row.reason, row.made_at, _scale(row)) for row in scales]
    return sorted(found, key=lambda each: each.since)


async def write(
    session: AsyncSession, indicators: Sequence[Indicator], scale: Scale | None, *, by: str, reason: str, now: datetime
) -> None:
    """Versions of a day to come; one that was written for the same day before is replaced, for it has never counted."""
    common = {"by": by, "reason": reason, "made_at": now}
    for each in indicators:
        await session.merge(IndicatorRow(code=each.code, since=each.since, rule=_json(_rule(each)), **common))
    if scale is not None:
        await session.merge(ScaleRow(since=scale.since, rule=_json(scale_rule(scale)), **common))
    await session.flush()


def scale_rule(scale: Scale) -> dict[str, Any]:
    """As JSON has it."""
    return {"base": scale.base, "most": scale.most, "bands": [[each.code, each.label, each.least] for each in scale.bands]}


def scale_of(rule: dict[str, Any], since: date) -> Scale:
    most = {Aspect(code): value for code, value in rule["most"].items()}
    return Scale(rule["base"], most, [Band(*each) for each in rule["bands"]], since)


def _json(rule: Any) -> str:
    return to_json(rule).decode()


def _rule(indicator: Indicator) -> dict[str, Any]:
    return {
        "aspect": indicator.aspect,
        "name": indicator.name,
        "kind": indicator.kind,
        "event": indicator.event,
        "value": indicator.value,
        "caps": dict(indicator.caps),
        "traits": dict(indicator.traits),
        "confirm": indicator.confirm,
        "applies_to": indicator.applies_to,
        "trigger": indicator.trigger,
        "retired": indicator.retired,
    }


def _indicator(row: IndicatorRow) -> Indicator:
    rule = from_json(row.rule)
    return Indicator(
        code=row.code,
        aspect=Aspect(rule["aspect"]),
        name=rule["name"],
        kind=Kind(rule["kind"]),
        event=rule["event"],
        value=rule["value"],
        caps={Window(name): most for name, most in rule["caps"].items()},
        traits=rule["traits"],
        confirm=Confirm(rule["confirm"]),
        applies_to=rule["applies_to"],
        trigger=rule["trigger"],
        since=row.since,
        retired=rule["retired"],
    )


def _scale(row: ScaleRow) -> Scale:
    return scale_of(from_json(row.rule), row.since)
