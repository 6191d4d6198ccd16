"""From air to replay and download, seen with ffprobe: nothing it reads may make it warn."""

import hashlib
import json
from pathlib import Path

import av
import pytest

from server.media.cmaf.fmp4 import SOUND_TRACK, VIDEO_TRACK
from server.media.model import Tracks
from server.media.recording.manifest import MANIFEST
from tests.integration.media.recording.conftest import STREAM, Studio, coded_cuts, feed, two_takes
from tests.support.boxes import runs
from tests.support.coded import START
from tests.support.hls_rules import broken_rules, parse
from tests.support.probe import decode, probe
from tests.support.wait import until


async def downloaded(studio: Studio) -> Path:
    await studio.service.start_download(STREAM)
    while (download := await studio.service.download(STREAM)).state == "preparing":
        assert 0 <= download.progress <= 1
    assert download.state == "ready", download.fault
    assert download.path is not None
    return download.path


async def test_every_live_segment_reads_without_a_warning(studio: Studio, tmp_path: Path) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    for name, kinds in (("live.m3u8", {"video", "audio"}), ("audio.m3u8", {"audio"})):
        for segment in parse(await studio.text(name)).complete:
            file = tmp_path / "segment.mp4"
            file.write_bytes(await studio.data(segment.map or "") + await studio.data(segment.uri or ""))
            found = await probe(file)
            assert set(found) == kinds
            if "video" in found:
                assert abs(found["video"].start - found["audio"].start) < 0.05


