"""`python -m bench.ledger.publication URL` prints a line of JSON: how long a publication of a filled database took, in how many
steps somebody who watches saw it come on, and how much memory the process had at most.
"""

import asyncio
import json
import resource
import sys
import time

import uvloop

from bench.ledger.filling import member_id
from server.core.audit import Audit
from server.core.clock import SystemClock
from server.identity import Identity, IdentitySettings, Member, Role, Status
from server.points import Publishing
from server.points.publication import PublicationState
from tests.support.ledger.town import town


async def publish(url: str) -> dict[str, float]:
    clock = SystemClock()
    async with town(url, clock) as here:
        identity = Identity(here.database, IdentitySettings(), clock, b"bench")
        try:
            audit = Audit(here.database, clock)
            publishing = Publishing(here.database, identity, here.rulebook, here.sealer, audit, here.outbox, clock)
            secretary = Member(member_id(0), "甲", None, None, Status.FULL, frozenset({Role.COMMITTEE_SECRETARY}), "bench")
            began = time.perf_counter()
            made = await publishing.make(secretary, 2026, 1)
            work = asyncio.create_task(publishing.work())
            seen: set[int] = set()
            while not work.done():
                seen.add((await publishing.heading(secretary, made.id)).publication.prepared)
                await asyncio.sleep(0.2)
            await work
            took = time.perf_counter() - began
            (done,) = [each for each in await publishing.seen(secretary) if each.id == made.id]
        finally:
            await identity.aclose()
    if done.state is not PublicationState.OPEN:
        raise RuntimeError(f"the publication is {done.state}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": took, "steps_seen": len(seen), "members": done.prepared, "rss_mb": most}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        print(json.dumps(loop.run(publish(sys.argv[1]))))
