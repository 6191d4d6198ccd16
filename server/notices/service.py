"""Endpoints of webhooks: use cases of those who keep them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from ..core.audit import Act, Actor, Audit
from ..core.clock import Clock, rfc3339
from ..core.db import Database, Session
from ..core.errors import Conflict, Invalid, NotFound
from ..core.ids import is_id, new_id
from ..core.sealed import Box
from ..core.texts import written
from ..identity import Member
from . import model, store
from .addresses import Lookup, checked_url
from .couriers import secrets_of
from .model import Attempt, Delivery, DeliveryState, Endpoint, EndpointState, EventType, Outcome, PauseReason
from .outbox import Source
from .sending import Sender
from .settings import WebhookSettings
from .store import Counts

_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Kept:
    """An endpoint with how many deliveries wait and how many are dead letters."""

    endpoint: Endpoint
    counts: Counts


class Webhooks:
    def __init__(
        self,
        database: Database,
        sources: Sequence[Source],
        box: Box,
        lookup: Lookup,
        audit: Audit,
        clock: Clock,
        settings: WebhookSettings,
    ) -> None:
        self._database, self._sources, self._box, self._lookup = database, sources, box, lookup
        self._audit, self._clock, self._settings = audit, clock, settings

    async def endpoints(self) -> list[Kept]:
        """The oldest first."""
        async with self._database.snapshot() as session:
            found = await store.endpoints(session)
            counts = await store.counts(session, [each.id for each in found])
        return [Kept(self._current(each), counts[each.id]) for each in found]

    async def endpoint(self, endpoint_id: str) -> Kept:
        """Raise NotFound `endpoint_not_found`."""
        async with self._database.snapshot() as session:
            found = await self._find(session, endpoint_id)
            return Kept(self._current(found), (await store.counts(session, [found.id]))[found.id])

    async def make(
        self, member: Member, *, name: str, url: str, events: Collection[EventType], since: date | None
    ) -> tuple[Kept, str]:
        """An endpoint and its secret, which nobody sees again. It hears of everything that comes after this moment, or was
        recorded from the day `since` on. Raise Invalid `url_unfit`, `text_empty`, `events_missing`, `day_to_come`, Conflict
        `too_many_endpoints`."""
        now, secret, endpoint_id = self._clock.now(), model.new_secret(), new_id()
        if since is not None and since > now.astimezone(_CHINA).date():
            raise Invalid("day_to_come", "补发的起始日期不能晚于今天")
        made = Endpoint(
            id=endpoint_id,
            name=written(name, most=model.NAME_MOST),
            url=checked_url(url, self._settings),
            events=_wanted(events),
            state=EndpointState.ACTIVE,
            reason=None,
            made_at=now,
            made_by=member.id,
            secret=self._box.seal(secret, endpoint_id),
        )
        async with self._database.transaction() as session:
            if len(await store.endpoints(session)) >= model.MOST_ENDPOINTS:
                raise Conflict("too_many_endpoints", f"最多设 {model.MOST_ENDPOINTS} 个推送地址")
            store.add(session, made)
            await session.flush()
            await store.move(session, endpoint_id, await self._beginnings(session, since))
            self._note(session, "webhook.made", made, member)
        return Kept(made, Counts()), secret

    async def change(
        self, member: Member, endpoint_id: str, *, name: str | None, url: str | None, events: Collection[EventType] | None
    ) -> Kept:
        """Only what is given. Raise what `make` raises, and NotFound."""
        values: dict[str, object] = {}
        if name is not None:
            values["name"] = written(name, most=model.NAME_MOST)
        if url is not None:
            values["url"] = checked_url(url, self._settings)
        if events is not None:
            values["events"] = _wanted(events)
        return await self._changed(member, endpoint_id, "webhook.changed", values)

    async def pause(self, member: Member, endpoint_id: str) -> Kept:
        """What comes meanwhile is delivered afterwards."""
        values = {"state": EndpointState.PAUSED.value, "reason": PauseReason.BY_HAND.value}
        return await self._changed(member, endpoint_id, "webhook.paused", values)

    async def resume(self, member: Member, endpoint_id: str) -> Kept:
        values = {
            "state": EndpointState.ACTIVE.value,
            "reason": None,
            "failures": 0,
            "failing_since": None,
            "not_before": None,
        }
        return await self._changed(member, endpoint_id, "webhook.resumed", values)

    async def rotate(self, member: Member, endpoint_id: str) -> tuple[Kept, str]:
        """A new secret; the one before is signed with too for a day."""
        secret = model.new_secret()
        async with self._database.transaction() as session:
            before = await self._find(session, endpoint_id, lock=True)
            values = {
                "secret": self._box.seal(secret, endpoint_id),
                "previous": before.secret,
                "previous_until": self._clock.now() + model.ROTATION,
            }
            await store.change(session, endpoint_id, **values)
            self._note(session, "webhook.rotated", before, member)
        return await self.endpoint(endpoint_id), secret

    async def remove(self, member: Member, endpoint_id: str) -> None:
        """With everything that was to be delivered to it."""
        async with self._database.transaction() as session:
            self._note(session, "webhook.removed", await self._find(session, endpoint_id, lock=True), member)
            await store.remove(session, endpoint_id)

    async def test(self, member: Member, endpoint_id: str) -> Outcome:
        """Send something that says it is a test, now and once. Raise NotFound, Conflict `secret_lost`."""
        async with self._database.reading() as session:
            endpoint = await self._find(session, endpoint_id)
        now = self._clock.now()
        known = secrets_of(endpoint, self._box, self._clock)
        if not known:
            raise Conflict("secret_lost", "签名密钥已经读不出来，请先更换密钥")
        body = {"type": model.TEST, "timestamp": rfc3339(now), "data": {"endpoint": endpoint.name}}
        sent = Delivery(
            id=new_id(),
            endpoint_id=endpoint_id,
            event_id=f"test_{new_id()}",
            type=model.TEST,
            key="",
            body=to_json(body).decode(),
            state=DeliveryState.WAITING,
            attempts=0,
            redeliveries=0,
            next_at=now,
            made_at=now,
        )
        sender = Sender(self._lookup, self._settings)
        outcome = await sender.send(endpoint.url, sent.body.encode(), model.headers(sent, known, now))
        async with self._database.transaction() as session:
            await self._find(session, endpoint_id, lock=True)
            store.log(session, Attempt(new_id(), endpoint_id, None, model.TEST, now, outcome))
            self._note(session, "webhook.tested", endpoint, member)
        return outcome

    async def deliveries(
        self, endpoint_id: str, state: DeliveryState, *, after: str | None, limit: int
    ) -> tuple[list[Delivery], str | None]:
        """The newest first. Raise NotFound."""
        async with self._database.reading() as session:
            await self._find(session, endpoint_id)
            found = await store.deliveries(session, endpoint_id, state, before=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def attempts(self, endpoint_id: str, *, after: str | None, limit: int) -> tuple[list[Attempt], str | None]:
        """The newest first. Raise NotFound."""
        async with self._database.reading() as session:
            await self._find(session, endpoint_id)
            found = await store.attempts(session, endpoint_id, before=after, limit=limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def redeliver(self, member: Member, endpoint_id: str, only: Collection[str] | None) -> int:
        """Send dead letters again, all of them or those named; how many. Raise NotFound."""
        async with self._database.transaction() as session:
            endpoint = await self._find(session, endpoint_id, lock=True)
            again = await store.redeliver(session, endpoint_id, self._clock.now(), only=only)
            self._note(session, "webhook.redelivered", endpoint, member)
        return again

    async def purge(self) -> None:
        """The log is kept for thirty days, dead letters for half a year."""
        now = self._clock.now()
        async with self._database.transaction() as session:
            await store.purge(session, log_before=now - model.LOG_KEPT, dead_before=now - model.DEAD_KEPT)

    # Inside

    async def _changed(self, member: Member, endpoint_id: str, act: str, values: Mapping[str, object]) -> Kept:
        async with self._database.transaction() as session:
            before = await self._find(session, endpoint_id, lock=True)
            if values:
                await store.change(session, endpoint_id, **values)
            self._note(session, act, before, member)
        return await self.endpoint(endpoint_id)

    async def _find(self, session: Session, endpoint_id: str, *, lock: bool = False) -> Endpoint:
        found = await store.endpoint(session, endpoint_id, lock=lock) if is_id(endpoint_id) else None
        if found is None:
            raise NotFound("endpoint_not_found", "没有这个推送地址，可能已被删除")
        return found

    def _current(self, endpoint: Endpoint) -> Endpoint:
        """Without the secret before, where its time is over."""
        until = endpoint.previous_until
        over = until is not None and until <= self._clock.now()
        return replace(endpoint, previous=None, previous_until=None) if over else endpoint

    async def _beginnings(self, session: Session, since: date | None) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for source in self._sources:
            if since is None:
                numbers |= await source.heads(session)
            else:
                numbers |= await source.stood(session, datetime.combine(since, time(), _CHINA))
        return numbers

    def _note(self, session: Session, name: str, endpoint: Endpoint, member: Member) -> None:
        roles = tuple(sorted(role.value for role in member.roles))
        self._audit.note(session, Act(name, "webhook", endpoint.id), Actor(member.id, member.name, roles))


def _wanted(events: Collection[EventType]) -> frozenset[str]:
    if not events:
        raise Invalid("events_missing", "请至少选择一种要推送的事件")
    return frozenset(each.value for each in events)