async def test_the_replay_plays_in_full_right_after_the_end(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    live = {segment.msn: await studio.data(segment.uri or "") for segment in parse(await studio.text("live.m3u8")).complete}
    await output.finish()
    replay = parse(await studio.text("replay.m3u8"))
    assert replay.ended
    assert broken_rules(replay) == []
    assert [await studio.data(segment.uri or "") for segment in replay.complete] == list(live.values())
    assert sum(segment.duration or 0 for segment in replay.complete) == pytest.approx(9, abs=0.1)
    found = await probe(studio.url("replay.m3u8"))
    assert found["video"].packets == 9 * 25
    assert abs(found["video"].start - found["audio"].start) < 0.05
    sound = await probe(studio.url("replay-audio.m3u8"))
    assert set(sound) == {"audio"}
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.sealed
    assert info.has_video
    assert info.duration == pytest.approx(9, abs=0.1)
    assert abs(info.started_at - START) < 20


async def test_the_replay_is_only_for_what_is_over(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    async with studio.client.get(f"/hls/{STREAM}/replay.m3u8") as answer:
        assert answer.status == 404
    await output.finish()
    folder = output.window.folder
    for name in (f"{folder}/rv99.m4s", f"{folder}/rnothing", "elsewhere/rv0.m4s"):
        async with studio.client.get(f"/hls/{STREAM}/{name}") as answer:
            assert answer.status == 404


async def test_llhls_15_where_nothing_can_be_skipped_the_directive_is_ignored(studio: Studio) -> None:
    """A replay is long and does not say CAN-SKIP-UNTIL; it has no other directives to obey either."""
    output = await studio.stream()
    feed(output, *coded_cuts(40))
    await output.finish()
    for name in ("replay.m3u8", "replay-audio.m3u8"):
        whole = await studio.text(name)
        assert "CAN-SKIP-UNTIL" not in whole
        assert len(parse(whole).segments) == 20
        for query in ("_HLS_skip=YES", "_HLS_skip=v2", "_HLS_msn=3&_HLS_part=1&_HLS_skip=YES"):
            assert await studio.text(f"{name}?{query}") == whole


async def test_the_manifest_tells_every_byte(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    await output.finish()
    path = studio.folder / STREAM
    lines = [json.loads(line) for line in (path / MANIFEST).read_text().splitlines()]
    assert [lines[0]["kind"], lines[-1]["kind"]] == ["recording", "sealed"]
    for variant, name in (("live", "live.m4s"), ("audio", "audio.m4s")):
        data = (path / name).read_bytes()
        extents = [line for line in lines if line["kind"] == "init" and line["variant"] == variant]
        extents += [line[variant] for line in lines if line["kind"] == "segment"]
        extents.sort(key=lambda extent: extent["offset"])
        end = 0
        for extent in extents:
            assert extent["offset"] == end
            end += extent["length"]
            assert hashlib.sha256(data[extent["offset"] : end]).hexdigest() == extent["sha256"]
        assert end == len(data)


async def test_the_download_is_one_mp4_that_starts_at_once(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    await output.finish()
    path = await downloaded(studio)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    found = await probe(path)
    assert found["video"].packets == 9 * 25
    assert found["video"].duration == pytest.approx(9, abs=0.1)
    assert found["audio"].duration == pytest.approx(9, abs=0.1)
    assert abs(found["video"].start - found["audio"].start) < 0.05
    await decode(path)
    assert (await studio.service.start_download(STREAM)).path == path  # made once


async def test_the_download_holds_the_very_samples_at_their_times(studio: Studio) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts())
    segments = [await studio.data(segment.uri or "") for segment in parse(await studio.text("live.m3u8")).complete]
    await output.finish()
    live = [run for segment in segments for run in runs(segment)]
    with av.open(str(await downloaded(studio))) as movie:
        packets = [
            (packet.stream.type, bytes(packet), packet.is_keyframe, (packet.pts or 0) * float(packet.time_base or 0))
            for packet in movie.demux()
            if packet.size
        ]
    shift = min(run.decode_time for run in live if run.track == SOUND_TRACK) / 48_000  # the file begins with the sound
    for kind, track, rate in (("video", VIDEO_TRACK, 90_000), ("audio", SOUND_TRACK, 48_000)):
        mine = [packet for packet in packets if packet[0] == kind]
        own = [run for run in live if run.track == track]
        assert [(data, key) for _, data, key, _ in mine] == [(data, sync) for run in own for _, data, sync in run.samples]
        position = 0
        for run in own:
            assert mine[position][3] == pytest.approx(run.decode_time / rate - shift, abs=0.0001)
            position += len(run.samples)


@pytest.mark.parametrize(
    ("tracks", "kinds"),
    [(Tracks(video=True, audio=False), {"video", "audio"}), (Tracks(video=False, audio=True), {"audio"})],
)
async def test_one_sided_publishers_are_recorded_too(studio: Studio, tracks: Tracks, kinds: set[str]) -> None:
    output = await studio.stream()
    feed(output, *coded_cuts(tracks=tracks))
    await output.finish()
    assert set(await probe(studio.url("replay.m3u8"))) == kinds
    path = await downloaded(studio)
    assert set(await probe(path)) == kinds
    await decode(path)
    info = await studio.service.recording(STREAM)
    assert info is not None
    assert info.has_video == tracks.video


async def test_a_turned_phone_stays_turned_in_replay_and_download(studio: Studio) -> None:
    """Two sizes, with 20 s of silence between them: the pause is not in the file, both pictures are."""
    output = await studio.stream()
    feed(output, *two_takes(pause=20))
    await output.finish()
    assert sum(segment.discontinuity for segment in parse(await studio.text("replay.m3u8")).segments) == 1
    path = await downloaded(studio)
    found = await probe(path)
    assert found["video"].packets == 2 * 5 * 25
    assert found["video"].duration == pytest.approx(10, abs=0.2)
    assert found["audio"].duration == pytest.approx(10, abs=0.2)
    assert (found["video"].width, found["video"].height) == (320, 180)
    await decode(path)


async def test_nothing_recorded_is_nothing_shown(studio: Studio) -> None:
    output = await studio.stream()
    await output.finish()
    assert await studio.service.recording(STREAM) is None
    assert not (studio.folder / STREAM).exists()
    await until(lambda: not output.holds_recording)
    assert (await studio.service.download(STREAM)).state == "none"
    assert (await studio.service.start_download(STREAM)).state == "preparing"
    while (download := await studio.service.download(STREAM)).state == "preparing":
        pass
    assert download.state == "failed"
