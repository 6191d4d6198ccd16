"""Clients come and go, lines are cut and held up, the server is killed; and nothing acknowledged is lost."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.broadcasts import State, channel_of
from server.broadcasts.registry import Registry
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.journal import Entry, Journal
from tests.support.node import node_program
from tests.support.serving import PEOPLE, Serving
from tests.support.weather import Weather, bad_weather

HERE = Path(__file__).parent
HOST = "10000000006"


@dataclass(frozen=True)
class Churn:
    clients: int = 60
    writers: int = 20
    each: int = 12  # comments of a writer
    kills: int = 1  # at even distances
    pause: int = 300  # ms at most between two comments of a writer
    filler: int = 40  # characters
    patience: int = 30  # s for the last entries
    seed: int = 2026

    @property
    def comments(self) -> int:
        return self.writers * self.each


@dataclass
class Outcome:
    accounts: list[dict[str, Any]] = field(default_factory=list)
    journal: list[Entry] = field(default_factory=list)
    weather: Weather | None = None

    def total(self, name: str) -> int:
        return sum(int(account[name]) for account in self.accounts)

    def check(self, churn: Churn) -> None:
        """Every acknowledged comment reached every client once and in order, and nothing else did."""
        comments = [entry for entry in self.journal if entry.type == "comment.posted"]
        assert [entry.offset for entry in self.journal] == list(range(1, len(self.journal) + 1))
        said = [entry.data["text"].split()[0] for entry in comments]
        assert len(said) == len(set(said)), "a comment sent again was written twice"
        told = {(entry.offset, entry.data["id"], entry.data["text"].split()[0]) for entry in comments}
        acked = [tuple(each) for account in self.accounts for each in account["acked"]]
        assert len(acked) == churn.comments
        assert set(acked) <= told, "an acknowledged comment is not what the journal holds"
        everything = hashlib.sha256()
        for entry in comments:
            everything.update(f"{entry.offset} {entry.data['id']} {entry.data['text']}\n".encode())
        assert len(self.accounts) == churn.clients
        for account in self.accounts:
            shown = {name: value for name, value in account.items() if name not in ("acked", "first")}
            assert account["faults"] == [], shown
            assert (account["heard"], account["hash"]) == (len(comments), everything.hexdigest()), shown


async def run(churn: Churn, folder: Path) -> Outcome:
    """A server process, its clients in another, and trouble between them as they go on."""
    chance, outcome = random.Random(churn.seed), Outcome()
    server = Serving(
        folder / "data", program=("-m", "tests.support.churn_server"), environment={"PYTHONPATH": str(HERE.parents[1])}
    )
    await server.start()
    try:
        await server.set_up()
        people, broadcast_id = await _prepared(server)
        async with bad_weather(server.port, chance) as (weather, url):
            plan = {
                "url": url,
                "people": people,
                "broadcast": broadcast_id,
                "channel": channel_of(broadcast_id),
                "clients": churn.clients,
                "writers": churn.writers,
                "each": churn.each,
                "pause": churn.pause,
                "filler": churn.filler,
                "patience": churn.patience * 1000,
            }
            file = folder / "plan.json"
            file.write_text(json.dumps(plan))
            outcome.weather = weather
            await _go_through(churn, server, weather, chance, _clients(file), outcome)
    finally:
        await server.stop()
    database = Database(f"sqlite:///{server.folder}/hongbo.db")
    journal = Journal(database, SystemClock())
    while entries := await journal.read(channel_of(broadcast_id), after=len(outcome.journal)):
        outcome.journal += entries
    await database.close()
    return outcome


async def _go_through(
    churn: Churn,
    server: Serving,
    weather: Weather,
    chance: random.Random,
    lines: AsyncIterator[dict[str, Any]],
    outcome: Outcome,
) -> None:
    """Trouble follows progress and not the clock, so that a slow machine sees as much of it."""
    kill_at = {churn.comments * number // (churn.kills + 1) for number in range(1, churn.kills + 1)}
    acked = 0
    async for line in lines:
        if "client" in line:
            outcome.accounts.append(line)
        if "written" in line:
            weather.release()
        if "acked" not in line:
            continue
        acked += 1
        if acked in kill_at:
            await server.kill()
            await server.start()
        elif acked % 7 == 0:
            weather.cut(chance.randint(1, 4))
        elif acked % 23 == 0:
            weather.release()
            weather.hold(churn.clients // 8)


async def _clients(plan: Path) -> AsyncIterator[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        node_program(), str(HERE / "churn_client.mjs"), str(plan), stdout=asyncio.subprocess.PIPE, limit=1 << 26
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            yield json.loads(line)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _prepared(server: Serving) -> tuple[list[dict[str, str]], str]:
    """Everybody's cookie and csrf value, and a broadcast that is on air as far as the database knows."""
    people: list[dict[str, str]] = []
    broadcast_id = ""
    for _, mobile, *_ in PEOPLE:
        async with await server.signed_in(mobile) as http:
            async with http.get("/api/v1/me") as answer:
                csrf = (await answer.json())["csrf"]
            cookie = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
            people.append({"cookie": cookie, "csrf": csrf})
            if mobile == HOST:
                plan = {
                    "title": "主题党日",
                    "starts_at": "2030-07-01T01:00:00Z",
                    "visibility": "employees",
                    "comment_mode": "post_moderated",
                }
                async with http.post("/api/v1/broadcasts", json=plan) as answer:
                    assert answer.status == 201, await answer.text()
                    broadcast_id = (await answer.json())["id"]
    await server.stop()
    database = Database(f"sqlite:///{server.folder}/hongbo.db")
    now = datetime.now(UTC)
    registry = Registry(database, Journal(database, SystemClock()))
    await registry.change(broadcast_id, lambda each: replace(each, state=State.LIVE, live_at=now))
    await database.close()
    await server.start()
    return people, broadcast_id
