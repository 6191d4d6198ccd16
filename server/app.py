"""The composition root: the only file that knows every feature. Builds, wires, starts and stops.

`build` is synchronous and touches nothing outside; what must be awaited happens in `_lifecycle`, in the order of need, and is
undone in the opposite order. A process serves the web part, the media part, the housekeeping, or all three (`Part`).
"""

import asyncio
import enum
import functools
import json
import os
import random
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from server import __version__
from server.activities import (
    ACTIVITIES,
    MINUTES,
    PLANS,
    ActivityService,
    Cabinet,
    MinutesDesk,
    Plans,
    activity_routes,
)
from server.attendance import (
    ROLL_CALLS,
    ROLL_CALLS_PART,
    ROSTERS,
    WATCHING,
    Credits,
    RollCalls,
    RollCallTicker,
    Rosters,
    Watching,
    attendance_events,
    attendance_routes,
)
from server.broadcasts import (
    BROADCASTS,
    KIND,
    STATE_PART,
    BroadcastRooms,
    BroadcastService,
    BroadcastSurface,
    broadcast_routes,
    install_broadcasts,
)
from server.comments import COMMENTS, COMMENTS_PART, CommentService, comment_events, comment_routes
from server.core.audit import SEAL_EVERY, Audit
from server.core.clock import Clock, SystemClock
from server.core.control import ControlServer, FolderLock
from server.core.control import Handler as ControlHandler
from server.core.db import Database
from server.core.errors import NotFound
from server.core.fanout import HUB, Hub, channel_events
from server.core.hints import Hints, NoHints, NotifyHints, StreamHints
from server.core.http import Endpoint, Routes, mount
from server.core.http.fastlane import RESPONDER
from server.core.http.frame import install_frame
from server.core.http.health import Check, health_routes
from server.core.http.idempotency import IDEMPOTENCY, Idempotency
from server.core.http.openapi import openapi
from server.core.http.pages import add_pages
from server.core.http.peer import HTTP_SETTINGS, client_address
from server.core.ids import digest, new_id
from server.core.journal import Entry, Journal
from server.core.paper import Press
from server.core.sealed import Box
from server.core.signing import Signer
from server.core.sockets import Dispatch, Door, socket_route
from server.core.tasks import Tasks
from server.identity import (
    IDENTITY,
    MEMBER_KIND,
    Callers,
    Identity,
    MemberSurface,
    NoSms,
    ShownSms,
    Sms,
    WebhookSms,
    caller,
    identity_routes,
)
from server.media import MEDIA, MediaService, fast_hls, media_routes
from server.migrations import check_schema, upgrade
from server.moderation import (
    DESK_HELD_PART,
    DESK_KIND,
    DESK_MUTES_PART,
    MODERATION,
    OWN_HELD_PART,
    OWN_MUTES_PART,
    DeskSurface,
    Moderation,
    moderation_routes,
    reports_part,
)
from server.notices import (
    WEBHOOKS,
    Couriers,
    EventType,
    Outbox,
    SystemLookup,
    Webhooks,
    webhook_routes,
)
from server.points import (
    APPRAISING,
    EXEMPTIONS,
    EXPORTING,
    LEDGER,
    OBJECTING,
    OVERVIEW,
    PRINTING,
    PROPOSING,
    PUBLISHING,
    RULING,
    Appraising,
    Exemptions,
    Exporting,
    Ledger,
    LedgerStreams,
    Objecting,
    Overview,
    Printing,
    Proposing,
    Publishing,
    Rulebook,
    Ruling,
    Sealer,
    appraisal_routes,
    points_routes,
    publication_routes,
)
from server.polls import POLLS, POLLS_PART, PollService, PollWatch, poll_events, poll_routes
from server.questions import QUESTIONS, QUESTIONS_PART, QuestionService, question_events, question_routes
from server.reports import REPORTS, ReportService, report_routes
from server.room import NOTICES, ROOM, Notices, RoomService, notices_part, room_events, room_routes
from server.settings import Settings

