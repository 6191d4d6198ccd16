"""A stream's output in real time: packets in, parts out, sound coded in its worker thread."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import av
import pytest

from server.core.clock import SystemClock
from server.media import AccessUnit, MediaSettings, OpusPacket, Tracks
from server.media.cmaf.fmp4 import AUDIO_SPECIFIC_CONFIG
from server.media.cmaf.sound import SoundTranscoder
from server.media.hls.segments import Variant
from server.media.hls.window import Finished
from server.media.output import StreamOutput
from server.media.outputs import Outputs
from tests.support.boxes import runs
from tests.support.clock import ManualClock
from tests.support.coded import access_units, opus_packets
from tests.support.hls_rules import broken_rules, parse
from tests.support.simulate import BOTH

SECONDS = 5


@pytest.fixture
async def outputs() -> AsyncIterator[Outputs]:
    outputs = Outputs(MediaSettings(part_target=0.25), SystemClock())
    yield outputs
    await outputs.close()


async def send(output: StreamOutput, start: int, *media: AccessUnit | OpusPacket) -> None:
    """Hand over each unit 30 ms (pictures) or 45 ms (sound) after its media time."""
    began = time.monotonic() - 0.03
    for unit in sorted(media, key=lambda unit: unit.at + (15_000 if isinstance(unit, OpusPacket) else 0)):
        await asyncio.sleep(max(0.0, began + (unit.at - start) / 1e6 + 0.03 - time.monotonic()))
        if isinstance(unit, OpusPacket):
            output.audio(unit)
        else:
            output.video(unit)


async def test_parts_come_in_time_and_sound_comes_with_them(outputs: Outputs) -> None:
    output = outputs.make("stream", False)
    await output.open()
    published: list[tuple[float, float]] = []  # when, and the stream's length then
    publish = output._publish

    def note(cuts, now: float) -> None:  # type: ignore[no-untyped-def]  # as the method it stands before
        publish(cuts, now)
        published.append((now, parse(output.window.playlist(Variant.LIVE).decode()).length))

    output._publish = note  # type: ignore[method-assign]  # looked over its shoulder
    start = time.time_ns() // 1000
    media: tuple[AccessUnit | OpusPacket, ...] = (
        *access_units(SECONDS * 30, start=start),
        *opus_packets(SECONDS * 50, start=start, beep_every=24_000),
    )
    output.begin(BOTH)
    began = time.monotonic()
    await send(output, start, *media)
    await output.finish()
    lags = [now - began - length for now, length in published[2:-1]]
    assert sorted(lags)[len(lags) // 2] < 0.2  # a part is out soon after its last picture
    assert output.size == (320, 180)
    assert output.frame_rate == pytest.approx(30, abs=1)
    playlist = parse(output.window.playlist(Variant.SOUND).decode())
    assert broken_rules(playlist) == []
    frames: list[bytes] = []
    for segment in playlist.complete:
        body = output.window.resource((segment.uri or "").partition("/")[2])
        frames += [sample for run in runs(bytes(body or b"")) for _, sample, _ in run.samples]
    assert beeps(frames) >= 2 * SECONDS - 1
    await output.discard()


def beeps(frames: list[bytes]) -> int:
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = AUDIO_SPECIFIC_CONFIG
    count, quiet = 0, 10_000
    for data in frames:
        for frame in decoder.decode(av.Packet(data)):
            for value in memoryview(bytes(frame.planes[0])[:4096]).cast("f"):
                if abs(value) > 0.1:
                    count += quiet > 4_000
                    quiet = 0
                else:
                    quiet += 1
    return count


async def test_sound_is_coded_off_the_event_loop(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: dict[int, str] = {}
    feed = SoundTranscoder.feed

    def noted(self: SoundTranscoder, packets: Iterable[OpusPacket]) -> list[tuple[int, bytes]]:
        threads[threading.get_ident()] = threading.current_thread().name
        return feed(self, packets)

    monkeypatch.setattr(SoundTranscoder, "feed", noted)
    output = outputs.make("stream", False)
    await output.open()
    output.begin(Tracks(video=False, audio=True))
    for packet in opus_packets(100, start=time.time_ns() // 1000):
        output.audio(packet)
    await output.finish()
    assert parse(output.window.playlist(Variant.SOUND).decode()).length > 1.5
    assert threading.get_ident() not in threads
    assert all(name.startswith("sound") for name in threads.values())
    assert threads
    await output.discard()


async def test_a_publisher_that_falls_silent_leaves_parts_coming_until_it_is_paused(outputs: Outputs) -> None:
    """Nothing arrives any more; time alone cuts the next parts."""
    output = outputs.make("stream", False)
    await output.open()
    start = time.time_ns() // 1000
    media: tuple[AccessUnit | OpusPacket, ...] = (*access_units(75, start=start), *opus_packets(125, start=start))
    output.begin(BOTH)
    await send(output, start, *media)
    before = parse(output.window.playlist(Variant.LIVE).decode()).length
    await asyncio.sleep(1.0)
    after = parse(output.window.playlist(Variant.LIVE).decode())
    assert after.length - before >= 0.74
    assert broken_rules(after) == []
    output.pause()
    still = output.window.playlist(Variant.LIVE)
    await asyncio.sleep(0.5)
    assert output.window.playlist(Variant.LIVE) == still
    await output.discard()


@pytest.mark.parametrize(("part", "by_time"), [(0, False), (2, False), (0, True), (2, True)])
async def test_a_part_that_cannot_be_published_changes_nothing_that_was(
    part: int, by_time: bool, tmp_path: Path, clock: ManualClock
) -> None:
    """A part that opens a segment, or one within it, fails, by a picture or by the passing of time. What has been given out
    stays what it was, the next key frame begins anew, and the recording goes on."""
    outputs = Outputs(MediaSettings(recordings_dir=tmp_path), clock)
    output = outputs.make("stream", True)
    await output.open()
    publish = output.window.publish
    given_out: dict[str, bytes] = {}
    failed = False

    def fail_once(cuts, origin: int, now: float) -> list[Finished]:  # type: ignore[no-untyped-def]  # as the method it stands before
        nonlocal failed
        if (output.window.open_msn, output.window.open_parts) == (3, part) and not failed:
            failed = True
            raise RuntimeError("no room")
        done = publish(cuts, origin, now)
        for name, body in output.window._resources.items():
            assert given_out.setdefault(name, bytes(body)) == bytes(body), name
        return done

    output.window.publish = fail_once  # type: ignore[method-assign]
    output.begin(Tracks(video=True, audio=False))
    start = time.time_ns() // 1000
    raised = 0
    for unit in access_units(30 * 20, start=start):
        clock.advance(1 / 30)
        if by_time and (output.window.open_msn, output.window.open_parts) == (3, part) and not failed:
            clock.advance(0.7)
            output._tick()  # tells nobody: there is nobody to be told
            assert failed
        try:
            output.video(unit)
        except RuntimeError:
            raised += 1
    assert raised == (not by_time)
    await output.finish()
    playlist = parse(output.window.playlist(Variant.LIVE).decode())
    assert broken_rules(playlist) == []
    assert [segment.discontinuity for segment in playlist.segments].count(True) == 1
    assert playlist.segments[-1].msn >= 8
    assert output.recording_fault is None
    replay = await outputs.recordings.replay("stream")
    assert replay is not None
    kept = {entry.msn: entry for entry in replay.manifest.segments}
    assert sorted(kept) == list(range(len(kept)))
    assert len(kept) == playlist.segments[-1].msn + 1
    await output.discard()
    await outputs.close()
