"""A manifest that was cut anywhere, or spoiled anywhere, still tells only what is true."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.media import examine_recordings
from server.media.hls.segments import Variant
from server.media.recording.journal import RecordingJournal
from server.media.recording.manifest import DATA, MANIFEST, Extent, Manifest, extent_of, read_extent, read_manifest
from server.media.recording.store import remove
from tests.support.coded import START
from tests.support.simulate import BOTH, Simulation, evenly, film, soundtrack


@lru_cache(maxsize=1)
def simulated() -> Simulation:
    simulation = Simulation()
    simulation.begin(BOTH)
    times = evenly(15, 9)
    simulation.run(film(times, set(range(0, len(times), 30))), soundtrack(START - 100_000, START + 9_000_000))
    simulation.pause()
    return simulation


def recorded(folder: Path) -> Path:
    """A sealed recording of five segments."""
    journal = RecordingJournal(folder)
    journal.begin("stream", simulated().packager.origin or 0, "folder")
    for finished in simulated().finished:
        journal.append(finished)
    journal.seal()
    journal.close()
    return folder


def true(folder: Path, manifest: Manifest) -> bool:
    """Whether all that the manifest promises is there."""
    for variant in Variant:
        with (folder / DATA[variant]).open("rb") as file:
            extents = [segment.variants[variant].where for segment in manifest.segments]
            extents += [where for (of, _), (where, _) in manifest.inits.items() if of is variant]
            if any(extent_of(read_extent(file.fileno(), where), where.offset) != where for where in extents):
                return False
    return True


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest = read_manifest(recorded(tmp_path / "one"))
    assert manifest is not None
    assert manifest.sealed
    assert [segment.msn for segment in manifest.segments] == [0, 1, 2, 3, 4]
    assert manifest.newest == 4
    assert true(tmp_path / "one", manifest)
    info = manifest.info()
    assert info is not None
    assert info.duration == pytest.approx(9, abs=0.1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_a_manifest_cut_anywhere_is_a_shorter_true_one(tmp_path: Path, share: float) -> None:
    folder = tmp_path / "cut"
    if not folder.exists():
        recorded(folder)
        (tmp_path / "whole").write_bytes((folder / MANIFEST).read_bytes())
    data = (tmp_path / "whole").read_bytes()
    (folder / MANIFEST).write_bytes(data[: round(share * len(data))])
    manifest = read_manifest(folder)
    assert manifest is None or true(folder, manifest)
    assert manifest is None or manifest.size <= round(share * len(data))


@pytest.mark.parametrize(
    "line",
    [
        "nonsense", "[]", '{"kind": "future"}', '{"kind": "recording", "format": 1, "stream": "s", "origin": 0, "folder": "f"}',
        '{"kind": "segment", "msn": "x"}', '{"kind": "init", "variant": "live", "name": "n", "offset": -1}',
    ],
)  # fmt: skip
def test_reading_stops_at_the_first_line_that_makes_no_sense(tmp_path: Path, line: str) -> None:
    folder = recorded(tmp_path / "one")
    lines = (folder / MANIFEST).read_text().splitlines()
    (folder / MANIFEST).write_text("\n".join([*lines[:6], line, *lines[6:]]) + "\n")
    manifest = read_manifest(folder)
    assert manifest is not None
    assert len(manifest.segments) == sum(json.loads(kept)["kind"] == "segment" for kept in lines[:6])


def test_damage_in_the_middle_is_not_cut_away(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "one")
    lines = (folder / MANIFEST).read_bytes().split(b"\n")
    lines[4] = lines[4][:20] + b"\xff" + lines[4][21:]
    (folder / MANIFEST).write_bytes(b"\n".join(lines))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(OSError, match="damaged"):
        RecordingJournal(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [fault for fault, _ in examine_recordings(tmp_path)] == [True]


def test_another_format_is_not_touched(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "one")
    data = (folder / MANIFEST).read_text().replace('"format":1', '"format":2')
    (folder / MANIFEST).write_text(data)
    assert read_manifest(folder) is None
    with pytest.raises(OSError, match="format"):
        RecordingJournal(folder)
    assert (folder / MANIFEST).read_text() == data
    assert [fault for fault, _ in examine_recordings(tmp_path)] == [True]


@pytest.mark.parametrize("name", DATA.values())
def test_a_flipped_bit_is_found_wherever_it_is(tmp_path: Path, name: str) -> None:
    file = recorded(tmp_path / "one") / name
    good = file.read_bytes()
    assert [fault for fault, _ in examine_recordings(tmp_path)] == [False]
    for at in range(0, len(good), max(1, len(good) // 50)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert [fault for fault, _ in examine_recordings(tmp_path)] == [True], at


def while_it_is_read(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let a server act when the doctor has read the manifest and is about to read the first piece."""
    acts = [act]

    def read(file: int, where: Extent) -> bytes:
        while acts:
            acts.pop()()
        return read_extent(file, where)

    monkeypatch.setattr("server.media.recording.store.read_extent", read)


def test_a_recording_that_goes_on_while_it_is_read_is_not_at_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "one"
    journal = RecordingJournal(folder)
    journal.begin("stream", simulated().packager.origin or 0, "folder")
    first, second, *_ = simulated().finished
    journal.append(first)
    while_it_is_read(monkeypatch, lambda: journal.append(second))
    assert list(examine_recordings(tmp_path)) == [(False, "one: 1 segments, open")]
    journal.close()


def test_a_recording_thrown_away_while_it_is_read_is_not_at_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = recorded(tmp_path / "one")
    while_it_is_read(monkeypatch, lambda: remove(folder))
    assert list(examine_recordings(tmp_path)) == []
