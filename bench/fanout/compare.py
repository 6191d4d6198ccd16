"""The whole bench: each comparison in turn, and what its figures come to."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import asyncpg

from bench.measure import BenchFailed, cores, median, python
from bench.report import Outcome, Row
from tests.support.postgres import running_postgres

from . import joins, rooms

SIZES = (1000, 2000, 5000)
PACE = 30_000  # deliveries a second; what all but the stock server can do on one core
STOCK_PACE = 3_000
ROUNDS = 3
OFTEN = 7  # rounds of what differs by a tenth from one start of a server to the next
TOLD_S = 5  # s of telling in one round
TICK = 0.05  # s, as the product has it
SPEAKERS = 100
PEOPLE = 1000
MIXED_S = 15  # s of a full room
TICKED_S = 15  # s; a p99 is made by the longest of the rounds, and there are twenty a second at most


def run(scratch: Path) -> Outcome:
    """The figures of contract `fanout`."""
    rows: list[Row] = []
    figures: dict[str, float | None] = {}
    for take in (unbatched, ticked, slow_readers, join_storm, durable_comments, spoken_comments, full_room):
        take(scratch, rows, figures)
    return Outcome(rows, figures)


def unbatched(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """One frame for each comment: deliveries per second of the server's processor time."""
    for clients in SIZES:
        rates: dict[str, list[float]] = {"hongbo": [], "node": [], "stock": []}
        for turn in range(OFTEN):
            for name, launch in (("hongbo", rooms.hongbo), ("node", rooms.node), ("stock", rooms.stock)):
                if name == "stock" and turn >= ROUNDS:
                    continue
                row = _told(launch, scratch, name, clients, pace=STOCK_PACE if name == "stock" else PACE)
                rows.append(row)
                rates[name].append(float(row["per_cpu_s"] or 0))
        ours = median(rates["hongbo"])
        figures[f"vs_node_{clients}"] = ours / median(rates["node"])
        figures[f"vs_stock_{clients}"] = ours / median(rates["stock"])
    figures["rss_kb_per_client"] = max(float(row["kb_per_client"] or 0) for row in rows if row["server"] == "hongbo")


