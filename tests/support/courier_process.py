"""A process that sends one event and is killed before it can note what was answered:
`python -m tests.support.courier_process URL FOLDER`, on a data folder whose server has gone.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.journal import Journal
from server.core.pulse import Pulse
from server.core.sealed import Box
from server.notices import Couriers, Outbox, SystemLookup, WebhookSettings
from server.notices.model import Delivery, Outcome
from server.notices.tables import EndpointRow
from server.points import LedgerStreams, Rulebook
from server.settings import load_settings


class _Killed(Couriers):
    async def _mark(self, endpoint_id: str, delivery: Delivery, outcome: Outcome) -> None:
        if outcome.delivered:
            os.kill(os.getpid(), signal.SIGKILL)


async def send(url: str, folder: Path) -> None:
    settings = load_settings({"DATABASE_URL": url}, data_dir=folder)
    database, clock = Database(url), SystemClock()
    async with database.transaction() as session:
        await session.execute(update(EndpointRow).values(lease_owner="", lease_until=None))
    rulebook = Rulebook(database, clock)
    couriers = _Killed(
        database,
        (LedgerStreams(rulebook), Outbox(Journal(database, clock), frozenset())),
        Box(settings.secret_key, "webhook secrets v1"),
        SystemLookup(),
        clock,
        replace(WebhookSettings(loopback=True), look=0.05),
        owner="embedded",
    )
    pulse = Pulse(database)
    couriers.join(pulse)
    pulse.start()
    await asyncio.sleep(20)  # it does not live that long


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], Path(sys.argv[2])))
