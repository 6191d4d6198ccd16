"""A recording goes on when the disk takes it again, after a restart, on a clock that was set back; no number is used twice."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.core.clock import SystemClock
from server.media.cmaf.parts import Cut
from server.media.output import StreamOutput
from server.media.recording.journal import RecordingJournal
from server.media.recording.manifest import MANIFEST, read_manifest
from server.media.recording.numbers import Numbers
from tests.integration.media.recording.conftest import (
    STREAM,
    MakeStudio,
    Studio,
    coded_cuts,
    feed,
    fill,
    go_on,
    make_room,
    segments_of,
)
from tests.integration.media.recording.test_crash import faults, read_only
from tests.support.clock import ManualClock
from tests.support.coded import START
from tests.support.hls_rules import MediaPlaylist, broken_rules, parse
from tests.support.probe import decode, probe
from tests.support.publishing import Publisher
from tests.support.recording_process import killed_while_recording
from tests.support.wait import until

SEGMENTS = 10
LATER = START + 40_000_000


@pytest.fixture
def takes() -> tuple[int, list[tuple[Cut, ...]]]:
    """Origin and cuts of ten segments."""
    origin, cuts = coded_cuts(2 * SEGMENTS)
    segments = segments_of(cuts)
    assert len(segments) == SEGMENTS
    return origin, segments


def publish(output: StreamOutput, origin: int, segments: list[tuple[Cut, ...]]) -> None:
    feed(output, origin, tuple(cut for segment in segments for cut in segment))


async def tried_again(output: StreamOutput, clock: ManualClock) -> float:
    """Let time pass until the disk is asked again; gives how long that took."""
    began = clock.monotonic()

    def asked() -> bool:
        clock.advance(5)
        return output.holds_recording

    await until(asked, what="the disk is tried again")
    await written(output)
    return clock.monotonic() - began


async def written(output: StreamOutput) -> None:
    """The disk has done everything it was asked to do."""
    assert output._recorder is not None
    await output._recorder._settled()


async def shown(studio: Studio) -> tuple[MediaPlaylist, dict[str, bytes]]:
    """The live playlist, and every byte it leads to."""
    playlist = parse(await studio.text("live.m3u8"))
    assert broken_rules(playlist) == []
    uris = [segment.uri or "" for segment in playlist.complete if not segment.gap]
    uris += [part.uri for segment in playlist.segments for part in segment.parts]
    return playlist, {uri: await studio.data(uri) for uri in uris}


async def test_a_recording_resumes_a_minute_after_there_is_room_again(
    make_studio: MakeStudio, small_disk: Path, clock: ManualClock, takes: tuple[int, list[tuple[Cut, ...]]]
) -> None:
    origin, segments = takes
    studio = await make_studio(small_disk, clock)
    output = await studio.stream()
    fill(small_disk, leave=200_000)
    with capture_logs() as logs:
        publish(output, origin, segments[:5])
        await until(lambda: output.recording_fault == "disk_full", what="the full disk")
        make_room(small_disk)
        assert await tried_again(output, clock) >= 60
        assert (output.recording, output.recording_fault) == (False, "disk_full"), "not before something is durable"
        publish(output, origin, segments[5:])
        await until(lambda: output.recording, what="the recording")
    assert output.recording_fault is None
    events = [line["event"] for line in logs]
    assert (events.count("recording_stopped"), events.count("recording_resumed")) == (1, 1)

    live, data = await shown(studio)
    assert [segment.discontinuity for segment in live.segments] == [False] * SEGMENTS, "viewers noticed nothing"
    await studio.service.finish(STREAM)
    replay = parse(await studio.text("replay.m3u8"))
    manifest = read_manifest(small_disk / STREAM)
    assert manifest is not None
    numbers = [recorded.msn for recorded in manifest.segments]
    assert numbers[-5:] == [5, 6, 7, 8, 9]
    assert 5 < len(numbers) < SEGMENTS
    assert [segment.discontinuity for segment in replay.segments] == [recorded.msn == 5 for recorded in manifest.segments]
    names = [f"{output.window.folder}/v{number}.m4s" for number in numbers]
    assert [await studio.data(segment.uri or "") for segment in replay.complete] == [data[name] for name in names]
    assert set(await probe(studio.url("replay.m3u8"))) == {"video", "audio"}
    assert faults(small_disk) == []
    await studio.service.start_download(STREAM)
    while (download := await studio.service.download(STREAM)).state == "preparing":
        pass
    assert download.path is not None
    await decode(download.path)
    found = await probe(download.path)
    assert found["video"].duration == pytest.approx(2 * len(numbers), abs=0.2), "what is missing is left out"
    assert found["audio"].duration == pytest.approx(2 * len(numbers), abs=0.2)


async def test_a_disk_is_left_alone_for_a_minute(studio: Studio) -> None:
    folder = studio.folder / STREAM
    studio.folder.mkdir()
    folder.write_bytes(b"")
    recorder = (await studio.stream())._recorder
    assert recorder is not None
    folder.unlink()
    for now in (0.0, 30.0, 59.9):
        recorder.look(now)
        assert not recorder.busy
    recorder.look(60.0)
    assert recorder.busy


async def test_a_disk_that_stays_full_is_tried_again_without_another_alarm(
    make_studio: MakeStudio, small_disk: Path, clock: ManualClock, takes: tuple[int, list[tuple[Cut, ...]]]
) -> None:
    origin, segments = takes
    studio = await make_studio(small_disk, clock)
    output = await studio.stream()
    fill(small_disk, leave=200_000)
    with capture_logs() as logs:
        publish(output, origin, segments[:5])
        await until(lambda: output.recording_fault == "disk_full", what="the full disk")
        for number in range(5, 8):
            await tried_again(output, clock)
            publish(output, origin, segments[number : number + 1])
            await until(lambda: not output.holds_recording, what="the disk refuses again")
            assert (output.recording, output.recording_fault) == (False, "disk_full")
    alarms = [line["event"] for line in logs if line.get("alarm")]
    assert alarms.count("recording_stopped") == 1
    assert [line["event"] for line in logs].count("recording_not_resumed") == 3
    assert (await shown(studio))[0].segments[-1].msn == 7
    await studio.service.finish(STREAM)
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.sealed
    assert faults(small_disk) == []


async def test_a_disk_that_was_full_from_the_beginning_is_recorded_to_later(
    make_studio: MakeStudio, tmp_path: Path, clock: ManualClock, takes: tuple[int, list[tuple[Cut, ...]]]
) -> None:
    origin, segments = takes
    folder = tmp_path / "recordings"
    folder.write_bytes(b"")  # not even a folder
    studio = await make_studio(folder, clock)
    output = await studio.stream()
    publish(output, origin, [*segments[:3], segments[3][:1]])
    folder.unlink()
    with capture_logs() as logs:
        await tried_again(output, clock)  # in the middle of a segment
        publish(output, origin, [segments[3][1:], *segments[4:]])
        await until(lambda: output.recording, what="the recording")
    assert "recording_not_resumed" not in [line["event"] for line in logs]
    await studio.service.finish(STREAM)
    assert len(parse(await studio.text("replay.m3u8")).complete) == SEGMENTS - 3


@pytest.mark.parametrize("stop", ["closed", "killed"])
async def test_after_a_full_disk_and_a_restart_no_number_is_used_twice(
    make_studio: MakeStudio, small_disk: Path, stop: str, takes: tuple[int, list[tuple[Cut, ...]]], tmp_path: Path
) -> None:
    """What was shown while the disk was full is in no manifest; its names are taken all the same."""
    origin, segments = takes
    studio = await make_studio(small_disk)
    output = await studio.stream()
    fill(small_disk, leave=200_000)
    publish(output, origin, segments[:5])
    await until(lambda: output.recording_fault == "disk_full", what="the full disk")
    publish(output, origin, segments[5:])
    before, seen = await shown(studio)
    assert before.segments[-1].msn == SEGMENTS - 1
    await written(output)
    again = await restarted(make_studio, studio, tmp_path, killed=stop == "killed")

    output = await again.stream()
    resumed, _ = await shown(again)
    assert resumed.first_msn >= before.first_msn
    assert [segment.msn for segment in resumed.segments if segment.gap][-1] == SEGMENTS - 1
    go_on(output, LATER, 10)
    after, data = await shown(again)
    assert after.segments[-1].msn == SEGMENTS + 4
    assert {uri for uri in data if uri in seen and data[uri] != seen[uri]} == set()
    assert len(data.keys() - seen.keys()) >= 5


async def test_after_a_disk_that_took_nothing_any_more_no_number_is_used_twice(
    make_studio: MakeStudio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, takes: tuple[int, list[tuple[Cut, ...]]]
) -> None:
    """Not even the number could be written; minutes later the old process was stopped and a new one started."""
    origin, segments = takes
    clock = ManualClock()
    studio = await make_studio(clock=clock)
    output = await studio.stream()
    publish(output, origin, segments[:5])
    await until(lambda: (studio.folder / STREAM / MANIFEST).exists() and _recorded(studio) == 5, what="five segments")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as broken:
        broken.setattr(RecordingJournal, "_write", refuse)
        broken.setattr(Numbers, "_write", refuse)
        clock.advance(10)
        publish(output, origin, segments[5:])
        await until(lambda: output.recording_fault == "folder_unwritable", what="the fault")
        clock.advance(110)
        again = await restarted(make_studio, studio, tmp_path, killed=False, clock=clock)
    output = await again.stream()
    assert output.window.open_msn > SEGMENTS + 120 / 2
    go_on(output, LATER, 10)
    after, _ = await shown(again)
    assert after.first_msn > SEGMENTS
    assert [segment.gap for segment in after.segments] == [False] * 5


def _recorded(studio: Studio) -> int:
    manifest = read_manifest(studio.folder / STREAM)
    return len(manifest.segments) if manifest is not None else 0


async def restarted(
    make_studio: MakeStudio, studio: Studio, tmp_path: Path, *, killed: bool, clock: ManualClock | None = None
) -> Studio:
    """Another process on the same recordings; of a killed one it finds what had reached the system."""
    if not killed:
        await studio.service.close()
        make_room(studio.folder)
        return await make_studio(studio.folder, clock)
    found = tmp_path / "found"
    shutil.copytree(studio.folder, found, ignore=shutil.ignore_patterns("filler"))
    return await make_studio(found, clock)


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Notes what was synced; called with a folder, it leaves there what a loss of power would have left."""
    synced: dict[Path, bytes] = {}
    sync = os.fdatasync

    def fdatasync(file: int) -> None:
        sync(file)
        path = Path(f"/proc/self/fd/{file}").readlink()
        synced[path] = path.read_bytes()

    def lose_power(folder: Path) -> None:
        folder.mkdir(parents=True)
        for path, data in synced.items():
            (folder / path.name).write_bytes(data)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    return lose_power


