"""What tests of attendance share: roll-calls of a process whose clock and chance are the test's, and what members are told."""

from datetime import UTC, datetime
from typing import Any

from server.activities import ACTIVITIES
from server.app import JOURNAL
from server.attendance import Credits, Replays, RollCalls, Watching
from server.core.db import Database
from server.core.ids import new_id
from tests.integration.broadcasts.site import Person, Site
from tests.support.clock import ManualClock
from tests.support.room import Visit


def process(site: Site, clock: ManualClock, database: Database | None = None) -> RollCalls:
    """As a web process has them; all chances stand in the middle. `clock` may only be ahead of the real one, which the site's
    own process goes by."""
    app = site.server.app
    credits_ = Credits(app[ACTIVITIES])
    return RollCalls(database or site.database, app[JOURNAL], site.service, credits_, clock, lambda: 0.5)


def replays_process(site: Site, clock: ManualClock, database: Database | None = None) -> Replays:
    credits_ = Credits(site.server.app[ACTIVITIES])
    return Replays(database or site.database, site.service, credits_, clock, lambda: 0.5)


def watching_process(site: Site, clock: ManualClock, database: Database | None = None) -> Watching:
    return Watching(database or site.database, site.service, replays_process(site, clock, database), clock)


def clock_of_now() -> ManualClock:
    return ManualClock(datetime.now(UTC))


async def answer(visit: Visit, roll_call: str, client_id: str | None = None) -> Any:
    return await visit.call("roll_call.answer", {"roll_call": roll_call, "client_id": client_id or new_id()})


async def opened(visit: Visit, broadcast: str, **more: Any) -> str:
    called = await visit.call("roll_call.open", {"broadcast": broadcast, "client_id": new_id(), **more})
    assert called["ok"], called
    roll_call: str = called["roll_call"]
    return roll_call


async def own(person: Person, broadcast: str) -> Any:
    seen = await person.get(f"/api/v1/broadcasts/{broadcast}/attendance")
    assert seen.status == 200, seen.raw.decode()
    return seen.body


async def earned(person: Person) -> list[tuple[str, int]]:
    """The indicators that credited somebody, and with how many tenths; the first first."""
    items = (await person.get("/api/v1/me/points")).body["items"]
    return [(each["indicator"], each["amount"]) for each in reversed(items)]
