"""How sound goes to the worker threads and back: in short trips, and never more than a bound waits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from server.media.model import OpusPacket
from server.media.transcoding import Frames, SoundPath
from tests.support.coded import opus_packets


class Held(Executor):
    """Threads that do their work when the test says so."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Future[Any], Callable[[], Any], list[OpusPacket]]] = []

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        job: Future[Any] = Future()
        self.jobs.append((job, lambda: work(*arguments, **named), arguments[0]))
        return job

    async def work(self) -> list[OpusPacket]:
        job, work, packets = self.jobs.pop(0)
        job.set_result(work())
        for _ in range(3):
            await asyncio.sleep(0)  # the result finds its way to the loop
        return packets


@pytest.fixture
def held() -> Held:
    return Held()


def path(held: Held, *, wanted: int = 1 << 62, delivered: list[Frames] | None = None) -> SoundPath:
    taken = delivered if delivered is not None else []
    return SoundPath(held, 128_000, wanted=lambda: wanted, deliver=taken.append)


async def test_packets_are_collected_for_a_trip(held: Held) -> None:
    sound = path(held)
    for packet in opus_packets(12):
        sound.feed(packet)
    assert len(await held.work()) == 5
    assert len(await held.work()) == 7


async def test_what_is_wanted_goes_at_once(held: Held) -> None:
    first = opus_packets(1)[0]
    sound = path(held, wanted=first.at + 20_000)
    sound.feed(first)
    assert len(await held.work()) == 1


async def test_a_flood_that_the_threads_do_not_keep_up_with_is_bounded(held: Held) -> None:
    """The newest are kept, and no trip is so long that other streams would wait for it."""
    sound = path(held)
    packets = [OpusPacket(b"\xfc\xff\xfe", 20_000 * number) for number in range(5_000)]
    for packet in packets:
        sound.feed(packet)
    assert len(sound._pending) == 1000
    trips = []
    while held.jobs:
        trips.append(await held.work())
    assert max(map(len, trips)) == 50
    assert sum(trips[1:], []) == packets[-1000:]  # noqa: RUF017  # a few lists


async def test_a_drained_path_has_delivered_everything(held: Held) -> None:
    delivered: list[Frames] = []
    sound = path(held, delivered=delivered)
    for packet in opus_packets(108):
        sound.feed(packet)
    draining = asyncio.ensure_future(sound.drain())
    worked = 0
    while not draining.done():
        await asyncio.sleep(0)
        if held.jobs:
            worked += len(await held.work())
    assert worked == 108
    assert sum(map(len, delivered)) > 90
