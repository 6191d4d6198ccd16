"""A process that credits and reverses until it is killed, and says what was acknowledged.

`python -m tests.support.ledger.writer URL SEED MEMBERS LOG MOST`: MEMBERS is a file with their ids. A line of LOG is
written after each commit: member and source of each cause it credited. A fifth of the causes were told before, by this process
or by one before it; causes are numbered through, so that they can be told again without having been remembered.
"""

import asyncio
import os
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from server.core.clock import SystemClock
from server.points import Cause
from tests.support.ledger.town import Town, some_cause, town

NUMBERS = 10_000_000  # no two seeds make the same causes below it
LANES = 4  # transactions at the same time
AGAIN = 0.5  # for each new cause, so many of an earlier number, most of which were told before
MEETINGS, LISTED = 0.15, 100  # now and then a list of people is ticked, who are credited together


def cause_of(seed: int, number: int, members: list[str]) -> Cause:
    """The same for the same arguments."""
    return some_cause(random.Random(seed * NUMBERS + number), members, seed * NUMBERS + number)


async def work(url: str, seed: int, members: list[str], log: int, most: int) -> None:
    async with town(url, SystemClock()) as here:
        async with here.sealing():
            left = iter(range(most))
            await asyncio.gather(*(_lane(here, seed, members, log, left, lane) for lane in range(LANES)))
        await here.sealer.seal()


async def _lane(here: Town, seed: int, members: list[str], log: int, left: Iterator[int], lane: int) -> None:
    chance = random.Random(seed * 100 + lane)
    for number in left:
        causes = [cause_of(seed, number, members)]
        if chance.random() < MEETINGS:
            causes += [cause_of(seed, each, members) for each in islice(left, LISTED)]
        again = [each for each in causes if chance.random() < AGAIN]
        causes += [_earlier(chance, seed, number, members) for _ in again]
        made = await here.award(*causes)
        said = "".join(f"{cause.member_id} {cause.key}\n" for cause, row in zip(causes, made, strict=True) if row is not None)
        os.write(log, said.encode())
        if made[0] is not None and chance.random() < 0.05:
            await here.reverse(made[0])
            os.write(log, f"{causes[0].member_id} reversal/{made[0]}\n".encode())


def _earlier(chance: random.Random, seed: int, number: int, members: list[str]) -> Cause:
    """One of this process, or of one that was before it or is beside it."""
    whose = seed if chance.random() < 0.5 else 1 + chance.randrange(seed)
    return cause_of(whose, chance.randrange(number + 1), members)


def main(url: str, seed: str, members: str, log: str, most: str) -> None:
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    asyncio.run(work(url, int(seed), Path(members).read_text().split(), file, int(most)))


if __name__ == "__main__":
    main(*sys.argv[1:])
