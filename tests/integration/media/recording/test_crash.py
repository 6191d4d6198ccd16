"""What a recording holds after its process was killed, its files were torn, its machine lost power."""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from server.media import examine_recordings
from server.media.recording.manifest import MANIFEST, read_manifest
from tests.integration.media.recording.conftest import STREAM, MakeStudio, Studio, coded_cuts, feed, go_on
from tests.support.coded import START
from tests.support.hls_rules import broken_rules, parse
from tests.support.probe import probe
from tests.support.recording_process import killed_while_recording

SEGMENTS = 4


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder bound onto itself without the right to write; who may not mount takes the right from the files."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        return
    files = list(folder.iterdir())
    for file in files:
        file.chmod(0o440)
    try:
        yield
    finally:
        for file in files:
            file.chmod(0o640)


def faults(folder: Path) -> list[str]:
    return [words for fault, words in examine_recordings(folder) if fault]


async def test_a_kill_loses_the_open_segment_and_nothing_else(studio: Studio) -> None:
    await killed_while_recording(studio.folder, STREAM, SEGMENTS)
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.sealed
    replay = parse(await studio.text("replay.m3u8"))
    assert len(replay.complete) == SEGMENTS
    found = await probe(studio.url("replay.m3u8"))
    assert found["video"].packets == SEGMENTS * 60
    assert faults(studio.folder) == []


async def test_a_disk_that_is_read_only_then_costs_nothing_once_it_can_be_written_again(studio: Studio) -> None:
    await killed_while_recording(studio.folder, STREAM, SEGMENTS)
    with read_only(studio.folder / STREAM), pytest.raises(OSError, match=r"Read-only|Permission"):
        await studio.service.recording(STREAM)
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.sealed
    assert len(parse(await studio.text("replay.m3u8")).complete) == SEGMENTS


async def test_the_stream_goes_on_after_a_kill(studio: Studio) -> None:
    """Same clock, same names, no number twice; a gap stands for what was lost, a discontinuity follows it."""
    await killed_while_recording(studio.folder, STREAM, SEGMENTS)
    output = await studio.stream()
    before = parse(await studio.text("live.m3u8"))
    assert broken_rules(before) == []
    assert [segment.msn for segment in before.segments] == list(range(SEGMENTS + 1))
    assert [segment.gap for segment in before.segments] == [False] * SEGMENTS + [True]
    for segment in before.segments[:-1]:
        assert await studio.data(segment.uri or "")

    later = START + 40_000_000
    go_on(output, later, 7)
    after = parse(await studio.text("live.m3u8"))
    assert broken_rules(after) == []
    numbers = [segment.msn for segment in after.segments]
    assert numbers == list(range(len(numbers)))
    resumed = after.segments[SEGMENTS + 1]
    assert resumed.discontinuity
    assert resumed.date is not None
    assert abs(resumed.date.timestamp() - later / 1e6) < 0.001
    await output.finish()
    replay = parse(await studio.text("replay.m3u8"))
    assert [segment.discontinuity for segment in replay.segments].count(True) == 1
    dates = [segment.date for segment in replay.segments if segment.date is not None]
    assert all(earlier < later_date for earlier, later_date in pairwise(dates))
    found = await probe(studio.url("replay.m3u8"))
    assert set(found) == {"video", "audio"}
    assert faults(studio.folder) == []


def _cut_manifest(path: Path) -> None:
    data = (path / MANIFEST).read_bytes()
    (path / MANIFEST).write_bytes(data[:-40])


def _add_rubbish(path: Path) -> None:
    for name in (MANIFEST, "live.m4s", "audio.m4s"):
        with (path / name).open("ab") as file:
            file.write(os.urandom(5000))


def _lose_data(path: Path) -> None:
    size = (path / "live.m4s").stat().st_size
    os.truncate(path / "live.m4s", size - 10)


def _spoil_data(path: Path) -> None:
    with (path / "audio.m4s").open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(bytes(50))


@pytest.mark.parametrize(("tear", "kept"), [(_cut_manifest, 3), (_add_rubbish, 4), (_lose_data, 3), (_spoil_data, 3)])
async def test_a_torn_recording_is_repaired(make_studio: MakeStudio, tear: Callable[[Path], None], kept: int) -> None:
    studio = await make_studio()
    await killed_while_recording(studio.folder, STREAM, SEGMENTS)
    path = studio.folder / STREAM
    tear(path)
    output = await studio.stream()
    playlist = parse(await studio.text("live.m3u8"))
    assert [segment.gap for segment in playlist.segments][:kept] == [False] * kept
    assert all(segment.gap for segment in playlist.segments[kept:])
    feed(output, read_origin(path), ())
    await output.finish()
    assert len(parse(await studio.text("replay.m3u8")).complete) == kept
    assert set(await probe(studio.url("replay.m3u8"))) == {"video", "audio"}
    assert faults(studio.folder) == []


def read_origin(path: Path) -> int:
    manifest = read_manifest(path)
    assert manifest is not None
    return manifest.origin


async def test_a_clean_stop_is_taken_up_again_without_a_loss(make_studio: MakeStudio) -> None:
    studio = await make_studio()
    output = await studio.stream()
    feed(output, *coded_cuts())
    await studio.service.close()
    lines = (studio.folder / STREAM / MANIFEST).read_text().splitlines()
    assert json.loads(lines[-1])["kind"] == "segment"
    again = await make_studio()
    await again.stream()
    playlist = parse(await again.text("live.m3u8"))
    assert not playlist.ended
    assert not any(segment.gap for segment in playlist.segments)
    assert playlist.length == pytest.approx(9, abs=0.1)


async def test_the_doctor_finds_a_flipped_bit(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    await output.finish()
    assert faults(studio.folder) == []
    with (studio.folder / STREAM / "live.m4s").open("r+b") as file:
        file.seek(20_000)
        byte = file.read(1)
        file.seek(20_000)
        file.write(bytes([byte[0] ^ 1]))
    assert len(faults(studio.folder)) == 1
