"""Publishers who come, fall silent, come back, take over and go; one aiortc peer each, over loopback."""

import asyncio
import gc
import itertools
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.core.errors import Conflict
from server.media import PublishingEvent, Tracks
from tests.integration.media.whip.conftest import House, MakeHouse
from tests.support.publishing import FRAME_RATE, Publisher, post_offer
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]
STARTED, LOST = PublishingEvent.STARTED, PublishingEvent.LOST


async def publish(house: House, publisher: Publisher, *, token: str = "good", takeover: bool = False) -> None:
    before = len(house.output().pictures) if house.flows() else 0
    answer = await publisher.publish(house.client, house.stream, token, takeover=takeover)
    assert answer.status == 201, await answer.text()
    await until(lambda: house.flows() and len(house.output().pictures) > before + 2, what="pictures")


async def test_sound_and_picture_arrive_whole_and_together(house: House, make_publisher: MakePublisher) -> None:
    await publish(house, make_publisher())
    await until(lambda: len(house.output().pictures) > 3 * FRAME_RATE and len(house.output().sounds) > 100, what="media")
    output = house.output()
    assert output.begun == [Tracks(video=True, audio=True)]
    assert output.pictures[0].key
    assert abs(output.pictures[0].at - output.sounds[0].at) < 1_000_000
    pictures, sounds = [unit.at for unit in output.pictures], [packet.at for packet in output.sounds]
    for stamps, step in ((pictures, 40_000), (sounds, 20_000)):
        steps = [after - before for before, after in itertools.pairwise(stamps)]
        assert all(0 < each < step * 1.2 for each in steps)
    sound_now = output.sounds[-1].at
    assert abs(output.pictures[-1].at - sound_now) < 150_000
    status = house.status()
    assert (status.publishing, status.publisher_id) == (True, "host")
    assert (status.width, status.height) == (320, 180)
    await until(lambda: abs((house.status().frame_rate or 0) - FRAME_RATE) < 4, what="the frame rate")
    status = house.status()
    assert status.bitrate > 10_000
    assert status.loss < 0.05


async def test_nothing_is_decoded(house: House, make_publisher: MakePublisher) -> None:
    """aiortc decodes in threads, one for each track. None begins; the executor's are the sender's, which is of this process."""
    before = set(threading.enumerate())
    await publish(house, make_publisher())
    await until(lambda: house.output().sounds, what="sound")
    begun = {thread.name for thread in threading.enumerate() if thread not in before}
    assert {re.sub(r"\d+", "", name) for name in begun} <= {"asyncio_"}


@pytest.mark.parametrize(("video", "audio"), [(True, False), (False, True)])
async def test_one_track_alone_will_do(house: House, make_publisher: MakePublisher, video: bool, audio: bool) -> None:
    await make_publisher(video=video, audio=audio).publish(house.client, house.stream, "good")
    await until(lambda: house.outputs and len(house.output().pictures if video else house.output().sounds) > 20, what="media")
    assert house.output().begun == [Tracks(video=video, audio=audio)]


async def test_a_second_publisher_waits_while_the_first_is_sending(house: House, make_publisher: MakePublisher) -> None:
    await publish(house, make_publisher())
    answer = await make_publisher().publish(house.client, house.stream, "second")
    assert answer.status == 409
    assert (await answer.json())["code"] == "publisher_active"
    assert house.status().publisher_id == "host"


async def test_a_takeover_replaces_the_publisher_and_is_no_loss(house: House, make_publisher: MakePublisher) -> None:
    first, second = make_publisher(), make_publisher()
    await publish(house, first)
    await publish(house, second, token="second", takeover=True)
    await until(lambda: first.peer.connectionState == "closed", what="the end of the first")
    output = house.output()
    await until(lambda: len(output.begun) == 2, what="the second's media")
    assert len(house.outputs) == 1  # same stream, same recording
    assert output.pauses == 1
    assert house.status().publisher_id == "co-host"
    await until(lambda: house.door.heard(house.stream) == [STARTED, STARTED], what="the news")
    stamps = [unit.at for unit in output.pictures]
    assert stamps == sorted(set(stamps))


async def test_a_refused_takeover_leaves_the_publisher_alone(house: House, make_publisher: MakePublisher) -> None:
    await publish(house, make_publisher())
    for token in ("wrong", "elsewhere"):
        answer = await make_publisher().publish(house.client, house.stream, token, takeover=True)
        assert answer.status in (401, 404)
    answer = await post_offer(house.client, house.stream, b"garbage", token="good", query={"takeover": "1"})
    assert answer.status == 400
    seen = len(house.output().pictures)
    await until(lambda: len(house.output().pictures) > seen + 5, what="media after the attempts")


