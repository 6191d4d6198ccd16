"""What the sample's branches meet for: months of it behind them with who was there, one whose check-in runs, some to come.

What lies behind happened then: for each the services stand at its own moment, so that times and points are those of that day.
Nothing is added again once it is there, whatever visitors of the demo have made of it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog

from server.activities import ActivityKind, ActivityService, ActivityState, Plan, Way
from server.core.clock import Clock
from server.identity import Identity, Member, Role

from .organisation import ADMINISTRATOR, Sample, member_as

log = structlog.get_logger(__name__)

Services = Callable[[Clock], ActivityService]
_BEFORE = timedelta(minutes=10)  # how long ago the check-in that is running was opened
_EVERY = 9  # one in so many is absent from a monthly theme day


@dataclass(frozen=True, slots=True)
class At:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


@dataclass(frozen=True, slots=True)
class Meeting:
    """`branch` by its name, None for the committee's. `absent`: why, by the person's name."""

    kind: ActivityKind
    branch: str | None
    title: str
    starts_at: datetime
    minutes: int
    place: str = ""
    intro: str = ""
    seats: int | None = None
    absent: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def meetings(sample: Sample, now: datetime) -> list[Meeting]:
    """Of the sample and of the months before `now`, the oldest first."""
    today = now.astimezone(sample.zone).date()
    named = [_meeting(sample, each, today, now) for each in sample.meetings]
    return sorted([*named, *_theme_days(sample, today)], key=lambda each: each.starts_at)


def _meeting(sample: Sample, given: Mapping[str, Any], today: date, now: datetime) -> Meeting:
    """Without a time of day: now."""
    names = {person.ref: person.name for person in sample.people}
    starts, hour = given["starts"], given["starts"].get("time")
    day = today + timedelta(days=starts["rel_days"])
    return Meeting(
        kind=ActivityKind(given["kind"]),
        branch=sample.branches.get(given["branch"]),
        title=given["title"],
        starts_at=now - _BEFORE
        if hour is None
        else datetime.combine(day, time.fromisoformat(hour), sample.zone).astimezone(UTC),
        minutes=given["minutes"],
        place=given["place"],
        intro=given.get("intro", ""),
        seats=given.get("seats"),
        absent={names[ref]: why for ref, why in given.get("absent", {}).items()},
    )


def _theme_days(sample: Sample, today: date) -> list[Meeting]:
    """One a month in each branch, in the months before this one."""
    plan = sample.theme_days
    made: list[Meeting] = []
    first = today.replace(day=1)
    for back in range(plan["months"]):
        first = (first - timedelta(days=1)).replace(day=1)
        for nth, branch in enumerate(sample.branches.values()):
            day = first + timedelta(days=plan["day"] - 1 + nth)
            away = {
                person.name: plan["reasons"][place % len(plan["reasons"])]
                for place, person in enumerate(sample.people)
                if person.branch == branch and (place * 7 + back * 4) % _EVERY == 0
            }
            made.append(
                Meeting(
                    ActivityKind.THEME_DAY,
                    branch,
                    plan["titles"][(back + nth) % len(plan["titles"])],
                    datetime.combine(day, time.fromisoformat(plan["time"]), sample.zone).astimezone(UTC),
                    plan["minutes"],
                    place=sample.cities[branch],
                    absent=away,
                )
            )
    return made


async def add_meetings(sample: Sample, identity: Identity, services: Services, now: datetime) -> None:
    secretaries = {branch: await secretary_of(sample, identity, branch) for branch in (None, *sample.branches.values())}
    other = await member_as(identity, sample.mobile_of(ADMINISTRATOR), Role.AFFAIRS_STAFF)
    planned = meetings(sample, now)
    with in_silence("server.activities"):
        for meeting in planned:
            secretary = secretaries[meeting.branch]
            if secretary is not None and other is not None:
                await _add(services, secretary, other, meeting, now)
    log.info("demo_meetings_added", count=len(planned))


@contextmanager
def in_silence(name: str) -> Iterator[None]:
    """Whoever tries the demo need not read of months."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    yield
    logger.setLevel(level)


async def _add(services: Services, secretary: Member, other: Member, meeting: Meeting, now: datetime) -> None:
    begun = meeting.starts_at <= now
    service = services(At(meeting.starts_at if begun else now))
    plan = Plan(
        meeting.kind,
        meeting.title,
        meeting.starts_at,
        meeting.ends_at,
        branch_id=None if meeting.branch is None else secretary.branch_id,
        place=meeting.place,
        intro=meeting.intro,
        seats=meeting.seats,
    )
    made = (await service.create(secretary, plan, draft=False)).activity
    if begun:
        await service.move(secretary, made.id, ActivityState.OPEN)
    if meeting.ends_at <= now:
        await _hold(service, secretary, other, made.id, meeting.absent)
        await services(At(meeting.ends_at)).move(secretary, made.id, ActivityState.CLOSED)


async def _hold(
    service: ActivityService, secretary: Member, other: Member, activity_id: str, absent: Mapping[str, str]
) -> None:
    """Nobody marks themselves, so somebody else marks the secretary."""
    expected, _ = await service.roll.people(secretary, activity_id)
    names = await service.names({part.member_id for part in expected})
    away = {each: absent[person.name] for each, person in names.items() if person.name in absent}
    came = set(names) - set(away)
    await service.roll.mark(secretary, activity_id, came - {secretary.id}, Way.TICKED, "")
    await service.roll.mark(other, activity_id, came & {secretary.id}, Way.TICKED, "")
    for member_id, why in away.items():
        await service.roll.excuse(secretary, activity_id, member_id, why)


async def secretary_of(sample: Sample, identity: Identity, branch: str | None) -> Member | None:
    role = Role.COMMITTEE_SECRETARY if branch is None else Role.BRANCH_SECRETARY
    for person in sample.people:
        if role in person.roles and branch in (None, person.branch):
            return await member_as(identity, person.mobile, role)
    return None
