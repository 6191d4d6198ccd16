"""Where churn takes place: one process on SQLite, or several `hongbo web` on PostgreSQL with Redis or NOTIFY between them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from server.broadcasts import State
from server.core.db import Database
from server.migrations import upgrade
from tests.integration.broadcasts.site import Person, running_site
from tests.support.churn.server import LATE
from tests.support.redis import RedisServer, running_redis
from tests.support.serving import Serving
from tests.support.wait import until

_ROOT = Path(__file__).parents[3]
_PEOPLE = 6
TROUBLED = "tests.support.churn.server"
PLAIN = "server"
# PostgreSQL itself takes its time over some commits: with every lock held, nothing visible yet, and whether or not the process
# that said COMMIT still lives.
_LATE_COMMITS = (
    """CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF random() < 0.1 THEN PERFORM pg_sleep(random() * 0.5); END IF;
        RETURN NULL;
    END $$""",
    """CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON channels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()""",
)


@dataclass
class House:
    database_url: str
    servers: list[Serving]
    redis: RedisServer | None
    people: list[dict[str, Any]]  # who they are, the `Cookie` header and csrf value of each, and whether they keep the room
    broadcast_id: str
    exits: list[int] = field(default_factory=list)  # statuses of those that were asked to stop

    async def restart(self, number: int, *, kill: bool) -> None:
        """End one process, as the kernel would or as an operator does, and start it again."""
        server = self.servers[number]
        if kill:
            await server.kill()
        else:
            self.exits.append(await server.stop())
        await server.start()

    async def stop(self) -> None:
        for server in self.servers:
            if server.process is not None and server.process.returncode is None:
                self.exits.append(await server.stop())

    async def notices(self, *, hints: bool) -> None:
        """Wait until every process says in `/readyz` that hints come through, or that they do not."""

        async def look() -> bool:
            return all([await self._hinted(server) is hints for server in self.servers])

        await until(look, timeout=120, every=0.1, what=f"{'hints' if hints else 'no hints'} at every process")

    @staticmethod
    async def _hinted(server: Serving) -> bool | None:
        """None while it is being started again."""
        try:
            async with server.client() as http, http.get("/readyz") as answer:
                return bool((await answer.json())["checks"]["hints"] == "ok")
        except aiohttp.ClientError:
            return None

    def late_commits(self) -> int:
        return sum(LATE in line for server in self.servers for line in server.output)

    def complaints(self) -> list[str]:
        """What a process had to say that somebody would be called for."""
        lines = [line for server in self.servers for line in server.output]
        return [line for line in lines if '"level": "error"' in line or "Traceback" in line]


@asynccontextmanager
async def running_house(
    folder: Path,
    *,
    processes: int,
    redis: bool,
    database_url: str | None,
    people: int = _PEOPLE,
    module: str = TROUBLED,
) -> AsyncIterator[House]:
    """Started, with people who are signed in and a broadcast that is on air as far as the database knows.

    Without `database_url` it is the embedded default, which is one process.
    """
    data = folder / "data"
    async with AsyncExitStack() as stack:
        environment = {"PYTHONPATH": str(_ROOT)}
        server: RedisServer | None = None
        if database_url is not None:
            environment["DATABASE_URL"] = database_url
            await _lay_out(database_url)
        if redis:
            server = stack.enter_context(running_redis(folder))
            environment["REDIS_URL"] = server.url
        everybody, broadcast_id = await _prepared(data, environment, people)
        part = "run" if database_url is None else "web"
        servers = [Serving(data, module=module, part=part, environment=environment) for _ in range(processes)]
        url = database_url or f"sqlite:///{data}/hongbo.db"
        house = House(url, servers, server, everybody, broadcast_id)
        stack.push_async_callback(house.stop)
        await asyncio.gather(*(each.start() for each in servers))
        yield house


async def _lay_out(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database)
    for statement in _LATE_COMMITS:
        await database.run_sync(lambda connection, statement=statement: connection.exec_driver_sql(statement))
    await database.close()


async def _prepared(data: Path, environment: dict[str, str], people: int) -> tuple[list[dict[str, Any]], str]:
    async with running_site(data, environment) as site:
        host = await site.host()
        broadcast_id: str = (await host.schedule())["id"]
        now = datetime.now(UTC)
        await site.service._registry.change(broadcast_id, lambda each: replace(each, state=State.LIVE, live_at=now))
        everybody = [host, *[await site.person(name=f"第{number}位") for number in range(1, people)]]
        return [{**await _credentials(person), "keeps": person is host} for person in everybody], broadcast_id


async def _credentials(person: Person) -> dict[str, Any]:
    csrf = (await person.get("/api/v1/me")).body["csrf"]
    cookie = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    return {"id": person.id, "cookie": cookie, "csrf": csrf}