async def test_a_silent_publisher_is_lost_and_then_replaced(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house(silent_after=1.5)
    first, second = make_publisher(), make_publisher()
    await publish(house, first)
    first.mute(True)
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST], what="the loss")
    assert house.output().pauses == 1
    assert not house.status().publishing
    await publish(house, second)
    assert len(house.outputs) == 1
    assert len(house.output().begun) == 2
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST, STARTED], what="the return")


async def test_a_publisher_who_falls_silent_may_go_on(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house(silent_after=1.5)
    publisher = make_publisher()
    await publish(house, publisher)
    publisher.mute(True)
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST], what="the loss")
    seen = len(house.output().pictures)
    publisher.mute(False)
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST, STARTED], what="the return")
    await until(lambda: len(house.output().pictures) > seen + 3, what="pictures")
    assert len(house.output().begun) == 2
    assert house.output().pictures[seen].key
    stamps = [unit.at for unit in house.output().pictures]
    assert stamps == sorted(set(stamps))


async def test_a_replacement_that_never_sends_is_a_loss_after_all(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house(silent_after=1.5)
    await publish(house, make_publisher())
    answer = await post_offer(house.client, house.stream, await make_publisher().offer(), token="good", query={"takeover": "1"})
    assert answer.status == 201
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST], what="the loss")


async def test_a_publisher_that_vanishes_comes_back_to_the_same_stream(house: House, make_publisher: MakePublisher) -> None:
    first = make_publisher()
    await publish(house, first)
    await first.close()
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST], what="the loss")
    await publish(house, make_publisher())
    assert len(house.outputs) == 1
    stamps = [unit.at for unit in house.output().pictures]
    assert stamps == sorted(set(stamps))


async def test_going_live_hands_over_at_a_key_frame(make_house: MakeHouse, make_publisher: MakePublisher) -> None:
    house = await make_house()
    house.door.on_air = False
    publisher = make_publisher()
    await publish(house, publisher)
    rehearsal = house.output()
    assert not rehearsal.recorded
    await house.service.go_live(house.stream)
    await house.service.go_live(house.stream)  # asking twice is asking once
    await until(lambda: house.output() is not rehearsal and len(house.output().pictures) > 10, what="the live output")
    live = house.output()
    assert len(house.outputs) == 2
    assert live.recorded
    assert live.pictures[0].key
    await until(lambda: rehearsal.discarded, what="the end of the rehearsal")
    assert rehearsal.pictures[-1].at < live.pictures[0].at
    assert live.pictures[0].at - rehearsal.pictures[-1].at < 100_000  # nothing was left out
    assert publisher.peer.connectionState == "connected"
    assert house.status().recording


async def test_going_live_without_media_is_refused(house: House) -> None:
    with pytest.raises(Conflict, match="nothing_received"):
        await house.service.go_live(house.stream)
    house.service.open(house.stream)
    with pytest.raises(Conflict, match="nothing_received"):
        await house.service.go_live(house.stream)


async def test_a_stream_put_on_air_from_outside_gets_its_output(house: House) -> None:
    stream = house.service.open(house.stream)
    stream.prepare(on_air=True)
    stream.prepare(on_air=True)
    await until(lambda: stream.output is not None, what="the output")
    assert [output.recorded for output in house.outputs] == [True]


