"""What the sample's members are asked to read and confirm, and how many of them have. Each happened at its own moment."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import structlog

from server.core.clock import Clock
from server.identity import Identity, Member
from server.tasks import CountsAs, TaskService, Terms, Wanted

from .meetings import At, in_silence, secretary_of
from .organisation import Sample, as_signed_in

log = structlog.get_logger(__name__)

Services = Callable[[Clock], TaskService]
_AFTER = timedelta(hours=3)  # that somebody takes to read it


async def add_tasks(sample: Sample, identity: Identity, services: Services, now: datetime) -> None:
    with in_silence("server.tasks"):
        for given in sample.tasks:
            branch = sample.branches.get(given["branch"])
            secretary = await secretary_of(sample, identity, branch)
            if secretary is not None:
                await _add(sample, identity, services, secretary, given, now)
    log.info("demo_tasks_added", count=len(sample.tasks))


async def _add(
    sample: Sample, identity: Identity, services: Services, secretary: Member, given: dict[str, Any], now: datetime
) -> None:
    """`confirmed` is how many of how many have."""
    begun = now + timedelta(days=given["given"])
    day = now.astimezone(sample.zone).date() + timedelta(days=given["due"])
    due_at = datetime.combine(day, time.fromisoformat(given["time"]), sample.zone).astimezone(UTC)
    own = None if given["branch"] is None else secretary.branch_id
    counts_as = None if given["counts_as"] is None else CountsAs(given["counts_as"])
    terms = Terms(due_at, whole=own is None, branches=() if own is None else (own,), counts_as=counts_as)
    service = services(At(begun))
    made = await service.create(secretary, own, Wanted(given["title"].format(year=day.year), given["text"], (), terms))
    task, hashed = made.seen.task.id, made.seen.version.hash
    await service.give(secretary, task)
    part, of = given["confirmed"]
    reading = services(At(min(begun + _AFTER, now)))
    for place, person in enumerate(await identity.party_members(branch_id=own)):
        if place % of < part:
            await reading.confirming.confirm(as_signed_in(person), task, number=1, hashed=hashed)