@pytest.mark.parametrize("whole", [0, 3])
async def test_after_a_loss_of_power_no_number_is_used_twice(
    make_studio: MakeStudio, durable: Callable[[Path], None], tmp_path: Path, whole: int,
    takes: tuple[int, list[tuple[Cut, ...]]],
) -> None:  # fmt: skip
    """Viewers had two parts of the open segment, of which nothing was durable yet."""
    origin, segments = takes
    studio = await make_studio()
    output = await studio.stream()
    publish(output, origin, [*segments[:whole], segments[whole][:2]])
    await written(output)
    seen = {f"v{whole}.{number}.m4s" for number in range(2)}
    assert all(output.window.resource(name) for name in seen)
    durable(tmp_path / "found" / STREAM)
    again = await make_studio(tmp_path / "found")
    output = await again.stream()
    assert output.window.folder == studio.service.live(STREAM).window.folder  # type: ignore[union-attr]  # it is open
    go_on(output, LATER, 10)
    assert not any(output.window.resource(name) for name in seen)
    _, data = await shown(again)
    assert len(data) >= 5


async def test_a_disk_that_can_only_be_read_at_the_start_keeps_the_stream_and_is_recorded_to_later(
    make_studio: MakeStudio, clock: ManualClock
) -> None:
    clock.set_wall(datetime.now(UTC))
    studio = await make_studio(clock=clock)
    await killed_while_recording(studio.folder, STREAM, 4)
    with read_only(studio.folder / STREAM):
        output = await studio.stream()
        assert output.recording_fault == "folder_unwritable"
        before = parse(await studio.text("live.m3u8"))
        assert [segment.gap for segment in before.segments] == [False] * 4 + [True]
        go_on(output, LATER, 4)
    await tried_again(output, clock)
    go_on(output, LATER + 10_000_000, 6)
    await until(lambda: output.recording, what="the recording")
    live, _ = await shown(studio)
    assert [segment.msn for segment in live.segments] == list(range(10))
    await studio.service.finish(STREAM)
    manifest = read_manifest(studio.folder / STREAM)
    assert manifest is not None
    assert [recorded.msn for recorded in manifest.segments] == [0, 1, 2, 3, 7, 8, 9]
    assert faults(studio.folder) == []


