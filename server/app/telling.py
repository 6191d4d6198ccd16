"""What other systems are told: webhooks, and the couriers that carry them out."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.core.http import Routes
from server.core.sealed import Box
from server.core.tasks import Tasks
from server.notices import WEBHOOKS, Couriers, SystemLookup, Webhooks, webhook_routes
from server.points import LedgerStreams

from .ground import HOUSEKEEPING_SECONDS, PULSE, Ground
from .points import OUTBOX, RULEBOOK

COURIERS = web.AppKey("COURIERS", Couriers)
LOOKUP = web.AppKey("LOOKUP", SystemLookup)


def wire(app: web.Application, ground: Ground) -> None:
    """After the points: theirs is what there is to tell."""
    database, clock, settings = ground.database, ground.clock, ground.settings.webhooks
    sources = (LedgerStreams(app[RULEBOOK]), app[OUTBOX])
    box, lookup = Box(ground.settings.secret_key, "webhook secrets v1"), SystemLookup()
    app[LOOKUP] = lookup
    app[WEBHOOKS] = Webhooks(database, sources, box, lookup, ground.audit, clock, settings)
    app[COURIERS] = Couriers(database, sources, box, lookup, clock, settings, owner=ground.process)


def routes() -> list[Routes]:
    return [webhook_routes()]


def start(stack: AsyncExitStack, app: web.Application) -> None:
    """In every process: whoever writes down an address looks it up."""
    stack.callback(app[LOOKUP].close)


def start_couriers(stack: AsyncExitStack, app: web.Application) -> None:
    stack.push_async_callback(app[COURIERS].close)
    app[COURIERS].join(app[PULSE])


def work(tasks: Tasks, app: web.Application) -> None:
    tasks.every(HOUSEKEEPING_SECONDS, app[WEBHOOKS].purge, "purge webhooks")