async def test_finishing_ends_the_publisher_and_seals(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await publish(house, publisher)
    await house.service.finish(house.stream)
    assert house.output().closed
    assert not house.output().discarded  # viewers are some seconds behind
    await until(lambda: publisher.peer.connectionState == "closed", what="the publisher's end")
    assert house.service.stream_ids() == ()
    await until(lambda: house.door.heard(house.stream) == [STARTED], what="no loss")
    await house.service.finish(house.stream)
    await house.service.finish("unknown")


async def test_a_publisher_sent_away_leaves_the_stream_waiting(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await publish(house, publisher)
    await house.service.close_publisher(house.stream)
    await until(lambda: publisher.peer.connectionState == "closed", what="the publisher's end")
    assert house.service.stream_ids() == (house.stream,)
    assert not house.output().closed
    await house.service.close_publisher(house.stream)


async def test_a_broken_output_ends_its_own_publisher_and_no_other(
    house: House, make_publisher: MakePublisher, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = make_publisher(), make_publisher()
    await publish(house, broken)
    assert (await sound.publish(house.client, house.other_stream, "elsewhere")).status == 201
    await until(lambda: house.flows(house.other_stream), what="the other stream")
    house.output().failing = True
    await until(lambda: broken.peer.connectionState == "closed", what="the end of the broken one")
    seen = len(house.output(house.other_stream).pictures)
    await until(lambda: len(house.output(house.other_stream).pictures) > seen + 10, what="the other stream, unharmed")
    assert house.status(house.other_stream).publishing


async def test_a_publisher_who_sends_too_much_is_ended_and_no_other(
    make_house: MakeHouse, make_publisher: MakePublisher
) -> None:
    """It is told apart by what it sends, not by whose it is; an honest one of the same size of picture is not touched."""
    house = await make_house(ingest_bitrate=400_000)
    greedy, modest = make_publisher(size=(1280, 720)), make_publisher(size=(320, 180))
    assert (await modest.publish(house.client, house.other_stream, "elsewhere")).status == 201
    await until(lambda: house.flows(house.other_stream), what="the modest one")
    await publish(house, greedy)
    with capture_logs() as logs:
        await until(lambda: greedy.peer.connectionState == "closed", timeout=30, what="the end of the greedy one")
    assert [(entry["event"], entry["of"]) for entry in logs if "of" in entry] == [("publisher_sends_too_much", "size")]
    assert [entry["reason"] for entry in logs if entry["event"] == "publisher_ended"] == ["too_much"]
    assert (house.status().publisher_id, house.status().publishing_fault) == (None, "too_much"), "the studio says why"
    assert house.status(house.other_stream).publishing_fault is None
    await until(lambda: house.door.heard(house.stream) == [STARTED, LOST], what="the news")
    seen = len(house.output(house.other_stream).pictures)
    await until(lambda: len(house.output(house.other_stream).pictures) > seen + 10, what="the modest one, unharmed")


async def test_an_authority_that_fails_to_listen_harms_nobody(house: House, make_publisher: MakePublisher) -> None:
    house.door.deaf = True
    publisher = make_publisher()
    await publish(house, publisher)
    await until(lambda: house.door.missed == 1, what="the news nobody took")
    house.door.deaf = False
    await publisher.close()
    await until(lambda: house.door.heard(house.stream) == [LOST], what="the next news")


async def test_a_stream_that_is_over_takes_nobody(house: House) -> None:
    house.door.busy.add(house.stream)
    answer = await post_offer(house.client, house.stream, b"v=0", token="good")
    assert answer.status == 409
    assert (await answer.json())["code"] == "broadcast_over"


async def test_closing_the_service_ends_everything(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await publish(house, publisher)
    await house.service.close()
    await house.service.close()
    assert house.output().discarded
    await until(lambda: publisher.peer.connectionState == "closed", what="the publisher's end")
    assert (await post_offer(house.client, house.stream, b"v=0", token="good")).status == 503


async def test_no_port_left_is_said_plainly(make_house: MakeHouse) -> None:
    taken, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    port = taken.get_extra_info("sockname")[1]
    house = await make_house(ports=(port, port))
    publisher = Publisher()
    answer = await publisher.publish(house.client, house.stream, "good")
    assert answer.status == 503
    assert (await answer.json())["code"] == "media_ports_exhausted"
    taken.close()
    await publisher.close()


async def test_ports_come_from_the_range_and_addresses_from_the_settings(make_house: MakeHouse) -> None:
    house = await make_house(ports=(41_000, 41_400), advertise=("127.0.0.1", "203.0.113.9"))
    publisher = Publisher()
    answer = await publisher.publish(house.client, house.stream, "good")
    found = re.findall(r"udp \d+ (\S+) (\d+) typ host", await answer.text())
    assert [address for address, _ in found] == ["127.0.0.1", "203.0.113.9"]
    assert {port for _, port in found} <= {str(port) for port in range(41_000, 41_401)}
    await publisher.close()


async def test_fifty_publishers_leave_nothing_behind(house: House) -> None:
    """Connect, send, end; each way of ending in turn. Sockets and tasks are back to what they were."""

    async def once(number: int) -> None:
        publisher = Publisher(audio=number % 2 == 0)
        await publish(house, publisher)
        if number % 3 == 0:
            answer = await house.client.delete(publisher.location, headers={"Authorization": "Bearer good"})
            assert answer.status == 200
        elif number % 3 == 1:
            await house.service.close_publisher(house.stream)
        await publisher.close()
        await until(lambda: house.status().publisher_id is None, what="the end")

    def held() -> tuple[int, int]:
        gc.collect()
        files = sum("socket" in str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
        return files, len(asyncio.all_tasks())

    await once(0)
    before = held()
    for number in range(50):
        await once(number)
    await until(lambda: held() <= before, what=f"as few sockets and tasks as before, {before}")


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.02, 0.03, 0.04, 0.06])
async def test_a_session_may_end_while_it_is_being_set_up(house: House, make_publisher: MakePublisher, pause: float) -> None:
    """At any moment of ICE and DTLS; nothing fails where nobody looks (the whole suite watches for that)."""
    publisher = make_publisher()
    assert (await publisher.publish(house.client, house.stream, "good")).status == 201
    moment = asyncio.get_running_loop().time() + pause
    await until(lambda: asyncio.get_running_loop().time() >= moment, every=0.002)
    await house.service.close_publisher(house.stream)
    assert house.status().publisher_id is None
    gc.collect()
