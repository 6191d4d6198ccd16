"""`python -m server` under conditions that make trouble likely.

Small limits: a tiny ring, few entries that may be missed, little that may be unsent. The kernel's buffer of a WebSocket is
small too: with what it takes by default a slow reader of a few seconds would never be felt here.

Late commits: a transaction now and then sleeps between its last statement and COMMIT, and so does PostgreSQL while it commits
(`house`). Offsets are taken then and visible to nobody, whoever comes next on the channel waits, and a process that is killed
meanwhile leaves it open whether the comment was written. A reader that took the head for all there is, a process that told
before it was durable, or a writer that came back to the other process and was taken for somebody new would be seen by this.

It pings often: when its WebSocket breaks off just as it pauses polling for it, engine.io-client (6.6) is left with neither, and
notices by the missing ping alone. With the defaults that would take 45 s.
"""

import asyncio
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from server import cli
from server.core.db import Database
from server.core.fanout import FanoutLimits
from server.core.sockets import SocketLimits
from server.core.sockets.session import Session
from server.settings import Settings, load_settings

RING = 32
LATE = "commit_late"  # an event of the log
_LATE_SHARE = 0.15  # of all transactions
_LATEST = 0.4  # s
_UNSENT = 4 * 1024  # bytes, in the process and about as many in the kernel

log = structlog.get_logger(__name__)
_attach, _transaction = Session.attach, Database.transaction


def troubled(*arguments: Any, **named: Any) -> Settings:
    return replace(
        load_settings(*arguments, **named),
        fanout=FanoutLimits(tick=0.02, ring=RING, most_missed=48, look_every=5.0),
        sockets=SocketLimits(ping_interval=2, ping_timeout=8, connections_per_member=1000, most_unsent=256 * 1024),
    )


def attach(self: Session, transport: asyncio.Transport, *, deflates: bool) -> bytes:
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT)
    return _attach(self, transport, deflates=deflates)


@asynccontextmanager
async def transaction(self: Database) -> AsyncIterator[AsyncSession]:
    async with _transaction(self) as session:
        yield session
        if random.random() < _LATE_SHARE:
            log.info(LATE)
            await asyncio.sleep(random.random() * _LATEST)


if __name__ == "__main__":
    with (
        patch("server.cli.load_settings", troubled),
        patch.object(Database, "transaction", transaction),
        patch.object(Session, "attach", attach),
        patch("server.core.sockets.session.SOFT", _UNSENT),
    ):
        sys.exit(cli.run(sys.argv[1:]))