log = structlog.get_logger(__name__)

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"
MAX_BODY = 16 * 1024 * 1024  # bytes; each route has its own smaller bound
HOUSEKEEPING_SECONDS = 3600.0
DATABASE = web.AppKey("DATABASE", Database)
JOURNAL = web.AppKey("JOURNAL", Journal)
ENDPOINTS = web.AppKey("ENDPOINTS", list[Endpoint])
SETUP_LINK = web.AppKey("SETUP_LINK", list[str])
HINTS = web.AppKey("HINTS", Hints)
DOOR = web.AppKey("DOOR", Door)
AUDIT = web.AppKey("AUDIT", Audit)
RULEBOOK = web.AppKey("RULEBOOK", Rulebook)
SEALER = web.AppKey("SEALER", Sealer)
COURIERS = web.AppKey("COURIERS", Couriers)
LOOKUP = web.AppKey("LOOKUP", SystemLookup)
SIGNER = web.AppKey("SIGNER", Signer)
EVENTS = (channel_events, attendance_events, comment_events, poll_events, question_events, room_events)

_CHANCE = random.SystemRandom().random

DESCRIPTION = (
    "The live-stream companion behind 立白党建. JSON throughout; refusals are RFC 9457 problem details with a stable `code`. "
    "Sign in with `POST /api/v1/session`; state-changing requests need the `Origin` of the site."
)


class Part(enum.Flag):
    """What one process does."""

    WEB = enum.auto()
    MEDIA = enum.auto()
    WORKER = enum.auto()
    ALL = WEB | MEDIA | WORKER


def build(
    settings: Settings, *, part: Part = Part.ALL, clock: Clock | None = None, chance: Callable[[], float] = _CHANCE
) -> web.Application:
    """The whole application, wired but not started."""
    clock = clock or SystemClock()
    database = Database(settings.database_url)
    journal = Journal(database, clock)
    hints = _hints(settings)
    journal.listen(_teller(hints))
    identity = Identity(database, settings.identity, clock, settings.secret_key, sms=_sms(settings, clock))
    broadcasts = BroadcastService(
        database, identity, settings.broadcasts, clock, journal, secret=settings.secret_key, data_dir=settings.data_dir
    )
    media = MediaService(settings.media, broadcasts.authority, clock)
    broadcasts.attach(media)
    audit = Audit(database, clock)
    rooms = BroadcastRooms(broadcasts)
    moderation = Moderation(database, journal, identity, audit, clock, rooms, settings.moderation)

    press = Press()
    rulebook = Rulebook(database, clock)
    sealer = Sealer(database, journal, rulebook, clock)
    ledger = Ledger(database, rulebook, clock, sealer.wake)
    outbox = Outbox(journal, frozenset((EventType.PUBLICATION_OPENED, EventType.PUBLICATION_CLOSED)))
    sources = (LedgerStreams(rulebook), outbox)
    box, lookup = Box(settings.secret_key, "webhook secrets v1"), SystemLookup()

    app = web.Application(client_max_size=MAX_BODY)
    app[HTTP_SETTINGS] = settings.http
    app[DATABASE] = database
    app[JOURNAL] = journal
    app[IDENTITY] = identity
    app[HINTS] = hints
    install_broadcasts(app, broadcasts)
    app[MEDIA] = media
    app[AUDIT] = audit
    app[MODERATION] = moderation
    app[RULEBOOK], app[SEALER], app[LEDGER] = rulebook, sealer, ledger
    app[APPRAISING] = Appraising(database, identity, rulebook, audit, clock)
    app[PUBLISHING] = Publishing(database, identity, rulebook, sealer, audit, outbox, clock)
    app[OBJECTING] = Objecting(database, app[PUBLISHING], rulebook, ledger, audit, clock)
    app[EXPORTING] = Exporting(database, app[PUBLISHING], ledger, audit)
    app[SIGNER] = Signer(settings.signing, settings.data_dir, clock)
    app[PRINTING] = Printing(app[PUBLISHING], app[EXPORTING], press, app[SIGNER])
    app[RULING] = Ruling(database, audit, clock)
    app[EXEMPTIONS] = Exemptions(database, identity, audit, clock)
    app[OVERVIEW] = Overview(database, identity, rulebook, ledger)
    app[PROPOSING] = Proposing(database, identity, ledger, rulebook, audit, clock)
    app[LOOKUP] = lookup
    app[WEBHOOKS] = Webhooks(database, sources, box, lookup, audit, clock, settings.webhooks)
    app[COURIERS] = Couriers(database, sources, box, lookup, clock, settings.webhooks, owner=_process(settings))
    app[COMMENTS] = CommentService(database, journal, broadcasts, moderation, clock)
    app[POLLS] = PollService(database, journal, broadcasts, clock)
    app[QUESTIONS] = QuestionService(database, journal, broadcasts, moderation, ledger, clock)
    app[NOTICES] = Notices(database, journal, broadcasts, clock)
    app[ROOM] = RoomService(database, broadcasts, clock)
    app[ACTIVITIES] = ActivityService(database, journal, identity, broadcasts, ledger, clock, secret=settings.secret_key)
    app[ROLL_CALLS] = RollCalls(database, journal, broadcasts, Credits(app[ACTIVITIES]), clock, chance)
    app[MINUTES] = MinutesDesk(
        app[ACTIVITIES], database, identity, audit, press, Cabinet(settings.data_dir / "attachments"), clock
    )
    app[PLANS] = Plans(database, identity, clock)
    app[ROSTERS] = Rosters(database, identity, broadcasts)
    app[WATCHING] = Watching(database, broadcasts, clock)
    app[REPORTS] = ReportService(broadcasts, app[COMMENTS], app[QUESTIONS], app[POLLS], app[ROOM])
    broadcasts.attach_audience(app[ROOM])
    app[IDEMPOTENCY] = Idempotency(database, clock, _caller_scope)
    app[SETUP_LINK] = []
    install_frame(app, CollectorRegistry())
    helpers = {} if settings.embedded else {"hints": hints.check}
    tables = _routes(part, {"database": database.ping}, helpers)
    app[ENDPOINTS] = mount(app, [*tables, _document_routes()])
    if Part.WEB in part:
        _add_sockets(app, settings, Hub(database, journal, hints, settings.fanout), clock)
        add_pages(app, DIST)
    if Part.MEDIA in part:
        app[RESPONDER] = fast_hls(media, broadcasts.access.allows_now)
    app.cleanup_ctx.append(lambda app: _lifecycle(app, settings, part, clock))
    return app


