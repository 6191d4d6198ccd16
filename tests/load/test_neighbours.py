"""What one publisher, or a stranger, does costs that one; another's parts keep coming meanwhile (lines 32 and 34 too)."""

import asyncio
import random
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest
from aioice.stun import Class, Message, Method
from structlog.testing import capture_logs

from server.core.clock import SystemClock
from server.media.cmaf.parts import Cut, Part
from server.media.hls.window import Finished
from server.media.ingest.guard import GuardedSocket
from server.media.ingest.hooks import connection_of, sockets_of
from server.media.limits import MAX_REMOTE_CANDIDATES
from server.media.output import StreamOutput
from server.media.outputs import Outputs
from tests.integration.media.whip.conftest import House, MakeHouse
from tests.integration.media.whip.test_checklist import STRAYS, bearer, fragment, patch
from tests.support.lag import LoopLag
from tests.support.offers import candidate, offer
from tests.support.publishing import Publisher, Raw, post_offer, silence
from tests.support.simulate import parameter_sets
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]
PART = 0.25  # seconds
SPS, PPS = parameter_sets()
KEY, PLAIN = b"\x65\x88" + bytes(40), b"\x41\x9a" + bytes(40)


def together(*nals: bytes) -> bytes:
    """STAP-A, RFC 6184 section 5.7.1."""
    return b"\x78" + b"".join(struct.pack(">H", len(nal)) + nal for nal in nals)


class Watched:
    """A broadcast whose parts are looked at as they come."""

    def __init__(self, output: StreamOutput) -> None:
        self.output = output
        self.came: list[float] = []
        self._publish = output.window.publish
        output.window.publish = self._noted  # type: ignore[method-assign]  # looked over its shoulder

    def _noted(self, cuts: Iterable[Cut], origin: int, now: float) -> list[Finished]:
        published = list(cuts)
        self.came += [now for cut in published if isinstance(cut, Part)]
        return self._publish(published, origin, now)


@pytest.fixture
async def shared(make_house: MakeHouse) -> AsyncIterator[House]:
    """A house whose streams are cut into parts."""
    house = await make_house(part_target=PART)
    outputs = Outputs(house.service.settings, SystemClock())
    house.service._make_output = lambda stream_id, recorded: outputs.make(stream_id, False)
    yield house
    await house.service.close()
    await outputs.close()


async def watched(house: House, publisher: Publisher) -> Watched:
    """The other broadcast, on air and with its first parts."""
    answer = await publisher.publish(house.client, house.other_stream, "elsewhere")
    assert answer.status == 201, await answer.text()
    output = await until(lambda: house.service.live(house.other_stream), what="its output")
    assert output is not None
    other = Watched(output)
    await until(lambda: len(other.came) > 3, what="its first parts")
    return other


async def connected(house: House) -> Raw:
    raw = Raw()
    answer = await raw.publish(house.client, house.stream, "good")
    assert answer.status == 201, await answer.text()
    return raw


async def nal_bombs(raw: Raw) -> None:
    """Three pictures of a million units each."""
    bomb = together(*[b"\x61"] * 440)
    for number in range(3):
        await raw.paced(4000, (raw.send("H264", bomb, timestamp=number * 3000, marker=False) for _ in range(2300)))
        await raw.send("H264", bomb, timestamp=number * 3000)


async def unit_flood(raw: Raw) -> None:
    """A picture in each packet, each of hundreds of units."""
    picture = together(SPS, PPS, KEY, *[b"\x06"] * 400)
    await raw.paced(600, (raw.send("H264", picture, timestamp=number * 150) for number in range(1800)))


async def picture_flood(raw: Raw) -> None:
    """Nothing but key frames, a thousand a second, on a clock that stands still."""
    picture = together(SPS, PPS, KEY)
    await raw.paced(1000, (raw.send("H264", picture, timestamp=number) for number in range(3000)))


