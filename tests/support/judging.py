"""ffprobe as the judge of a whole broadcast: each segment by itself, the replay, the MP4. A single warning fails."""

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp

from server.media.cmaf.fmp4 import VIDEO_TRACK
from tests.support.boxes import runs
from tests.support.hls_rules import MediaPlaylist, broken_rules, parse
from tests.support.probe import Probed, decode, packets, probe
from tests.support.recorded import Recorded
from tests.support.wait import until

TOGETHER = 0.05  # s within which sound and picture begin
LATE = 0.5  # s: a picture that came late over a busy machine keeps its time, the sound of that time is in the segment before
AT_ONCE = 2  # probes side by side
# FFmpeg's HLS demuxer knows one init section for a playlist. A host's browser changes the size of its picture with the uplink,
# and each size has its own. What ffprobe then says of the whole playlist it does not say of the segments one by one.
ANOTHER_INIT = "Found duplicated MOOV Atom. Skipped it"


@dataclass(frozen=True)
class File:
    """A segment behind its init section, and whether a stretch of the broadcast begins with it."""

    name: str
    data: bytes
    begins: bool


async def judge(http: aiohttp.ClientSession, broadcast: str, recording: Recorded, folder: Path) -> None:
    """`http` is somebody's who may download it. Sound and picture are together at the beginning and after each loss."""
    for name, kinds in (("replay.m3u8", {"video", "audio"}), ("replay-audio.m3u8", {"audio"})):
        await _judge_playlist(http, f"/hls/{broadcast}/{name}", kinds, recording, folder)
    await _judge_mp4(await _download(http, broadcast, folder), recording)


async def _judge_playlist(http: aiohttp.ClientSession, path: str, kinds: set[str], recording: Recorded, folder: Path) -> None:
    async with http.get(path) as answer:
        assert answer.status == 200
        url, playlist = str(answer.url), parse(await answer.text())
    assert playlist.ended
    assert broken_rules(playlist) == []
    turns = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for file in await _files(http, path.rpartition("/")[0], playlist, kinds, recording):
            group.create_task(_judge_file(folder / file.name, file, kinds, turns))
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in http.cookie_jar)
    allowed = ANOTHER_INIT if len({segment.map for segment in playlist.complete}) > 1 else ""
    found = await probe(url, cookies=cookies, allowed=allowed)
    _check(found, kinds, TOGETHER, path)


async def _files(
    http: aiohttp.ClientSession, base: str, playlist: MediaPlaylist, kinds: set[str], recording: Recorded
) -> list[File]:
    """A segment that was cut at the limit may hold no picture; it is read behind the one before, as players read it."""
    found: list[File] = []
    before = b""
    for segment, known in zip(playlist.complete, recording.segments, strict=True):
        init, media = [await _read(http, f"{base}/{name}") for name in (segment.map, segment.uri)]
        whole = "video" not in kinds or VIDEO_TRACK in {run.track for run in runs(media)}
        before = media if whole else before + media
        found.append(File(f"{'-'.join(sorted(kinds))}-{known.msn}.mp4", init + before, known.begins))
    return found


async def _read(http: aiohttp.ClientSession, path: str) -> bytes:
    async with http.get(path) as answer:
        assert answer.status == 200, f"{path} answers {answer.status}"
        return await answer.read()


async def _judge_file(path: Path, file: File, kinds: set[str], turns: asyncio.Semaphore) -> None:
    async with turns:
        await asyncio.to_thread(path.write_bytes, file.data)
        _check(await probe(path), kinds, TOGETHER if file.begins else LATE, file.name)


async def _download(http: aiohttp.ClientSession, broadcast: str, folder: Path) -> Path:
    one = f"/api/v1/broadcasts/{broadcast}/download"

    async def ready() -> bool:
        async with http.get(one) as answer:
            progress = await answer.json()
        assert progress["state"] != "failed"
        assert 0 <= progress["progress"] <= 1
        return str(progress["state"]) == "ready"

    async with http.post(one) as answer:
        assert answer.status == 202
    await until(ready, what="the MP4")
    file = folder / "downloaded.mp4"
    await asyncio.to_thread(file.write_bytes, await _read(http, f"{one}.mp4"))
    return file


async def _judge_mp4(file: Path, recording: Recorded) -> None:
    """One stretch follows the other: the sound never pauses, and at each seam a picture begins that needs none before it."""
    found = await probe(file)
    _check(found, {"video", "audio"}, TOGETHER, file.name)
    for kind, stream in found.items():
        assert abs(stream.duration - recording.length) < 0.25, f"{kind} lasts {stream.duration} s"
    sound = [at for at, _ in await packets(file, "audio")]
    assert max(later - earlier for earlier, later in pairwise(sound)) < TOGETHER, "a hole in the sound"
    keys = [at for at, key in await packets(file, "video") if key]
    for seam in recording.seams:
        assert min(abs(at - seam) for at in keys) < TOGETHER, f"no key frame at the seam, {seam:.2f} s"
    await decode(file)


def _check(found: dict[str, Probed], kinds: set[str], together: float, what: str) -> None:
    starts = {kind: stream.start for kind, stream in found.items()}
    assert set(starts) == kinds, what
    assert max(starts.values()) - min(starts.values()) < together, f"{what} begins with {starts}"
