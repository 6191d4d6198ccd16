"""Turns an application into the demo: the organisation first, then the broadcasts to come, then one on air."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import structlog
from aiohttp import web

from server.app import DATABASE
from server.broadcasts import (
    BROADCASTS,
    BroadcastService,
    CommentMode,
    Links,
    Orientation,
    Plan,
    State,
    Visibility,
)
from server.core.clock import Clock, SystemClock
from server.core.tasks import Tasks
from server.identity import IDENTITY, Identity, Member, Role
from server.settings import Settings

from .on_air import LENGTH, DemoHost
from .organisation import Sample, SampleBroadcast, add_organisation, load_sample

log = structlog.get_logger(__name__)

HOST = "M006"


def add_demo(
    app: web.Application, settings: Settings, *, whip_base: str, clock: Clock | None = None, length: timedelta = LENGTH
) -> None:
    """Load the demo when `app` starts, and stop it when `app` stops.

    `whip_base` is this server's own address; `length` is how long each demo broadcast lasts.
    """

    async def demo(app: web.Application) -> AsyncIterator[None]:
        sample, now = load_sample(), clock or SystemClock()
        tasks = Tasks("demo")
        try:
            await _load(app, sample, now)
            host = await _member(app[IDENTITY], sample.mobile_of(HOST))
            if host is not None:
                links = Links(settings.http.public_url)
                on_air = DemoHost(
                    app[BROADCASTS],
                    host,
                    now,
                    links=links,
                    whip_base=whip_base,
                    data_dir=Path(settings.data_dir),
                    length=length,
                )
                tasks.spawn(on_air.run(), "host")
            yield
        finally:
            await tasks.aclose()

    app.cleanup_ctx.append(demo)


async def _load(app: web.Application, sample: Sample, clock: Clock) -> None:
    fresh = await add_organisation(sample, app[DATABASE], app[IDENTITY], clock)
    for planned in sample.broadcasts(clock.now()):
        host = await _member(app[IDENTITY], planned.host_mobile)
        if host is not None:
            await _plan(app[BROADCASTS], host, planned, clock, fresh=fresh)


async def _plan(service: BroadcastService, host: Member, planned: SampleBroadcast, clock: Clock, *, fresh: bool) -> None:
    """Schedule on the first start; later move what nobody held and is overdue, and leave the rest alone."""
    waiting, _ = await service.page(host, states=frozenset({State.SCHEDULED}), mine=True, after=None, limit=100)
    known = [broadcast for broadcast in waiting if broadcast.title == planned.title]
    if fresh and not known:
        await service.schedule(host, _as_plan(planned))
    for broadcast in known:
        if broadcast.starts_at < clock.now():
            await service.edit(host, broadcast.id, {"starts_at": planned.starts_at})


def _as_plan(planned: SampleBroadcast) -> Plan:
    return Plan(
        title=planned.title,
        intro="",
        starts_at=planned.starts_at,
        minutes_planned=planned.minutes,
        visibility=Visibility(planned.visibility),
        comment_mode=CommentMode(planned.comment_mode),
        orientation=Orientation.LANDSCAPE,
    )


async def _member(identity: Identity, mobile: str) -> Member | None:
    """Somebody of the demo, as if signed in; None when that red host has been removed or changed."""
    people = await identity.find_people(q=mobile, role=Role.RED_HOST, limit=2)
    if len(people) != 1:
        log.warning("demo_host_missing")
        return None
    person = people[0]
    return Member(
        id=person.id,
        name=person.name,
        branch_id=person.branch_id,
        branch_name=person.branch_name,
        status=person.status,
        roles=person.roles,
        session_id="demo",
    )
