"""Full and unwritable disks, real ones: the recording stops with its code, the stream does not notice."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.media.output import StreamOutput
from tests.integration.media.recording.conftest import OTHER, STREAM, MakeStudio, Studio, coded_cuts, feed, fill, make_room
from tests.support.hls_rules import parse
from tests.support.probe import probe
from tests.support.wait import until


async def stream_for(studio: Studio, seconds: int) -> tuple[str, list[str]]:
    """Publish; gives the fault and the alarms that were logged."""
    output = await studio.stream()
    with capture_logs() as logs:
        feed(output, *coded_cuts(seconds))
        await until(lambda: output.recording_fault or not output.holds_recording, what="the recording stops")
    assert not output.recording
    assert output.recording_fault is not None
    return output.recording_fault, [line["event"] for line in logs if line.get("alarm")]


async def another_goes_on(studio: Studio) -> StreamOutput:
    """A second broadcast begins in the midst of the trouble of the first, and is shown as any other."""
    other = await studio.stream(OTHER)
    feed(other, *coded_cuts())
    playlist = parse(await studio.text("live.m3u8", OTHER))
    assert playlist.length > 8
    assert await studio.data(playlist.complete[-1].uri or "", OTHER)
    return other


async def test_a_full_disk_stops_the_recording_and_not_the_stream(make_studio: MakeStudio, small_disk: Path) -> None:
    studio = await make_studio(small_disk)
    fault, alarms = await stream_for(studio, 40)
    assert fault == "disk_full"
    assert alarms[-1] == "recording_stopped"
    if os.geteuid() == 0:
        assert alarms == ["recording_disk_low", "recording_stopped"]  # the warning came first
    playlist = parse(await studio.text("live.m3u8"))
    assert playlist.length > 25
    assert await studio.data(playlist.complete[-1].uri or "")
    await another_goes_on(studio)
    await studio.service.finish(STREAM)
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.sealed
    assert 0 < info.duration < 40
    assert set(await probe(studio.url("replay.m3u8"))) == {"video", "audio"}


async def test_a_download_that_does_not_fit_leaves_nothing(make_studio: MakeStudio, small_disk: Path) -> None:
    studio = await make_studio(small_disk)
    output = await studio.stream()
    feed(output, *coded_cuts(9))
    await output.finish()
    fill(small_disk, leave=40_000)
    await studio.service.start_download(STREAM)
    while (download := await studio.service.download(STREAM)).state == "preparing":
        pass
    assert (download.state, download.fault) == ("failed", "disk_full")
    assert sorted(path.name for path in (small_disk / STREAM).iterdir()) == ["audio.m4s", "live.m4s", "manifest.jsonl"]
    make_room(small_disk)
    await studio.service.start_download(STREAM)
    while (download := await studio.service.download(STREAM)).state == "preparing":
        pass
    assert download.state == "ready"


async def test_a_folder_that_is_none_stops_the_recording_and_not_the_stream(make_studio: MakeStudio, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    studio = await make_studio(tmp_path / "file")
    with capture_logs() as logs:
        output = await studio.stream()
    assert (output.recording, output.recording_fault) == (False, "folder_unwritable")
    assert [line["event"] for line in logs if line.get("alarm")] == ["recording_stopped"]
    feed(output, *coded_cuts())
    assert parse(await studio.text("live.m3u8")).length > 8
    await another_goes_on(studio)


async def test_what_cannot_be_read_is_said_plainly_and_can_be_read_later(make_studio: MakeStudio, tmp_path: Path) -> None:
    studio = await make_studio()
    output = await studio.stream()
    feed(output, *coded_cuts())
    await studio.service.finish(STREAM)
    names = ["replay.m3u8", "replay-audio.m3u8", f"{output.window.folder}/rv0.m4s"]
    away = studio.folder.rename(tmp_path / "away")
    studio.folder.write_bytes(b"")  # a mount that is gone, with something else in its place
    for name in names:
        async with studio.client.get(f"/hls/{STREAM}/{name}") as answer:
            assert (answer.status, (await answer.json())["code"]) == (503, "recording_unreadable")
            assert int(answer.headers["Retry-After"]) > 0
    assert (await studio.service.download(STREAM)).state == "none", "the page of the broadcast shows no download"
    studio.folder.unlink()
    away.rename(studio.folder)
    for name in names:
        assert await studio.data(name)


async def test_one_folder_that_cannot_be_written_leaves_the_other_recordings_alone(studio: Studio) -> None:
    studio.folder.mkdir()
    (studio.folder / STREAM).write_bytes(b"")
    output = await studio.stream()
    feed(output, *coded_cuts())
    assert output.recording_fault == "folder_unwritable"
    other = await another_goes_on(studio)
    assert (other.recording, other.recording_fault) == (True, None)
    await studio.service.finish(OTHER)
    info = await studio.service.recording(OTHER)
    assert info is not None
    assert info.sealed
    assert info.duration == pytest.approx(9, abs=0.1)


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that holds the stream's folder and lets nothing be written any more."""
    if os.geteuid() != 0:
        pytest.skip("only root may make a file system read-only")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    (folder / STREAM).mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_turned_read_only_stops_the_recording(make_studio: MakeStudio, read_only_disk: Path) -> None:
    studio = await make_studio(read_only_disk)
    output = await studio.stream()
    assert output.recording_fault == "folder_unwritable"
    feed(output, *coded_cuts())
    assert parse(await studio.text("live.m3u8")).length > 8
