"""Couriers: each carries one endpoint's events to it, beside the others, so that a slow one costs them nothing.

One process has an endpoint at a time, by a lease it renews; whoever comes after one that was killed goes on where the database
says. An event is marked after its answer, so a kill in between sends it once more and loses nothing (at least once). Events of
one key go out one after the other, in their order; while one is tried again, those behind it wait. One that died is skipped,
and what comes after it says by its number that something is missing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import structlog
from pydantic_core import to_json

from ..core.clock import Clock, rfc3339
from ..core.db import Database, Session
from ..core.ids import new_id
from ..core.pulse import Pulse
from ..core.sealed import Box
from ..core.tasks import Tasks
from . import model, store
from .addresses import Lookup
from .model import Attempt, Delivery, DeliveryState, Endpoint, EndpointState, Event, Outcome, PauseReason
from .outbox import Source
from .sending import Sender
from .settings import WebhookSettings

log = structlog.get_logger(__name__)

WINDOW = 500
"""So many events of an endpoint wait as deliveries; the rest waits in its stream."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FAREWELL = 3.0  # s for what is on its way when the process ends


@dataclass(slots=True)
class _Round:
    """What one courier has under way."""

    sender: Sender
    under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    leased_at: float = float("-inf")


class Couriers:
    """`owner` names the process. `box` opens the endpoints' secrets."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[Source],
        box: Box,
        lookup: Lookup,
        clock: Clock,
        settings: WebhookSettings,
        *,
        owner: str,
    ) -> None:
        self._database, self._sources, self._box, self._lookup = database, sources, box, lookup
        self._clock, self._settings, self._owner = clock, settings, owner
        self._tasks = Tasks("couriers")
        self._sending = Tasks("deliveries")
        self._carried: set[str] = set()
        self._chance = Random()

    def join(self, pulse: Pulse) -> None:
        """Where endpoints are looked for."""
        pulse.add("couriers", store.any_active(), self._look)

    async def close(self) -> None:
        await self._tasks.aclose()
        await self._sending.finish(_FAREWELL)
        await self._sending.aclose()
        try:
            async with self._database.transaction() as session:
                await store.release(session, self._owner)
        except Exception:  # then the others wait until it has run out
            log.warning("leases_not_released", exc_info=True)

    async def _look(self) -> None:
        async with self._database.reading() as session:
            found = await store.free_or_own(session, self._owner, self._clock.now())
        for endpoint_id in found:
            if endpoint_id not in self._carried:
                self._carried.add(endpoint_id)
                self._tasks.spawn(self._carry(endpoint_id), f"carry to {endpoint_id}")

    async def _carry(self, endpoint_id: str) -> None:
        """As long as the endpoint is active and ours."""
        round_ = _Round(Sender(self._lookup, self._settings))
        try:
            while (endpoint := await self._hold(endpoint_id, round_)) is not None:
                await self._take_up(endpoint)
                if await self._send_due(endpoint, round_):
                    continue
                if round_.under_way:
                    under_way = round_.under_way.values()
                    await asyncio.wait(under_way, timeout=self._settings.look, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(self._settings.look)
        finally:
            self._carried.discard(endpoint_id)

    async def _hold(self, endpoint_id: str, round_: _Round) -> Endpoint | None:
        """The endpoint as it is now, its lease renewed when a third has gone; None if it is not ours to carry to."""
        if self._clock.monotonic() - round_.leased_at > self._settings.lease / 3:
            now = self._clock.now()
            async with self._database.transaction() as session:
                until = now + timedelta(seconds=self._settings.lease)
                if not await store.take(session, endpoint_id, self._owner, now, until):
                    return None
            round_.leased_at = self._clock.monotonic()
        async with self._database.reading() as session:
            endpoint = await store.endpoint(session, endpoint_id)
        return endpoint if endpoint is not None and endpoint.state is EndpointState.ACTIVE else None

    # What is new

    async def _take_up(self, endpoint: Endpoint) -> None:
        """Make deliveries of what the streams have beyond the cursors, as far as the window has room."""
        async with self._database.snapshot() as session:
            cursors = await store.cursors(session, endpoint.id)
            behind = await self._behind(session, cursors)
            room = WINDOW - await store.waiting(session, endpoint.id) if behind else 0
            events, moved = await self._read(session, endpoint, cursors, behind, room)
        if not moved:
            return
        now = self._clock.now()
        made = [_delivery(endpoint.id, each, now) for each in events]
        async with self._database.transaction() as session:
            until = now + timedelta(seconds=self._settings.lease)
            # The lease holds the endpoint until the commit: nobody else moves its cursors, and they are as they were read.
            ours = await store.take(session, endpoint.id, self._owner, now, until)
            if ours and cursors == await store.cursors(session, endpoint.id):
                await store.add_deliveries(session, made)
                await store.move(session, endpoint.id, moved)

    async def _behind(self, session: Session, cursors: dict[str, int]) -> list[tuple[Source, str, int]]:
        """The streams that have more, with their heads."""
        return [
            (source, stream, head)
            for source in self._sources
            for stream, head in (await source.heads(session)).items()
            if head > cursors.get(stream, 0)
        ]

    async def _read(
        self,
        session: Session,
        endpoint: Endpoint,
        cursors: dict[str, int],
        behind: Sequence[tuple[Source, str, int]],
        room: int,
    ) -> tuple[list[Event], dict[str, int]]:
        events: list[tuple[datetime, Event]] = []
        moved: dict[str, int] = {}
        for nth, (source, stream, head) in enumerate(behind):
            if endpoint.events.isdisjoint(source.types):
                moved[stream] = head
                continue
            share = (room - len(events)) // (len(behind) - nth)
            found = await source.read(session, stream, after=cursors.get(stream, 0), limit=share) if share > 0 else ()
            latest = _BEGINNING
            for number, event in found:
                moved[stream], latest = number, max(latest, event.at)
                if event.type in endpoint.events:
                    events.append((latest, event))
        # By time across the streams, and within each as it is numbered.
        return [event for _, event in sorted(events, key=lambda each: each[0])], moved

    # On its way

    async def _send_due(self, endpoint: Endpoint, round_: _Round) -> bool:
        """Start what may be sent; whether anything was."""
        for delivery_id in [each for each, task in round_.under_way.items() if task.done()]:
            del round_.under_way[delivery_id]
        now = self._clock.now()
        if endpoint.not_before is not None and endpoint.not_before > now:
            return False
        most = 1 if endpoint.failures >= model.STRAINED else self._settings.concurrency
        if (free := most - len(round_.under_way)) <= 0:
            return False
        async with self._database.snapshot() as session:
            # What has just come back may have paused it, and be due again when it goes on.
            since = await store.endpoint(session, endpoint.id)
            due = await store.due(session, endpoint.id, now, most + len(round_.under_way))
        if since is None or since.state is not EndpointState.ACTIVE:
            return False
        fresh = [each for each in due if each.id not in round_.under_way][:free]
        if not fresh:
            return False
        known = secrets_of(endpoint, self._box, self._clock)
        if not known:
            await self._pause(endpoint.id, PauseReason.SECRET_LOST)
            return False
        for each in fresh:
            work = self._deliver(endpoint, each, known, round_.sender)
            round_.under_way[each.id] = self._sending.spawn(work, f"deliver {each.id}")
        return True

    async def _deliver(self, endpoint: Endpoint, delivery: Delivery, known: Sequence[str], sender: Sender) -> None:
        headers = model.headers(delivery, known, self._clock.now())
        outcome = await sender.send(endpoint.url, delivery.body.encode(), headers)
        await self._mark(endpoint.id, delivery, outcome)

    async def _mark(self, endpoint_id: str, delivery: Delivery, outcome: Outcome) -> None:
        now = self._clock.now()
        async with self._database.transaction() as session:
            endpoint = await store.endpoint(session, endpoint_id, lock=True)
            if endpoint is None:
                return  # removed meanwhile
            store.log(session, Attempt(new_id(), endpoint_id, delivery.id, delivery.type, now, outcome))
            after = _after(delivery, outcome, now, self._chance)
            await store.mark(session, delivery.id, **after)
            await store.change(session, endpoint_id, **_health(endpoint, outcome, now, self._chance))
        if not outcome.delivered:
            log.info("webhook_failed", endpoint_id=endpoint_id, status=outcome.status, reason=outcome.error, ms=outcome.ms)
        if after.get("state") == DeliveryState.DEAD.value:
            log.warning("webhook_dead", endpoint_id=endpoint_id, event_id=delivery.event_id)

    async def _pause(self, endpoint_id: str, reason: PauseReason) -> None:
        async with self._database.transaction() as session:
            await store.change(session, endpoint_id, state=EndpointState.PAUSED.value, reason=reason.value)
        log.error("webhook_paused", endpoint_id=endpoint_id, reason=reason.value)


def secrets_of(endpoint: Endpoint, box: Box, clock: Clock) -> list[str]:
    """What its deliveries are signed with, the newest first; none where SECRET_KEY has become another one."""
    sealed = [endpoint.secret]
    if endpoint.previous is not None and endpoint.previous_until is not None and clock.now() < endpoint.previous_until:
        sealed.append(endpoint.previous)
    opened = [box.open(each, endpoint.id) for each in sealed]
    return [] if opened[0] is None else [each for each in opened if each is not None]


def _delivery(endpoint_id: str, event: Event, now: datetime) -> Delivery:
    body = to_json({"type": event.type, "timestamp": rfc3339(event.at), "data": dict(event.data)}).decode()
    return Delivery(
        id=new_id(),
        endpoint_id=endpoint_id,
        event_id=event.id,
        type=event.type,
        key=event.key,
        body=body,
        state=DeliveryState.WAITING,
        attempts=0,
        redeliveries=0,
        next_at=now,
        made_at=now,
    )


def _after(delivery: Delivery, outcome: Outcome, now: datetime, chance: Random) -> dict[str, object]:
    """What becomes of a delivery."""
    attempts = delivery.attempts + 1
    values: dict[str, object] = {"attempts": attempts, "status": outcome.status, "error": outcome.error}
    if outcome.delivered:
        return values | {"state": DeliveryState.DELIVERED.value, "ended_at": now}
    if outcome.gone:
        return values | {"next_at": now}  # the endpoint is paused; once somebody lets it go on, this is first
    if (again := model.retry_at(attempts, now, chance)) is None:
        return values | {"state": DeliveryState.DEAD.value, "ended_at": now}
    return values | {"next_at": again}


def _health(endpoint: Endpoint, outcome: Outcome, now: datetime, chance: Random) -> dict[str, object]:
    """What becomes of an endpoint."""
    if outcome.delivered:
        return {"failures": 0, "failing_since": None, "not_before": None, "last_success_at": now, "last_error": ""}
    since = endpoint.failing_since or now
    failures = endpoint.failures + 1
    values: dict[str, object] = {
        "failures": failures,
        "failing_since": since,
        "not_before": model.rest(failures, outcome.retry_after, now, chance),
        "last_error": outcome.error or str(outcome.status),
    }
    reason = PauseReason.GONE if outcome.gone else PauseReason.FAILING if model.is_given_up(since, now) else None
    if reason is not None and endpoint.state is EndpointState.ACTIVE:
        log.error("webhook_paused", endpoint_id=endpoint.id, reason=reason.value)
        values |= {"state": EndpointState.PAUSED.value, "reason": reason.value}
    return values
