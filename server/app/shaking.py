"""摇一摇, 书记聊一聊: a session leads to talks."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.activities import ACTIVITIES
from server.core.fanout import HUB
from server.core.http import Routes
from server.shake import (
    DESKS,
    DRAWING,
    PROOFS,
    ROUNDS,
    SHAKES,
    SHAKING,
    Calendar,
    Desks,
    Drawing,
    Listing,
    Proofs,
    Rounds,
    Shakes,
    ShakeTicker,
    Shaking,
    Vault,
    shake_routes,
)
from server.talks import TALKS

from .ground import PULSE, Ground


def wire(app: web.Application, ground: Ground) -> None:
    """After the talks, and the activities, whose calendar shows sessions too."""
    database, journal, identity, clock = ground.database, ground.journal, ground.identity, ground.clock
    talks, limits, vault = app[TALKS], ground.settings.shake, Vault(ground.settings.secret_key)
    shakes, listing = Shakes(database, journal, identity, vault, clock), Listing(database, journal, clock)
    drawing = Drawing(database, journal, shakes, talks, vault, limits, clock)
    app[SHAKES], app[DRAWING] = shakes, drawing
    app[ROUNDS] = Rounds(database, journal, shakes, drawing, listing, limits, clock)
    app[SHAKING] = Shaking(database, shakes, vault, clock)
    app[PROOFS] = Proofs(database, shakes, listing, limits)
    app[DESKS] = Desks(database, shakes, identity, talks, clock)
    app[ACTIVITIES].feed.attach(Calendar(database))


def routes() -> list[Routes]:
    return [shake_routes()]


def start(stack: AsyncExitStack, app: web.Application) -> None:
    """After the hub: it tells how many have shaken."""
    stack.push_async_callback(app[SHAKING].close)
    ShakeTicker(app[SHAKES], app[ROUNDS], app[DRAWING], app[SHAKING], app[HUB]).join(app[PULSE])