async def set_flood(raw: Raw) -> None:
    """Another size in each key frame, thirty a second."""
    sizes = [parameter_sets((160 + 16 * number, 180)) for number in range(30)]
    await raw.paced(
        30, (raw.send("H264", together(*sizes[number % 30], KEY), timestamp=number * 3000) for number in range(120))
    )


async def gap_flood(raw: Raw) -> None:
    """After each packet two thousand are missing."""

    async def leap(number: int) -> None:
        raw.sequence["H264"] += 2000 if number % 2 else 0
        await raw.send("H264", PLAIN, timestamp=number * 90)

    await raw.paced(1000, (leap(number) for number in range(2000)))


async def sound_flood(raw: Raw) -> None:
    """A hundred times as much sound as time passes."""
    await raw.paced(400, (raw.send("opus", b"\xff\x06" + bytes(60), timestamp=number * 5760) for number in range(1200)))


async def racing_clock(raw: Raw) -> None:
    """Thirty pictures a second, each a second after the other."""
    await raw.paced(30, (raw.send("H264", together(SPS, PPS, KEY), timestamp=number * 90_000) for number in range(120)))


@pytest.mark.parametrize(
    ("attack", "ended_for"),
    [
        (nal_bombs, None),
        (unit_flood, "units"),
        (picture_flood, "pictures"),
        (set_flood, None),
        (gap_flood, "units"),
        (sound_flood, "sound"),
        (racing_clock, None),
    ],
)
async def test_what_a_publisher_sends_costs_nobody_else_a_part(
    shared: House, make_publisher: MakePublisher, attack: Callable[[Raw], Awaitable[None]], ended_for: str | None
) -> None:
    other = await watched(shared, make_publisher())
    raw = await connected(shared)
    with capture_logs() as logs:
        async with LoopLag() as lag:
            await attack(raw)
            seen = len(other.came)
            await until(lambda: len(other.came) > seen + 2, what="parts after it")
    assert lag.worst < 0.5
    gaps = [after - before for before, after in zip(other.came, other.came[1:], strict=False)]
    assert max(gaps) < PART + 0.75
    told = [entry["of"] for entry in logs if entry["event"] == "publisher_sends_too_much"]
    assert told == ([ended_for] if ended_for is not None else [])
    assert (shared.status().publisher_id is None) == (ended_for is not None)
    await raw.close()


async def test_a_clock_that_stands_still_gets_parts_and_costs_nobody_else_any(
    shared: House, make_publisher: MakePublisher
) -> None:
    """Thirty pictures a second, a tick apart, and sound that stands still too, for seven seconds."""
    other = await watched(shared, make_publisher())
    raw = await connected(shared)
    sound = silence()[0]

    async def both(number: int) -> None:
        payload = together(SPS, PPS, KEY) if number % 30 == 0 else PLAIN
        await raw.send("H264", payload, timestamp=number)
        await raw.send("opus", sound, timestamp=number)

    sending = asyncio.ensure_future(raw.paced(30, (both(number) for number in range(30 * 30))))
    output = await until(lambda: shared.service.live(shared.stream), what="its output")
    assert output is not None
    stuck = Watched(output)
    async with LoopLag() as lag:
        await until(lambda: len(stuck.came) > 0, timeout=15, what="a part of the broadcast whose clock stands still")
    assert lag.worst < 0.5
    gaps = [after - before for before, after in zip(other.came, other.came[1:], strict=False)]
    assert max(gaps) < PART + 0.75
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await raw.close()


