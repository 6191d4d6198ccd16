"""Descriptions made to be expensive to read: unbounded, 10 000 candidates cost the event loop 22 s, and everybody's stream."""

import asyncio
import itertools
import time

from tests.integration.media.whip.conftest import House
from tests.integration.media.whip.test_checklist import MakePublisher, connected, fragment, patch, problem
from tests.support.offers import AUDIO, SESSION, candidate, offer
from tests.support.publishing import post_offer
from tests.support.wait import until


def crowded(count: int) -> bytes:
    return offer(extra=tuple(candidate(number) for number in range(count)))


async def test_pitfall_3_ten_thousand_candidates_are_refused_at_once_while_another_stream_flows(
    house: House, make_publisher: MakePublisher
) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    fits = max(count for count in range(0, 2000, 50) if len(crowded(count)) < 64 * 1024)
    bombs = {
        crowded(10_000): (413, "offer_too_large"),
        crowded(fits): (422, "offer_too_many_candidates"),
        offer(SESSION, *[AUDIO[:1]] * 1000): (422, "offer_too_many_sections"),
    }
    assert max(map(len, bombs)) > 500_000
    loop = asyncio.get_running_loop()
    began, spent = loop.time(), time.process_time()
    for raw, (status, code) in bombs.items():
        assert await problem(await post_offer(house.client, house.other_stream, raw, token="elsewhere"), status) == code
    trickled = fragment(publisher, *(candidate(number) for number in range(10_000)))
    assert await problem(await patch(house, publisher, trickled), 413) == "fragment_too_large"
    assert loop.time() - began < 10.0, "nobody waits for anything"
    assert time.process_time() - spent < 2.0, "the stream's own share included"
    stamps = [unit.at for unit in house.output().pictures]
    assert max(after - before for before, after in itertools.pairwise(stamps)) < 500_000
    seen = len(stamps)
    await until(lambda: len(house.output().pictures) > seen + 5, what="media after the bombs")
