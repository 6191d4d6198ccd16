"""A recording is thrown away: all of it, whatever is being done with it, and nothing else."""

import asyncio
import threading
from pathlib import Path

import pytest

from server.media.recording import downloads
from server.media.recording.manifest import MANIFEST
from server.media.recording.mp4 import write_mp4
from tests.integration.media.recording.conftest import OTHER, STREAM, MakeStudio, Studio, coded_cuts, feed
from tests.support.wait import until


async def _recorded(studio: Studio, stream_id: str = STREAM) -> Path:
    origin, cuts = coded_cuts()
    feed(await studio.stream(stream_id), origin, cuts)
    await studio.service.finish(stream_id)
    return studio.folder / stream_id


async def test_files_replay_and_last_live_seconds_are_gone_and_the_neighbour_stays(studio: Studio) -> None:
    folder, neighbour = await _recorded(studio), await _recorded(studio, OTHER)
    segment = next(line for line in (await studio.text("replay.m3u8")).splitlines() if not line.startswith("#"))
    await studio.service.start_download(STREAM)
    await until((folder / "download.mp4").exists, what="the MP4")
    await studio.service.discard(STREAM)
    assert [path.name for path in studio.folder.iterdir()] == [neighbour.name]
    for name in ("replay.m3u8", segment, "live.m3u8"):
        async with studio.client.get(f"/hls/{STREAM}/{name}") as answer:
            assert answer.status == 404, name
    assert (await studio.service.download(STREAM)).state == "none"
    assert await studio.service.recording(STREAM) is None
    await studio.service.discard(STREAM)  # what is gone is gone
    assert (neighbour / MANIFEST).exists()


async def test_a_download_that_is_being_made_is_abandoned(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, begun = await _recorded(studio), threading.Event()

    def slowly(folder: Path, progress: downloads.Progress) -> Path:
        begun.set()
        while progress(0.5):
            pass
        return write_mp4(folder, progress)

    monkeypatch.setattr(downloads, "write_mp4", slowly)
    await studio.service.start_download(STREAM)
    await asyncio.to_thread(begun.wait, 10)
    waiting = await _recorded(studio, OTHER)
    await studio.service.start_download(OTHER)  # behind the other one, in the only thread
    await studio.service.discard(OTHER)
    assert not waiting.exists()
    await studio.service.discard(STREAM)
    assert not folder.exists()
    await studio.service.start_download(STREAM)
    assert (await studio.service.download(STREAM)).state == "none", "never again"
    assert not folder.exists()


async def test_what_a_death_in_the_middle_has_left_is_no_damaged_recording_and_goes_next_time(make_studio: MakeStudio) -> None:
    studio = await make_studio()
    folder = await _recorded(studio)
    (folder / MANIFEST).unlink()  # the first step; then the power went
    again = await make_studio(studio.folder)
    assert await again.service.recording(STREAM) is None
    await again.service.discard(STREAM)
    assert not folder.exists()