def _sms(settings: Settings, clock: Clock) -> Sms:
    if settings.identity.sms_url is not None:
        return WebhookSms(settings.identity.sms_url, settings.identity.sms_secret, clock)
    return ShownSms() if settings.demo else NoSms()


def _hints(settings: Settings) -> Hints:
    """Redis where there is one; else PostgreSQL can tell its own processes; one process alone needs neither."""
    if settings.embedded:
        return NoHints()
    return StreamHints(settings.redis_url) if settings.redis_url else NotifyHints(settings.database_url)


def _teller(hints: Hints) -> Callable[[Sequence[Entry]], None]:
    def tell(entries: Sequence[Entry]) -> None:
        for channel, head in {entry.channel: entry.offset for entry in entries}.items():
            hints.tell(channel, head)

    return tell


def _process(settings: Settings) -> str:
    """What this process is called among those that serve one database. Alone, it is always the same one."""
    return "embedded" if settings.embedded else f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id()}"


def _ignore(channel: str, head: int) -> None:
    """A process that serves no sockets only tells."""


def _add_sockets(app: web.Application, settings: Settings, hub: Hub, clock: Clock) -> None:
    broadcasts = app[BROADCASTS]
    hub.surface(KIND, BroadcastSurface(broadcasts.access, settings.broadcasts))
    hub.part(KIND, STATE_PART)
    hub.part(KIND, COMMENTS_PART)
    hub.part(KIND, POLLS_PART)
    hub.part(KIND, QUESTIONS_PART)
    hub.part(KIND, ROLL_CALLS_PART)
    hub.surface(DESK_KIND, DeskSurface(app[MODERATION].rooms))
    for part in (DESK_HELD_PART, DESK_MUTES_PART, reports_part(settings.moderation.reports_to_top)):
        hub.part(DESK_KIND, part)
    hub.surface(MEMBER_KIND, MemberSurface())
    hub.part(MEMBER_KIND, OWN_HELD_PART)
    hub.part(MEMBER_KIND, OWN_MUTES_PART)
    hub.part(KIND, notices_part(app[JOURNAL]))
    app[ROOM].serve(hub)
    app[HUB] = hub
    door = Door(Callers(app[IDENTITY]), Dispatch(EVENTS), hub.leave, settings.sockets, settings.http.origins, clock)
    app[DOOR] = door

    async def say_goodbye(_: web.Application) -> None:
        await door.close()  # before the server waits for its handlers: each open socket is one

    app.on_shutdown.append(say_goodbye)
    socket_route(app, door)


