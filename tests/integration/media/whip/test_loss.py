"""A bad network between a real sender and us: what is lost is asked for again, and comes again."""

import random
from collections.abc import Callable
from itertools import pairwise

from server.media.ingest.guard import GuardedSocket
from server.media.ingest.hooks import connection_of, sockets_of
from tests.integration.media.whip.conftest import House
from tests.support.publishing import FRAME_RATE, Publisher
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]


def lose(house: House, share: float) -> list[int]:
    """Let that share of RTP packets vanish before anyone sees them; counts (passed, lost)."""
    session = house.service.open(house.stream).session
    assert session is not None
    counts = [0, 0]
    chance = random.Random(7)
    for protocol in sockets_of(connection_of(session._pc.getTransceivers()[0].receiver.transport.transport)):
        assert isinstance(protocol, GuardedSocket)
        arrived = protocol.on_rtp
        assert arrived is not None

        def through_bad_weather(datagram: bytes, arrived: Callable[[bytes], bool] = arrived) -> bool:
            lost = chance.random() < share
            counts[lost] += 1
            return not lost and arrived(datagram)

        protocol.on_rtp = through_bad_weather
    return counts


async def test_lost_packets_are_sent_again(house: House, make_publisher: MakePublisher) -> None:
    """One packet in ten is lost; no picture is."""
    await make_publisher(audio=False, size=(640, 360)).publish(house.client, house.stream, "good")
    await until(house.flows, what="the first picture")
    counts = lose(house, 0.1)
    first = len(house.output().pictures)
    await until(lambda: len(house.output().pictures) > first + 8 * FRAME_RATE, timeout=30, what="eight seconds of pictures")
    assert counts[1] > 10
    steps = [after.at - before.at for before, after in pairwise(house.output().pictures)]
    assert max(steps) < 2.5 * 1_000_000 / FRAME_RATE
    assert 0.03 < house.status().loss < 0.25


async def test_too_many_losses_cost_pictures_but_never_break_one(house: House, make_publisher: MakePublisher) -> None:
    """Six packets in ten are lost, retransmissions too: what is shown begins again with key frames."""
    await make_publisher(audio=False, size=(640, 360)).publish(house.client, house.stream, "good")
    await until(house.flows, what="the first picture")
    lose(house, 0.6)
    first = len(house.output().pictures)
    await until(lambda: len(house.output().pictures) > first + 30, timeout=60, what="some pictures")
    for before, after in pairwise(house.output().pictures):
        assert after.key or after.at - before.at < 1.5 * 1_000_000 / FRAME_RATE
