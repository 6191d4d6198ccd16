"""Turns an application into the demo: the organisation, what its branches meet, read and shake for, broadcasts, one on air."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from server.activities import ActivityService
from server.app import AUDIT, DATABASE, FURNISHING, JOURNAL, RULEBOOK, SEALER
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
from server.conversations import CONVERSATIONS, BlobFolder, Conversations
from server.core.cabinet import Cabinet
from server.core.clock import Clock, SystemClock
from server.core.tasks import Tasks
from server.identity import IDENTITY, Member, Role
from server.points import Ledger
from server.settings import Settings
from server.shake import Desks, Drawing, Listing, Rounds, Shakes, Shaking, Vault
from server.talks import Afterwards, Talks
from server.tasks import TaskService

from .meetings import add_meetings
from .on_air import LENGTH, DemoHost
from .organisation import Sample, SampleBroadcast, add_organisation, load_sample, member_as
from .shakes import Parts, add_shakes
from .tasks import add_tasks

log = structlog.get_logger(__name__)

HOST = "M006"


def add_demo(
    app: web.Application, settings: Settings, *, whip_base: str, clock: Clock | None = None, length: timedelta = LENGTH
) -> None:
    """Load the demo when `app` starts, and stop it when `app` stops.

    `whip_base` is this server's own address; `length` is how long each demo broadcast lasts.
    """

    sample, now = load_sample(), clock or SystemClock()

    async def demo(app: web.Application) -> AsyncIterator[None]:
        tasks = Tasks("demo")
        try:
            host = await member_as(app[IDENTITY], sample.mobile_of(HOST), Role.RED_HOST)
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

    app[FURNISHING].append(lambda app: _load(app, sample, now, settings))
    app.cleanup_ctx.append(demo)


async def _load(app: web.Application, sample: Sample, clock: Clock, settings: Settings) -> None:
    fresh = await add_organisation(sample, app[DATABASE], app[IDENTITY], clock)
    if fresh:
        await add_meetings(sample, app[IDENTITY], partial(_activities, app, settings), clock.now())
        await add_tasks(sample, app[IDENTITY], partial(_tasks, app, settings), clock.now())
    await add_shakes(sample, app[IDENTITY], partial(_shakes, app, settings), clock.now(), fresh=fresh)
    for planned in sample.broadcasts(clock.now()):
        host = await member_as(app[IDENTITY], planned.host_mobile, Role.RED_HOST)
        if host is not None:
            await _plan(app[BROADCASTS], host, planned, clock, fresh=fresh)


def _activities(app: web.Application, settings: Settings, clock: Clock) -> ActivityService:
    """As the application's own, at another time."""
    database = app[DATABASE]
    ledger = Ledger(database, app[RULEBOOK], clock, app[SEALER].wake)
    secret = settings.secret_key
    return ActivityService(database, app[JOURNAL], app[IDENTITY], app[BROADCASTS], ledger, clock, secret=secret)


def _tasks(app: web.Application, settings: Settings, clock: Clock) -> TaskService:
    database = app[DATABASE]
    ledger = Ledger(database, app[RULEBOOK], clock, app[SEALER].wake)
    cabinet = Cabinet(settings.data_dir / "task-files")
    return TaskService(database, app[JOURNAL], app[IDENTITY], ledger, app[AUDIT], cabinet, clock)


def _shakes(app: web.Application, settings: Settings, clock: Clock) -> Parts:
    database, journal, identity, secret = app[DATABASE], app[JOURNAL], app[IDENTITY], settings.secret_key
    ledger = Ledger(database, app[RULEBOOK], clock, app[SEALER].wake)
    conversations = Conversations(database, journal, clock, BlobFolder(settings.data_dir / "talk-files"))
    talks, vault = Talks(database, journal, conversations, ledger, app[AUDIT], clock), Vault(secret)
    limits = settings.shake
    shakes, listing = Shakes(database, journal, identity, vault, clock), Listing(database, journal, clock)
    drawing = Drawing(database, journal, shakes, talks, vault, limits, clock)
    return Parts(
        shakes=shakes,
        rounds=Rounds(database, journal, shakes, drawing, listing, limits, clock),
        shaking=Shaking(database, shakes, vault, clock),
        drawing=drawing,
        desks=Desks(database, shakes, identity, talks, clock),
        talks=talks,
        conversations=conversations,
        afterwards=Afterwards(talks, journal, secret, clock, app[CONVERSATIONS].eraser.wake),
    )


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