def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    return _document(_routes(Part.ALL, {}, {}))


def _routes(part: Part, checks: Mapping[str, Check], helpers: Mapping[str, Check]) -> list[Routes]:
    tables = [health_routes(__version__, checks, helpers)]
    if Part.WEB in part:
        tables.append(identity_routes())
        tables.append(moderation_routes())
        tables += [points_routes(), publication_routes(), appraisal_routes()]
        tables.append(webhook_routes())
        tables.append(comment_routes())
        tables.append(poll_routes())
        tables.append(report_routes())
        tables.append(question_routes())
        tables.append(room_routes())
        tables.append(activity_routes())
        tables.append(attendance_routes())
    if part & (Part.WEB | Part.MEDIA):
        # A media process answers for its own streams too (state, end, download); nginx sends those addresses to it.
        tables.append(broadcast_routes())
    if Part.MEDIA in part:
        tables.append(media_routes())
    return tables


def _document_routes() -> Routes:
    """The same in every process: callers see one API, whoever answers for which part of it."""
    routes = Routes("documentation")

    @routes.get("/api/openapi.json", who="anyone", summary="This document")
    async def openapi_document(request: web.Request) -> web.Response:
        rendered = await asyncio.to_thread(_rendered_document)
        return web.Response(body=rendered, content_type="application/json", headers={"Cache-Control": "no-cache"})

    @routes.get("/api/docs", who="anyone", summary="This document as a page")
    async def openapi_page(request: web.Request) -> web.StreamResponse:
        page = DIST / "api-docs.html"
        if not page.is_file():
            raise NotFound("not_built", "前端尚未构建，请先运行 make build")
        return web.FileResponse(page, headers={"Cache-Control": "no-cache"})

    return routes


@functools.cache
def _rendered_document() -> bytes:
    """Made when somebody first asks: it takes a tenth of a second, and hardly anybody does."""
    return json.dumps(document(), ensure_ascii=False).encode()


def _document(tables: list[Routes]) -> dict[str, Any]:
    endpoints = [endpoint for table in tables for endpoint in table.endpoints]
    events = [event for table in EVENTS for event in table.both_ways()]
    return openapi(endpoints, events, title="Hongbo", version=__version__, description=DESCRIPTION)


async def _caller_scope(request: web.Request) -> str:
    """Idempotency keys are private to a session, or to an address where nobody is signed in."""
    member = await caller(request)
    return digest(f"session {member.session_id}" if member else f"address {client_address(request)}")


