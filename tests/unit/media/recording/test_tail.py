"""What players find of a recording after a restart: what there is, gaps for what they may have seen, and nothing twice."""

from itertools import pairwise
from pathlib import Path

import pytest

from server.media.hls.playlist import Timing
from server.media.hls.segments import Variant
from server.media.hls.window import Window
from server.media.recording.journal import RecordingJournal
from server.media.recording.manifest import Manifest, read_manifest
from server.media.recording.tail import read_tail
from tests.support.hls_rules import MediaPlaylist, broken_rules, parse
from tests.unit.media.recording.test_manifest import simulated

GAP = 2.0


def recorded(folder: Path, *left_out: int) -> Manifest:
    """Five segments of about two seconds, save those that the disk did not take."""
    journal = RecordingJournal(folder)
    journal.begin("stream", simulated().packager.origin or 0, "folder")
    for finished in simulated().finished:
        if finished.live.msn not in left_out:
            journal.append(finished)
    journal.close()
    manifest = read_manifest(folder)
    assert manifest is not None
    return manifest


def listed(folder: Path, manifest: Manifest, next_msn: int, length: float = 30.0) -> MediaPlaylist:
    tail = read_tail(folder, manifest, next_msn, length=length, gap=GAP)
    window = Window(folder="folder", timing=Timing(0.5, 2), length=length)
    window.restore(tail.segments, next_msn=next_msn, discontinuities=tail.discontinuities)
    assert window.open_msn == next_msn
    playlist = parse(window.playlist(Variant.LIVE).decode())
    assert broken_rules(playlist) == []
    return playlist


def test_without_a_loss_there_is_no_gap(tmp_path: Path) -> None:
    playlist = listed(tmp_path, recorded(tmp_path), 5)
    assert [(segment.msn, segment.gap) for segment in playlist.segments] == [(msn, False) for msn in range(5)]


def test_what_came_after_the_recording_is_a_gap_for_each_number(tmp_path: Path) -> None:
    playlist = listed(tmp_path, recorded(tmp_path), 9)
    assert [segment.gap for segment in playlist.segments] == [False] * 5 + [True] * 4


def test_a_hole_is_filled_and_no_longer_than_it_was(tmp_path: Path) -> None:
    manifest = recorded(tmp_path, 1, 2)
    playlist = listed(tmp_path, manifest, 5)
    assert [segment.gap for segment in playlist.segments] == [False, True, True, False, False]
    assert not any(segment.discontinuity for segment in playlist.segments), "live there was none"
    assert [segment.resumes for segment in manifest.segments] == [False, True, False]
    dates = [segment.date for segment in playlist.segments if segment.date is not None]
    for (date, segment), (following, _) in pairwise(zip(dates, playlist.segments, strict=True)):
        assert (following - date).total_seconds() == pytest.approx(segment.duration, abs=0.01)


@pytest.mark.parametrize(("next_msn", "kept"), [(5 + 14, 2), (5 + 15, 0), (5 + 100_000, 0)])
def test_before_a_hole_as_long_as_the_list_there_is_nothing(tmp_path: Path, next_msn: int, kept: int) -> None:
    playlist = listed(tmp_path, recorded(tmp_path), next_msn)
    assert sum(not segment.gap for segment in playlist.segments) == kept
    assert len(playlist.segments) <= 16


def test_a_long_hole_in_the_middle_begins_the_list_anew(tmp_path: Path) -> None:
    playlist = listed(tmp_path, recorded(tmp_path, 1, 2, 3), 5, length=6.0)
    assert [(segment.msn, segment.gap) for segment in playlist.segments] == [(4, False)]


def test_the_end_lies_behind_everything_listed(tmp_path: Path) -> None:
    manifest = recorded(tmp_path)
    assert read_tail(tmp_path, manifest, 5, length=30.0, gap=GAP).end == manifest.end
    assert read_tail(tmp_path, manifest, 6, length=30.0, gap=GAP).end == manifest.end + 180_000
    assert read_tail(tmp_path, manifest, 99_999, length=30.0, gap=GAP).end == manifest.end