class Behind(SystemClock):
    """A clock that was set to another time."""

    def __init__(self, moment: datetime) -> None:
        self._back = super().now() - moment

    def now(self) -> datetime:
        return super().now() - self._back


@pytest.mark.parametrize("seconds", [4, -86_400], ids=["behind the end", "behind the origin"])
async def test_a_broadcast_goes_on_with_a_clock_behind_its_recording(make_studio: MakeStudio, seconds: int) -> None:
    """Nine seconds were recorded; then the machine came back with another idea of the time."""
    studio = await make_studio()
    feed(await studio.stream(), *coded_cuts())
    await studio.service.close()
    began = datetime.fromtimestamp(START / 1e6, UTC)
    again = await make_studio(studio.folder, Behind(began + timedelta(seconds=seconds)))
    output = await again.stream()
    kept = parse(await again.text("live.m3u8")).complete
    assert len(kept) == 5
    publisher = Publisher()
    try:
        answer = await publisher.publish(again.client, STREAM, "good")
        assert answer.status == 201, await answer.text()
        await until(lambda: output.window.open_msn >= len(kept) + 2, timeout=20, what="two more segments")
        status = again.service.status(STREAM)
        assert status is not None
        assert status.publishing
        live = parse(await again.text("live.m3u8"))
        await again.service.finish(STREAM)
    finally:
        await publisher.close()
    replay = parse(await again.text("replay.m3u8"))
    for playlist in (live, replay):
        dates = [segment.date for segment in playlist.segments if segment.date is not None]
        assert len(dates) >= len(kept) + 2
        assert all(earlier < later_date for earlier, later_date in pairwise(dates))
        assert dates[-1] - began < timedelta(seconds=60)