async def _lifecycle(app: web.Application, settings: Settings, part: Part, clock: Clock) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        if settings.embedded:
            stack.enter_context(FolderLock(settings.data_dir))
        database = app[DATABASE]
        stack.push_async_callback(database.close)
        if settings.embedded:
            await upgrade(database)
        else:
            await check_schema(database)
        stack.push_async_callback(app[IDENTITY].aclose)
        stack.callback(app[LOOKUP].close)
        if Part.MEDIA in part:
            _hold_recordings(stack, settings.media.recordings_dir)
            # Closed in the opposite order: first nobody decides about streams any more, then the streams are sealed.
            stack.push_async_callback(app[MEDIA].close)
            await app[MEDIA].start()
            stack.push_async_callback(app[BROADCASTS].close)
            await app[BROADCASTS].start()
        if part & (Part.WEB | Part.MEDIA):
            stack.push_async_callback(app[HINTS].close)
            app[HINTS].start(app[HUB].hint if Part.WEB in part else _ignore)
        if part & (Part.WEB | Part.MEDIA):
            stack.push_async_callback(app[ROOM].close)
            app[ROOM].start()
        if Part.WEB in part:
            await app[SIGNER].check()  # whoever named a file that signs nothing hears of it now
            stack.push_async_callback(app[MODERATION].close)
            await app[MODERATION].start()
            await app[RULEBOOK].plant()
            stack.push_async_callback(app[COMMENTS].close)
            stack.push_async_callback(app[POLLS].close)
            stack.push_async_callback(app[QUESTIONS].close)
            app[QUESTIONS].start()
            stack.push_async_callback(app[HUB].close)
            app[HUB].start()
            watch = PollWatch(app[POLLS], app[HUB])
            stack.push_async_callback(watch.close)
            watch.start()
            stack.push_async_callback(app[ROLL_CALLS].close)
            stack.push_async_callback(app[WATCHING].close)
            ticker = RollCallTicker(app[ROLL_CALLS], app[HUB])
            stack.push_async_callback(ticker.close)
            ticker.start()
            stack.push_async_callback(app[DOOR].close)
            app[DOOR].start()
        if Part.WEB in part and settings.embedded:
            control = ControlServer(settings.data_dir, {"roster": _roster_command(app[IDENTITY])})
            stack.push_async_callback(control.close)
            await control.start()
        if Part.WEB in part and not settings.demo:
            app[SETUP_LINK].extend(filter(None, [await app[IDENTITY].setup_link(settings.http.public_url)]))
        if part & (Part.WEB | Part.WORKER):
            # Whoever credits seals at once; the worker what others have left.
            stack.push_async_callback(app[SEALER].close)
            app[SEALER].start()
        if Part.WORKER in part:
            stack.push_async_callback(app[PUBLISHING].close)
            app[PUBLISHING].start()
            stack.push_async_callback(app[COURIERS].close)
            app[COURIERS].start()
            tasks = Tasks("worker")
            stack.push_async_callback(tasks.aclose)
            tasks.every(HOUSEKEEPING_SECONDS, app[IDENTITY].purge, "purge identity")
            tasks.every(HOUSEKEEPING_SECONDS, app[MINUTES].sweep, "sweep attachments")
            purges = [app[MODERATION].purge, app[COMMENTS].purge, app[POLLS].purge, app[QUESTIONS].purge, app[NOTICES].purge]
            purges.append(app[WATCHING].purge)
            retention = app[BROADCASTS].retention(purges)
            tasks.every(HOUSEKEEPING_SECONDS, retention.purge, "purge rooms")
            tasks.every(HOUSEKEEPING_SECONDS, app[IDEMPOTENCY].purge, "purge idempotency keys")
            tasks.every(HOUSEKEEPING_SECONDS, app[WEBHOOKS].purge, "purge webhooks")
            tasks.every(SEAL_EVERY, app[AUDIT].seal, "seal the audit")
            tasks.every(HOUSEKEEPING_SECONDS, app[ROOM].reactions.purge, "purge reaction batches")
        log.info("started", version=__version__, part=str(part), database=database.url.get_backend_name())
        yield
        log.info("stopping")


def _hold_recordings(stack: AsyncExitStack, folder: Path) -> None:
    """A second process that writes recordings would cut off what the first is writing: Conflict. A folder that cannot be
    written, or locked, is no reason to keep the broadcasts from going on air."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(FolderLock(folder, "recordings.lock"))
    except OSError as error:
        log.error("recordings_not_locked", alarm=True, reason=str(error))


def _roster_command(identity: Identity) -> ControlHandler:
    async def import_roster(content: bytes, query: Mapping[str, str]) -> dict[str, Any]:
        result = await identity.import_roster(content, dry_run=query.get("dry_run") == "1")
        return result.model_dump(mode="json")

    return import_roster
