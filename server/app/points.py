"""The ledger and its rules, what people propose and object to, publications and their files, the yearly appraisal."""

from contextlib import AsyncExitStack

from aiohttp import web

from server.broadcasts import BROADCASTS, Hosting
from server.core.http import Routes
from server.core.signing import Signer
from server.notices import EventType, Outbox
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
    Bringing,
    Exemptions,
    Exporting,
    Ledger,
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

from .ground import PULSE, Ground

RULEBOOK = web.AppKey("RULEBOOK", Rulebook)
SEALER = web.AppKey("SEALER", Sealer)
SIGNER = web.AppKey("SIGNER", Signer)
OUTBOX = web.AppKey("OUTBOX", Outbox)


def wire(app: web.Application, ground: Ground) -> None:
    database, journal, identity = ground.database, ground.journal, ground.identity
    audit, clock, settings = ground.audit, ground.clock, ground.settings
    rulebook = Rulebook(database, clock)
    sealer = Sealer(database, journal, rulebook, clock)
    ledger = Ledger(database, rulebook, clock, sealer.wake)
    outbox = Outbox(journal, frozenset((EventType.PUBLICATION_OPENED, EventType.PUBLICATION_CLOSED)))
    app[RULEBOOK], app[SEALER], app[LEDGER], app[OUTBOX] = rulebook, sealer, ledger, outbox
    app[APPRAISING] = Appraising(database, identity, rulebook, audit, clock)
    app[PUBLISHING] = Publishing(database, identity, rulebook, sealer, audit, outbox, clock)
    app[OBJECTING] = Objecting(database, app[PUBLISHING], rulebook, ledger, audit, clock)
    app[EXPORTING] = Exporting(database, app[PUBLISHING], ledger, audit)
    app[SIGNER] = Signer(settings.signing, settings.data_dir, clock)
    app[PRINTING] = Printing(app[PUBLISHING], app[EXPORTING], ground.press, app[SIGNER])
    app[RULING] = Ruling(database, audit, clock)
    app[EXEMPTIONS] = Exemptions(database, identity, audit, clock)
    app[OVERVIEW] = Overview(database, identity, rulebook, ledger)
    app[PROPOSING] = Proposing(database, identity, ledger, rulebook, audit, clock)
    app[BROADCASTS].attach_hosting(Hosting(Bringing(ledger, rulebook, audit, clock)))


def routes() -> list[Routes]:
    return [points_routes(), publication_routes(), appraisal_routes()]


async def start(app: web.Application) -> None:
    await app[SIGNER].check()  # whoever named a file that signs nothing hears of it now
    await app[RULEBOOK].plant()


def start_sealing(stack: AsyncExitStack, app: web.Application) -> None:
    """Whoever credits seals at once; the worker what others have left."""
    stack.push_async_callback(app[SEALER].close)
    app[SEALER].start(app[PULSE])


def start_publishing(app: web.Application) -> None:
    app[PUBLISHING].join(app[PULSE])
