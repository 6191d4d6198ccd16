"""The whole application, wired but not started: synchronous, and touches nothing outside."""

import random
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry

from server.core.clock import Clock, SystemClock
from server.core.http import mount
from server.core.http.frame import install_frame
from server.core.http.pages import add_pages
from server.settings import Settings

from . import api, broadcasting, ground, meetings, points, rooms, shaking, sockets, talks, telling
from .ground import DATABASE, HINTS
from .lifecycle import lifecycle
from .parts import Part

MAX_BODY = 16 * 1024 * 1024  # bytes; each route has its own smaller bound
_CHANCE = random.SystemRandom().random


def build(
    settings: Settings, *, part: Part = Part.ALL, clock: Clock | None = None, chance: Callable[[], float] = _CHANCE
) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY)
    house = ground.wire(app, settings, clock or SystemClock())
    broadcasting.wire(app, house)
    points.wire(app, house)
    telling.wire(app, house)
    rooms.wire(app, house)
    meetings.wire(app, house, chance)
    talks.wire(app, house)
    shaking.wire(app, house)
    _mount(app, settings, part)
    if Part.WEB in part:
        sockets.wire(app, house)
        add_pages(app, api.DIST)
    if Part.MEDIA in part:
        broadcasting.serve(app)
    app.cleanup_ctx.append(lambda app: lifecycle(app, settings, part))
    return app


def _mount(app: web.Application, settings: Settings, part: Part) -> None:
    """`/readyz` fails without the database; without its helpers a process works on, and says so."""
    install_frame(app, CollectorRegistry())
    helpers = {} if settings.embedded else {"hints": app[HINTS].check}
    tables = api.routes(part, {"database": app[DATABASE].ping}, helpers)
    app[api.ENDPOINTS] = mount(app, [*tables, api.document_routes()])
