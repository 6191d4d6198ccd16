"""Both databases in turn, and what the figures come to."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from bench.measure import BenchFailed, python
from bench.report import Outcome, Row
from tests.support.postgres import running_postgres

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "100000"))
ROWS = int(os.environ.get("BENCH_ROWS", "5000000"))


def run(scratch: Path) -> Outcome:
    """The figures of contract `ledger`."""
    rows: list[Row] = []
    ratios: dict[int, list[float]] = {}
    publications: list[float] = []
    for database, url in databases(scratch, "writers"):
        rates = _measured("bench.ledger.writers", url)
        for writers in (1, 16, 64):
            bare, credit, alone = (rates[f"{kind} {writers}"] for kind in ("bare", "credit", "credit alone"))
            ratios.setdefault(writers, []).append(credit / bare)
            rows.append(
                {
                    "database": database,
                    "writers": writers,
                    "bare_per_s": bare,
                    "credits_per_s": credit,
                    "ratio": credit / bare,
                    "one_per_transaction": alone / bare,
                }
            )
    for database, url in databases(scratch, "publication"):
        row = {**_measured("bench.ledger.filling", url, MEMBERS, ROWS), **_measured("bench.ledger.publication", url)}
        if row["members"] != MEMBERS:
            raise BenchFailed(f"{row['members']} of {MEMBERS} members were published")
        publications.append(row["seconds"])
        rows.append({"database": database, "what": "publication", **row})
    figures: dict[str, float | None] = {f"vs_insert_{writers}": min(found) for writers, found in ratios.items()}
    figures["publication_100k_s"] = max(publications) if (MEMBERS, ROWS) == (100_000, 5_000_000) else None
    return Outcome(rows, figures)


def databases(scratch: Path, name: str) -> Iterator[tuple[str, str]]:
    yield "sqlite", f"sqlite:///{scratch}/{name}.db"
    with running_postgres(scratch / f"postgres-{name}") as server:
        asyncio.run(_make_database(server, name))
        yield "postgres", f"{server}/{name}"


async def _make_database(server: str, name: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


def _measured(module: str, *arguments: object) -> dict[str, float]:
    done = subprocess.run(python(module, *arguments), check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
