"""What every area stands on: the database and its journal, who people are, what is audited, how processes wake one another."""

import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.core.audit import Audit
from server.core.clock import Clock
from server.core.control import ControlServer, FolderLock
from server.core.control import Handler as ControlHandler
from server.core.db import Database
from server.core.hints import Hints, NoHints, NotifyHints, StreamHints
from server.core.http import Routes
from server.core.http.idempotency import IDEMPOTENCY, Idempotency
from server.core.http.peer import HTTP_SETTINGS, client_address
from server.core.ids import digest, new_id
from server.core.journal import Entry, Journal
from server.core.paper import Press
from server.core.pulse import Pulse
from server.core.tasks import Tasks
from server.identity import IDENTITY, Identity, NoSms, ShownSms, Sms, WebhookSms, caller, identity_routes
from server.migrations import check_schema, upgrade
from server.settings import Settings

DATABASE = web.AppKey("DATABASE", Database)
JOURNAL = web.AppKey("JOURNAL", Journal)
HINTS = web.AppKey("HINTS", Hints)
PULSE = web.AppKey("PULSE", Pulse)
AUDIT = web.AppKey("AUDIT", Audit)
SETUP_LINK = web.AppKey("SETUP_LINK", list[str])
FURNISHING = web.AppKey("FURNISHING", list[Callable[[web.Application], Awaitable[None]]])
"""What is to be done once the schema stands, and before anything looks at the clock or anybody comes in."""
HOUSEKEEPING_SECONDS = 3600.0


@dataclass(frozen=True)
class Ground:
    settings: Settings
    clock: Clock
    database: Database
    journal: Journal
    identity: Identity
    audit: Audit
    press: Press

    @property
    def process(self) -> str:
        """What this process is called among those that serve one database. Alone, it is always the same one."""
        return "embedded" if self.settings.embedded else f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id()}"


def wire(app: web.Application, settings: Settings, clock: Clock) -> Ground:
    database = Database(settings.database_url)
    journal = Journal(database, clock)
    hints = _hints(settings)
    journal.listen(_teller(hints))
    identity = Identity(database, settings.identity, clock, settings.secret_key, sms=_sms(settings, clock))
    audit = Audit(database, clock)
    app[HTTP_SETTINGS] = settings.http
    app[DATABASE] = database
    app[JOURNAL] = journal
    app[IDENTITY] = identity
    app[HINTS] = hints
    app[PULSE] = Pulse(database)
    app[AUDIT] = audit
    app[IDEMPOTENCY] = Idempotency(database, clock, _caller_scope)
    app[SETUP_LINK] = []
    app[FURNISHING] = []
    return Ground(settings, clock, database, journal, identity, audit, Press())


def routes() -> list[Routes]:
    return [identity_routes()]


async def start(stack: AsyncExitStack, app: web.Application, settings: Settings) -> None:
    """One process alone on its folder brings the schema up itself; where there are several, `hongbo migrate` did."""
    if settings.embedded:
        stack.enter_context(FolderLock(settings.data_dir))
    database = app[DATABASE]
    stack.push_async_callback(database.close)
    if settings.embedded:
        await upgrade(database)
    else:
        await check_schema(database)
    stack.push_async_callback(app[IDENTITY].aclose)


async def start_commands(stack: AsyncExitStack, app: web.Application, settings: Settings) -> None:
    """What an operator asks of the running server, and the link with which the first one begins."""
    if settings.embedded:
        control = ControlServer(settings.data_dir, {"roster": _roster_command(app[IDENTITY])})
        stack.push_async_callback(control.close)
        await control.start()
    if not settings.demo:
        app[SETUP_LINK].extend(filter(None, [await app[IDENTITY].setup_link(settings.http.public_url)]))


def work(tasks: Tasks, app: web.Application) -> None:
    tasks.every(HOUSEKEEPING_SECONDS, app[IDENTITY].purge, "purge identity")
    tasks.every(HOUSEKEEPING_SECONDS, app[IDEMPOTENCY].purge, "purge idempotency keys")
    app[AUDIT].join(app[PULSE])


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


async def _caller_scope(request: web.Request) -> str:
    """Idempotency keys are private to a session, or to an address where nobody is signed in."""
    member = await caller(request)
    return digest(f"session {member.session_id}" if member else f"address {client_address(request)}")


def _roster_command(identity: Identity) -> ControlHandler:
    async def import_roster(content: bytes, query: Mapping[str, str]) -> dict[str, Any]:
        result = await identity.import_roster(content, dry_run=query.get("dry_run") == "1")
        return result.model_dump(mode="json")

    return import_roster
