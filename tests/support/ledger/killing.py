"""Writers that are killed again and again, and what the checker finds afterwards."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.core.clock import SystemClock
from server.core.db import Database
from server.points.sealing import examine
from tests.support import forked
from tests.support.ledger.checker import faults_of
from tests.support.ledger.town import town
from tests.support.ledger.writer import NUMBERS
from tests.support.wait import until

_NEVER_DONE = NUMBERS - 1  # operations


@dataclass(frozen=True)
class Ordeal:
    """`operations`: about so many are acknowledged in all; the kills are spread over them by chance. `writers`: at the same
    time, and killed at the same time; SQLite takes one. The last ones come to their end."""

    operations: int
    kills: int
    writers: int = 1
    people: int = 40


@dataclass(frozen=True)
class Outcome:
    """`acknowledged`: credits and reversals, each counted once; `again`: how many were told once more."""

    acknowledged: int
    again: int
    rows: int
    faults: list[str]


async def undergo(url: str, folder: Path, ordeal: Ordeal, *, seed: int = 1, patience: float = 120.0) -> Outcome:
    """`patience`: for one life of a writer, in s."""
    async with town(url, SystemClock(), people=ordeal.people) as here:
        (folder / "members").write_text("\n".join(here.members))
    log, chance = _Log(folder / "acknowledged"), random.Random(seed)
    seeds = iter(range(seed, 100_000))
    lives = -(-ordeal.kills // ordeal.writers)
    ended: list[int] = []
    for _ in range(lives):
        running = [await _start(url, next(seeds), folder, _NEVER_DONE) for _ in range(ordeal.writers)]
        enough = log.read() + chance.randrange(1, 2 * ordeal.operations // (lives + 1))
        await until(partial(log.has, enough), timeout=patience, what="something to lose")
        for each in running:
            each.kill()
            ended.append(await each.wait())
    left = max(ordeal.operations - log.read(), ordeal.operations // (lives + 1)) // ordeal.writers
    last = [await _start(url, next(seeds), folder, left) for _ in range(ordeal.writers)]
    faults = [f"a writer ended with {code} before it was killed" for code in ended if code != -signal.SIGKILL]
    faults += [f"a writer ended with {code}" for each in last if (code := await each.wait())]
    acknowledged = Counter((member, source) for member, source in log.lines())
    database = Database(url)
    try:
        faults += await faults_of(database, acknowledged)
        faults += [each async for each in examine(database, SystemClock())]
        async with database.reading() as session:
            rows = (await (await session.connection()).exec_driver_sql("SELECT count(*) FROM ledger")).scalar_one()
    finally:
        await database.close()
    return Outcome(len(acknowledged), acknowledged.total() - len(acknowledged), rows, faults)


class _Log:
    """Of all writers: a line for each thing that was acknowledged."""

    def __init__(self, file: Path) -> None:
        file.touch()
        self._file, self._seen, self._count = file, 0, 0

    def read(self) -> int:
        """How many lines there are by now."""
        with self._file.open("rb") as file:
            file.seek(self._seen)
            more = file.read()
        self._seen, self._count = self._seen + len(more), self._count + more.count(b"\n")
        return self._count

    def has(self, count: int) -> bool:
        return self.read() >= count

    def lines(self) -> Iterator[tuple[str, str]]:
        with self._file.open() as file:
            for line in file:
                member, source = line.rstrip("\n").split(" ", 1)
                yield member, source


async def _start(url: str, seed: int, folder: Path, operations: int) -> forked.Program:
    module = "tests.support.ledger.writer"
    arguments = [url, str(seed), str(folder / "members"), str(folder / "acknowledged"), str(operations)]
    return await forked.start(module, *arguments)
