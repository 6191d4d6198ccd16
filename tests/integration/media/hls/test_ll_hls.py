"""The server duties of low-latency HLS, one test for each line of the checklist (draft-pantos-hls-rfc8216bis)."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from server.media.hls.segments import Variant
from server.media.hls.window import Finished
from tests.integration.media.hls.conftest import STREAM, MakeStage, Stage
from tests.support.hls_rules import MediaPlaylist, SegmentLines, broken_promises, broken_rules, parse
from tests.support.simulate import Simulation, evenly, film
from tests.support.wait import until

Answer = TypeVar("Answer", bound=tuple[int, str | bytes])


async def blocked(stage: Stage, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
    """Start a request and wait until the server holds it."""
    before = stage.budget.waiting
    task = asyncio.create_task(work)
    await until(lambda: stage.budget.waiting == before + 1 or task.done(), what="the request is held")
    assert not task.done(), await task
    return task


async def test_llhls_01_02_header_promises_what_parts_need(stage: Stage) -> None:
    playlist = await stage.playlist()
    assert playlist.part_target == 0.5
    assert float(playlist.control["PART-HOLD-BACK"]) >= 3 * 0.5
    assert float(playlist.control["HOLD-BACK"]) >= 3 * playlist.target_duration
    assert float(playlist.control["CAN-SKIP-UNTIL"]) >= 6 * playlist.target_duration
    assert playlist.control["CAN-BLOCK-RELOAD"] == "YES"


@pytest.mark.parametrize("part_target", [0.25, 0.5])
async def test_llhls_03_04_parts_keep_their_length_and_their_place(make_stage: MakeStage, part_target: float) -> None:
    stage = await make_stage(40, part_target=part_target)
    for name in ("live.m3u8", "audio.m3u8"):
        playlist = await stage.playlist(name=name)
        assert broken_rules(playlist) == []
        key_parts = [part.independent for segment in playlist.segments for part in segment.parts[:1]]
        assert key_parts
        assert all(key_parts)


@pytest.mark.parametrize("part_target", [0.25, 0.5])
async def test_llhls_04_what_is_said_of_a_segment_comes_before_its_first_part(
    make_stage: MakeStage, part_target: float
) -> None:
    """A turned phone: discontinuity, init section and programme date-time, from the first part of the segment on."""
    stage = await make_stage(round(8 / part_target), takes=2, part_target=part_target)
    for name in ("live.m3u8", "audio.m3u8"):
        assert not any(segment.discontinuity for segment in (await stage.playlist(name=name)).segments)
    opened: set[int] = set()
    for _ in range(round(6 / part_target)):
        stage.publish()
        for name in ("live.m3u8", "audio.m3u8"):
            playlist = await stage.playlist(name=name)
            assert broken_rules(playlist) == []
            turned = [segment for segment in playlist.segments if segment.discontinuity]
            assert len(turned) <= 1
            if turned:
                opened.add(len(turned[0].parts))
                assert turned[0].parts
                assert turned[0].date is not None
                before = playlist.segments[playlist.segments.index(turned[0]) - 1]
                assert (turned[0].map != before.map) == (name == "live.m3u8")
                assert await stage.data(turned[0].map or "")
    assert 1 in opened, "seen while its first part was the only one"


async def test_llhls_05_parts_joined_are_the_segment(stage: Stage) -> None:
    for name in ("live.m3u8", "audio.m3u8"):
        for segment in (await stage.playlist(name=name)).complete:
            parts = [await stage.data(part.uri) for part in segment.parts]
            assert b"".join(parts) == await stage.data(segment.uri or "")


async def test_llhls_06_a_listed_part_can_be_fetched_at_once(stage: Stage) -> None:
    for _ in range(12):
        stage.publish()
        for name in ("live.m3u8", "audio.m3u8"):
            newest = (await stage.playlist(name=name)).segments[-1].parts[-1]
            assert await stage.data(newest.uri)


async def test_llhls_07_old_parts_leave_the_list_and_stay_downloadable(make_stage: MakeStage) -> None:
    stage = await make_stage(1, window=8.0)
    seen: list[MediaPlaylist] = []
    left: dict[str, float] = {}
    left_segments: dict[str, tuple[float, float]] = {}  # since when, and for how long they must stay
    longest = 0.0
    for _ in range(70):
        stage.publish()
        playlist = await stage.playlist() if stage.output.window.playable else None
        if playlist is None:
            continue
        if seen:
            assert broken_promises(seen[-1], playlist) == []
            now = stage.clock.monotonic()
            listed = {part.uri for segment in playlist.segments for part in segment.parts}
            before = {part.uri for segment in seen[-1].segments for part in segment.parts}
            left |= dict.fromkeys(before - listed, now)
            for uri, since in left.items():
                if now - since <= 3 * playlist.target_duration:
                    assert stage.output.window.resource(uri.partition("/")[2]) is not None, uri
            longest = max(longest, seen[-1].length)
            for segment in seen[-1].complete:
                if segment.msn < playlist.first_msn:
                    left_segments[segment.uri or ""] = (now, (segment.duration or 0) + longest)
            for uri, (since, needed) in left_segments.items():
                if now - since < needed:
                    assert stage.output.window.resource(uri.partition("/")[2]) is not None, uri
        seen.append(playlist)
    assert left
    assert len(left_segments) == seen[-1].first_msn
    assert seen[-1].first_msn > 0
    with_parts = [segment for segment in seen[-1].segments if segment.parts]
    assert sum(segment.duration or 0 for segment in with_parts) <= 3 * 2 + 2
    first_name = f"{stage.output.window.folder}/v0.m4s"
    assert (await stage.get(first_name))[0] == 404  # bytes are not kept for ever


async def test_llhls_08_a_request_waits_for_its_segment_or_part(stage: Stage) -> None:
    for_part = await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=1"))
    for_segment = await blocked(stage, stage.get("live.m3u8?_HLS_msn=2"))
    stage.publish()
    status, text = await for_part
    assert status == 200
    assert parse(text).last_part == (2, 1)
    assert not for_segment.done()
    stage.publish(2)
    status, text = await for_segment
    assert status == 200
    assert parse(text).complete[-1].msn == 2


async def test_llhls_09_part_beyond_last_of_segment_means_part_0_of_next(stage: Stage) -> None:
    stage.publish(3)  # segment 2 is complete with parts 0…3
    waiting = await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=4"))
    stage.publish()
    status, text = await waiting
    assert status == 200
    assert parse(text).last_part == (3, 0)


async def test_llhls_10_an_old_msn_gets_the_whole_playlist(stage: Stage) -> None:
    whole = await stage.playlist()
    assert await stage.playlist("?_HLS_msn=0") == whole
    assert await stage.playlist("?_HLS_msn=1&_HLS_part=2") == whole


async def test_llhls_11_part_without_msn_is_refused(stage: Stage) -> None:
    assert (await stage.get("live.m3u8?_HLS_part=1"))[0] == 400


@pytest.mark.parametrize("part_target", [0.25, 0.5])
async def test_llhls_12_what_is_too_far_ahead_is_refused_at_once(make_stage: MakeStage, part_target: float) -> None:
    stage = await make_stage(9, part_target=part_target)
    newest = (await stage.playlist()).last_part
    assert newest is not None
    msn, part = newest
    advance = round(3 / part_target)
    assert (await stage.get(f"live.m3u8?_HLS_msn={msn + 3}"))[0] == 400
    assert (await stage.get(f"live.m3u8?_HLS_msn={msn}&_HLS_part={part + advance + 1}"))[0] == 400
    held = [
        await blocked(stage, stage.get(f"live.m3u8?_HLS_msn={msn + 2}")),
        await blocked(stage, stage.get(f"live.m3u8?_HLS_msn={msn}&_HLS_part={part + advance}")),
    ]
    await stage.output.finish()
    assert [(await task)[0] for task in held] == [200, 200]


async def test_llhls_13_waiting_ends_after_three_target_durations(stage: Stage) -> None:
    waiting = await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=3"))
    stage.clock.advance(5.9)
    stage.output.waiters.sweep(stage.clock.monotonic())
    await asyncio.sleep(0)
    assert not waiting.done()
    stage.clock.advance(0.2)
    status, text = await waiting
    assert status == 503
    assert "stream_stalled" in text


async def test_llhls_14_after_the_end_directives_are_ignored(make_stage: MakeStage) -> None:
    stage = await make_stage(60)
    assert (await stage.playlist("?_HLS_skip=YES")).skipped, "long enough for a delta update"
    await stage.output.finish()
    for name in ("live.m3u8", "audio.m3u8"):
        whole = await stage.playlist(name=name)
        assert whole.ended
        assert whole.hints == []
        assert broken_rules(whole) == []
        for query in (
            "?_HLS_msn=99",
            "?_HLS_msn=1&_HLS_part=77",
            "?_HLS_skip=YES",
            "?_HLS_skip=v2",
            "?_HLS_msn=9&_HLS_skip=YES",
        ):
            assert await stage.playlist(query, name) == whole


def applied(older: MediaPlaylist, delta: MediaPlaylist) -> list[SegmentLines]:
    """What a client has after a delta update: what it had in place of what was skipped, and the init section going on."""
    assert delta.skipped is not None
    skipped = [segment for segment in older.segments if segment.msn >= delta.first_msn][: delta.skipped]
    current, segments = skipped[-1].map, skipped
    for segment in delta.segments:
        current = segment.map or current
        segments.append(replace(segment, map=current))
    return segments


async def eventful(make_stage: MakeStage) -> Stage:
    """An earlier run whose last segment was lost, then two takes of another size each: all that a list may hold."""
    stage = await make_stage(0, takes=2, window=60.0)
    simulation = Simulation()
    simulation.begin()
    simulation.run(film(evenly(30, 16), set(range(0, 480, 60))))
    simulation.pause()
    earlier = simulation.finished
    lost = [
        replace(segment, msn=segment.msn + 1, start=segment.start + segment.length, parts=[], size=0, gap=True)
        for segment in (earlier[-1].live, earlier[-1].sound)
    ]
    gap = Finished(lost[0], lost[1], b"", b"")
    stage.output.window.restore([*earlier, gap], next_msn=gap.live.msn + 1, discontinuities=0)
    return stage


@pytest.mark.parametrize("name", ["live.m3u8", "audio.m3u8"])
@pytest.mark.parametrize(("skip", "version"), [("YES", 9), ("v2", 10)])
async def test_llhls_15_a_delta_update_leaves_out_old_segments_only(
    make_stage: MakeStage, skip: str, version: int, name: str
) -> None:
    stage = await eventful(make_stage)
    told: set[str] = set()
    for _ in range(30):
        older = await stage.playlist(name=name)
        stage.publish()
        whole, delta = await stage.playlist(name=name), await stage.playlist(f"?_HLS_skip={skip}", name)
        assert whole.skipped is None
        assert delta.skipped
        assert delta.version == version
        assert (delta.first_msn, delta.discontinuity_sequence) == (whole.first_msn, whole.discontinuity_sequence)
        assert applied(older, delta) == whole.segments
        assert (delta.hints, delta.reports, delta.control) == (whole.hints, whole.reports, whole.control)
        kept = sum(s.duration or sum(p.duration for p in s.parts) for s in whole.segments[delta.skipped :])
        assert kept >= float(whole.control["CAN-SKIP-UNTIL"])
        assert ("RECENTLY-REMOVED-DATERANGES" in delta.skip_tag) == (skip == "v2")
        told |= {"gap" for segment in delta.segments if segment.gap}
        told |= {"discontinuity" for segment in delta.segments if segment.discontinuity}
        told |= {"map" for segment in delta.segments if segment.map}
    assert told == {"gap", "discontinuity"} | ({"map"} if name == "live.m3u8" else set())


async def test_llhls_15_a_short_playlist_is_never_cut(stage: Stage) -> None:
    assert (await stage.playlist("?_HLS_skip=YES")).skipped is None


@pytest.mark.parametrize("name", ["live.m3u8", "audio.m3u8"])
async def test_llhls_16_the_hinted_part_waits_and_comes_whole_under_its_name(stage: Stage, name: str) -> None:
    for _ in range(5):  # beyond the end of a segment, too
        playlist = await stage.playlist(name=name)
        assert len(playlist.hints) == 1
        hint = playlist.hints[0]["URI"]
        waiting = await blocked(stage, body_of(stage, hint))
        stage.publish()
        status, body = await waiting
        assert status == 200
        newest = (await stage.playlist(name=name)).segments[-1].parts[-1]
        assert newest.uri == hint
        assert body == await stage.data(hint)
        assert bytes(stage.output.window.resource(hint.partition("/")[2]) or b"") == body


async def body_of(stage: Stage, name: str) -> tuple[int, bytes]:
    async with stage.client.get(f"/hls/{STREAM}/{name}") as answer:
        return answer.status, await answer.read()


async def test_llhls_16_what_was_not_hinted_is_missing_at_once(stage: Stage) -> None:
    folder = stage.output.window.folder
    for name in (f"{folder}/v2.7.m4s", f"{folder}/v3.0.m4s", f"{folder}/nothing", "elsewhere/v0.m4s", f"{folder}/v2.m4s"):
        assert (await stage.get(name))[0] == 404


async def test_llhls_16_a_dropped_hint_is_missing(stage: Stage) -> None:
    """The stream ends before the hinted part has come."""
    hint = (await stage.playlist()).hints[0]["URI"]
    waiting = await blocked(stage, stage.get(hint))
    await stage.output.finish()
    assert (await waiting)[0] == 404


async def test_llhls_17_each_variant_reports_the_other(stage: Stage) -> None:
    for _ in range(6):
        stage.publish()
        live, sound = await stage.playlist(), await stage.playlist(name="audio.m3u8")
        for report, name, other in ((live.reports, "audio.m3u8", sound), (sound.reports, "live.m3u8", live)):
            assert [entry["URI"] for entry in report] == [name]
            assert (int(report[0]["LAST-MSN"]), int(report[0]["LAST-PART"])) == other.last_part


async def test_llhls_18_unknown_directives_are_ignored_and_the_ticket_survives(stage: Stage) -> None:
    status, text = await stage.get("live.m3u8?from=timeline&token=a%22b&_HLS_future=1&x=1")
    assert status == 200
    uris = [line for line in text.splitlines() if not line.startswith("#")]
    uris += [part.uri for segment in parse(text).segments for part in segment.parts]
    uris += [entry["URI"] for entry in parse(text).hints + parse(text).reports]
    assert uris
    assert all(uri.endswith("?token=a%22b") for uri in uris)
    assert "_HLS_future" not in text
    assert (await stage.get(uris[0]))[0] == 200
    _, index = await stage.get("index.m3u8?token=abc")
    assert "live.m3u8?token=abc" in index
    assert "audio.m3u8?token=abc" in index


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_msn=-1", "_HLS_msn=1000000000", f"_HLS_msn={9 * 10**30}", "_HLS_msn=abc", "_HLS_msn=", "_HLS_msn=1.5",
        "_HLS_msn=%D9%A3", "_HLS_msn=1&_HLS_msn=2", "_HLS_msn=1&_HLS_part=x", "_HLS_msn=1&_HLS_part=1&_HLS_part=2",
        f"_HLS_msn=1&_HLS_part={9 * 10**30}", "_HLS_skip=NO", "_HLS_skip=YES&_HLS_skip=YES",
    ],
)  # fmt: skip
async def test_llhls_19_odd_values_are_refused_quickly(stage: Stage, query: str) -> None:
    await stage.get("live.m3u8")
    tasks = len(asyncio.all_tasks())
    spent = time.thread_time()
    async with asyncio.timeout(5):  # and not when a wait would be over
        status, _ = await stage.get(f"live.m3u8?{query}")
    assert status == 400
    assert time.thread_time() - spent < 0.05, "client and server together"
    assert len(asyncio.all_tasks()) == tasks
    assert stage.budget.waiting == 0


async def test_llhls_20_waiting_requests_are_bounded_for_each_client_and_in_all(make_stage: MakeStage) -> None:
    stage = await make_stage(9, blocked_per_address=3)
    held = [await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=3")) for _ in range(3)]
    assert (await stage.get("live.m3u8?_HLS_msn=2&_HLS_part=3"))[0] == 429
    stage.publish(3)
    assert [(await task)[0] for task in held] == [200] * 3
    assert stage.budget.waiting == 0

    crowded = await make_stage(9, blocked_in_all=2)
    held = [await blocked(crowded, crowded.get("live.m3u8?_HLS_msn=2&_HLS_part=3")) for _ in range(2)]
    assert (await crowded.get("live.m3u8?_HLS_msn=2&_HLS_part=3"))[0] == 429
    crowded.publish(3)
    assert [(await task)[0] for task in held] == [200] * 2


async def test_llhls_20_a_client_that_leaves_frees_its_place(stage: Stage) -> None:
    held = [await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=3")) for _ in range(5)]
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await until(lambda: stage.budget.waiting == 0, what="all places are free")


async def test_llhls_20_waiting_requests_end_with_the_stream(stage: Stage) -> None:
    held = [await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=3")) for _ in range(3)]
    await stage.output.finish()
    answers = [await task for task in held]
    assert all(status == 200 and parse(text).ended for status, text in answers)
    assert stage.budget.waiting == 0


async def test_playlists_are_not_stored_and_media_is_immutable(stage: Stage) -> None:
    async with stage.client.get(f"/hls/{STREAM}/live.m3u8") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        uri = parse(await answer.text()).complete[0].uri
    async with stage.client.get(f"/hls/{STREAM}/{uri}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"] == "video/mp4"


async def test_whoever_may_not_watch_gets_neither_playlist_nor_part(stage: Stage) -> None:
    uri = (await stage.playlist()).complete[0].uri
    assert (await stage.get(str(uri)))[0] == 200
    stage.door.shut = True
    for name in ("index.m3u8", "live.m3u8", "audio.m3u8", str(uri)):
        assert (await stage.get(name))[0] == 401


async def test_one_rendering_serves_all_who_wait(stage: Stage) -> None:
    held = [await blocked(stage, stage.get("live.m3u8?_HLS_msn=2&_HLS_part=1")) for _ in range(20)]
    stage.publish()
    texts = {(await task)[1] for task in held}
    assert len(texts) == 1
    window = stage.output.window
    assert window.playlist(Variant.LIVE) is window.playlist(Variant.LIVE)


async def test_the_first_request_waits_for_the_first_segment(make_stage: MakeStage) -> None:
    stage = await make_stage(1)
    waiting = await blocked(stage, stage.get("index.m3u8"))
    stage.publish(3)
    status, text = await waiting
    assert status == 200
    assert 'CODECS="avc1.42c00d,mp4a.40.2",RESOLUTION=320x180' in text
    assert text.index("live.m3u8") < text.index("audio.m3u8")


async def test_every_update_keeps_what_the_last_one_said(make_stage: MakeStage) -> None:
    stage = await make_stage(4)
    seen = [await stage.playlist()]
    for _ in range(30):
        stage.publish()
        seen.append(await stage.playlist())
    for older, newer in pairwise(seen):
        assert broken_promises(older, newer) == []