def ticked(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """200 comments a second to 5000 listeners, told every 50 ms or as fast as it goes."""
    found: dict[str, list[Row]] = {"hongbo": [], "node": []}
    for _ in range(ROUNDS):
        for name, launch in (("hongbo", rooms.hongbo), ("node", rooms.node)):
            row = _told(launch, scratch, name, 5000, pace=200 * 5000, tick=TICK, seconds=TICKED_S)
            rows.append(row)
            found[name].append(row)
    of = {
        name: {key: median([float(row[key] or 0) for row in of]) for key in ("per_cpu_s", "p99_ms")}
        for name, of in found.items()
    }
    figures["tick_vs_node_5000"] = of["hongbo"]["per_cpu_s"] / of["node"]["per_cpu_s"]
    figures["tick_p99_vs_node_5000"] = of["hongbo"]["p99_ms"] / of["node"]["p99_ms"]
    figures["tick_p99_ms_5000"] = of["hongbo"]["p99_ms"]


def slow_readers(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """The delay of a thousand listeners, alone and beside a hundred who have stopped reading."""
    found: dict[int, list[float]] = {0: [], 100: []}
    for _ in range(ROUNDS):
        for slow, delays in found.items():
            row = _told(rooms.hongbo, scratch, "hongbo", 1000 + slow, pace=PACE, slow=slow)
            rows.append(row)
            delays.append(float(row["p99_ms"] or 0))
    figures["slow_reader_p99_ratio"] = median(found[100]) / median(found[0])


def join_storm(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """See `joins`."""
    found: dict[str, list[float]] = {"hongbo": [], "node": []}
    for _ in range(OFTEN):
        for name, rates in found.items():
            row = joins.storm(scratch, name)
            rows.append(row)
            rates.append(float(row["per_cpu_s"] or 0))
    figures["join_vs_node"] = median(found["hongbo"]) / median(found["node"])


def durable_comments(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """See `durable`; the processes may use every core, as a server's do."""
    found: dict[str, list[Row]] = {"sqlite": [], "postgres": []}
    with running_postgres(scratch / "postgres") as server:
        for turn in range(ROUNDS):
            for store, measured in found.items():
                folder, url = scratch / f"durable-{store}-{turn}", ""
                if store == "postgres":
                    url = f"{server}/bench{turn}"
                    asyncio.run(_make_database(server, f"bench{turn}"))
                    environment = {**os.environ, "DATABASE_URL": url}
                    subprocess.run(
                        python("server", "migrate", "--data", folder), env=environment, check=True, capture_output=True
                    )
                row = json.loads(_output(python("bench.fanout.durable", url, folder)).splitlines()[-1])
                measured.append(row)
                rows.append({"server": "hongbo", "what": f"durable {store}", **row})
    for store, measured in found.items():
        figures[f"durable_{store}_per_s"] = median([float(row["per_s"] or 0) for row in measured])
    figures["durable_p99_ms"] = max(median([float(row["p99_ms"] or 0) for row in measured]) for measured in found.values())


def spoken_comments(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """Comments that are durable before they are acknowledged, said over sockets, while a thousand listen to another room."""
    town = scratch / "town.json"
    with rooms.hongbo(scratch, TICK) as server:
        town.write_text(json.dumps(server.ask("/bench/town", people=SPEAKERS, broadcasts=1)))
        with rooms.load(scratch, server.port, 1000) as listeners:
            count = 50 * (TOLD_S + 3)  # they listen longer than it takes to speak
            listeners.expect(count)
            server.say(count, 50)
            began = server.cpu_seconds()
            command = ["taskset", "-c", str(cores()[-1]), *python("bench.fanout.writers", server.port, town, TOLD_S)]
            row = json.loads(_output(command).splitlines()[-1])
            spent = server.cpu_seconds() - began
            _check(listeners.read())
    rows.append({"server": "hongbo", "what": "durable over sockets", "clients": 1000, "cpu_s": spent, **row})
    figures["durable_over_sockets_per_s"] = row["per_s"]


def full_room(scratch: Path, rows: list[Row], figures: dict[str, float | None]) -> None:
    """A thousand people in a real room; what taps, votes, coming and going add to what the comments cost. See `mix`."""
    found: dict[bool, list[Row]] = {False: [], True: []}
    for _ in range(ROUNDS):
        for mixed, measured in found.items():
            measured.append(row := _played(scratch, mixed=mixed))
            rows.append(row)
    of = {
        mixed: {
            key: median([float(row[key] or 0) for row in taken]) for key in ("cpu_share", "comment_ack_p99_ms", "heard_p99_ms")
        }
        for mixed, taken in found.items()
    }
    figures["mix_cpu_vs_comments"] = of[True]["cpu_share"] / of[False]["cpu_share"]
    figures["mix_ack_p99_vs_comments"] = of[True]["comment_ack_p99_ms"] / of[False]["comment_ack_p99_ms"]
    figures["mix_heard_p99_vs_comments"] = of[True]["heard_p99_ms"] / of[False]["heard_p99_ms"]
    figures["mix_cpu_share"] = of[True]["cpu_share"]


def _played(scratch: Path, *, mixed: bool) -> Row:
    people = scratch / "people.json"
    with rooms.hongbo(scratch, TICK) as server:
        town = server.ask("/bench/town", people=PEOPLE, broadcasts=1)
        people.write_text(json.dumps(town))
        with joins.listening(scratch, server, town, PEOPLE):
            began, started = server.cpu_seconds(), time.monotonic()
            command = python("bench.fanout.mix", server.port, people, MIXED_S, int(mixed))
            row = json.loads(_output(["taskset", "-c", str(cores()[-1]), *command]).splitlines()[-1])
            share = (server.cpu_seconds() - began) / (time.monotonic() - started)
    return {"server": "hongbo", "what": "mix" if mixed else "comments alone", "clients": PEOPLE, "cpu_share": share, **row}


async def _make_database(server: str, name: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _told(
    launch: Callable[..., AbstractContextManager[rooms.Server]],
    scratch: Path,
    name: str,
    clients: int,
    *,
    pace: float,
    tick: float = 0.0,
    slow: int = 0,
    seconds: float = TOLD_S,
) -> Row:
    rate = pace / clients
    count = max(3, round(rate * seconds))
    with launch(scratch, tick) as server:
        empty = server.memory_kb()
        with rooms.load(scratch, server.port, clients, slow=slow) as listeners:
            full = server.memory_kb()
            if slow:
                listeners.stop_some()
            _say(server, listeners, max(2, round(rate)), rate)  # warm
            began = server.cpu_seconds()
            done = _say(server, listeners, count, rate)
            spent = server.cpu_seconds() - began
    return {
        "server": name,
        "clients": clients,
        "tick_ms": tick * 1000,
        "slow": slow,
        "per_cpu_s": (clients - slow) * count / spent,
        "p50_ms": done["p50_ms"],
        "p99_ms": done["p99_ms"],
        "kb_per_client": (full - empty) / clients,
    }


def _say(server: rooms.Server, listeners: rooms.Load, count: int, rate: float) -> Mapping[str, Any]:
    listeners.expect(count)
    server.say(count, rate)
    return _check(listeners.read())


def _check(done: Mapping[str, Any]) -> Mapping[str, Any]:
    if not done["done"] or done["gaps"] or done["repeats"]:
        raise BenchFailed(f"not everything arrived: {done}")
    return done