async def test_whip_32_garbage_costs_nobody_a_part(shared: House, make_publisher: MakePublisher) -> None:
    """Offers and fragments, malformed in every way, as fast as they are answered."""
    other = await watched(shared, make_publisher())
    chance = random.Random(5)
    whole = offer()
    digits = [offer(instead=(text, "9" * 5000)) for text in ("a=fmtp:103", "2001 2002", "a=rtpmap:96", "0.0.0.0")]  # noqa: S104  # text of an offer
    spoilt = [
        *digits,
        *(whole[: chance.randrange(len(whole))] for _ in range(40)),
        *(chance.randbytes(60_000) for _ in range(10)),
    ]
    spoilt += [whole.replace(b"a=", b"a" * count) for count in (0, 2, 300)] + [b"v=0\r\n" + b"a=candidate:1\r\n" * 4000]
    async with LoopLag() as lag:
        for raw in spoilt:
            answer = await post_offer(shared.client, shared.stream, raw, token="good", query={"takeover": "1"})
            assert answer.status in (201, 400, 413, 422)  # a digit too many in what nobody reads is no fault
        for raw in (b"a=candidate:" + b"9" * 16_000, b"a=x\r\n" * 3000, chance.randbytes(16_000), b"a=candidate:1\r\n" * 1000):
            headers = bearer("good") | {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
            answer = await shared.client.patch(f"/whip/{shared.stream}/{'x' * 32}", data=raw, headers=headers)
            assert 400 <= answer.status < 500
    assert lag.worst < 0.5
    seen = len(other.came)
    await until(lambda: len(other.came) > seen + 2, what="parts after it")
    assert max(after - before for before, after in zip(other.came, other.came[1:], strict=False)) < PART + 0.75


async def test_candidates_told_and_shown_are_bounded_and_cost_nobody_a_part(
    shared: House, make_publisher: MakePublisher
) -> None:
    """All that may be told, and then valid checks from ever new ports."""
    other = await watched(shared, make_publisher())
    publisher = make_publisher()
    answer = await publisher.publish(shared.client, shared.stream, "good")
    text = await answer.text()
    session = shared.service.open(shared.stream).session
    assert session is not None
    connection = connection_of(session._pc.getTransceivers()[0].receiver.transport.transport)
    await until(lambda: session.is_flowing, what="media")
    ours = {name: re.search(rf"a=ice-{name}:(\S+)", text)[1] for name in ("ufrag", "pwd")}  # type: ignore[index]
    port = int(re.search(r"127\.0\.0\.1 (\d+) typ host", text)[1])  # type: ignore[index]
    async with LoopLag() as lag:
        for number in range(0, 200, 25):
            lines = (candidate(each, address=f"127.0.1.{each % 200 + 1}") for each in range(number, number + 25))
            assert (await patch(shared, publisher, fragment(publisher, *lines))).status == 204
        for _ in range(500):
            check = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
            check.attributes["USERNAME"] = f"{ours['ufrag']}:{session.ufrag}"
            check.attributes["PRIORITY"] = 1845501695
            check.attributes["ICE-CONTROLLING"] = 1
            check.add_message_integrity(ours["pwd"].encode())
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anywhere:
                anywhere.sendto(bytes(check), ("127.0.0.1", port))
            await asyncio.sleep(0)
        (guard,) = sockets_of(connection)
        assert isinstance(guard, GuardedSocket)
        await until(lambda: guard.dropped > 0, what="checks that came to nothing")
    assert len(connection.remote_candidates) <= MAX_REMOTE_CANDIDATES
    assert lag.worst < 0.5
    seen = len(other.came)
    await until(lambda: len(other.came) > seen + 2, what="parts after it")
    assert session.is_flowing
    assert max(after - before for before, after in zip(other.came, other.came[1:], strict=False)) < PART + 0.75


async def test_whip_34_strays_by_the_thousand_cost_nobody_a_part(shared: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    answer = await publisher.publish(shared.client, shared.stream, "good")
    port = int(re.search(r"127\.0\.0\.1 (\d+) typ host", await answer.text())[1])  # type: ignore[index]
    other = await watched(shared, make_publisher())
    async with LoopLag() as lag:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(3000):
                stranger.sendto(list(STRAYS.values())[number % len(STRAYS)], ("127.0.0.1", port))
                await asyncio.sleep(0)
        seen = len(other.came)
        await until(lambda: len(other.came) > seen + 2, what="parts after them")
    assert lag.worst < 0.5
    assert max(after - before for before, after in zip(other.came, other.came[1:], strict=False)) < PART + 0.75
    assert publisher.peer.connectionState == "connected"
