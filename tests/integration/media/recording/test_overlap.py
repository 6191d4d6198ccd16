"""The end of a stream and whatever overlaps it: there is one writer for a recording, and it is whole."""

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from server.core.errors import Conflict
from server.media import PublishGrant
from server.media.recording.manifest import read_manifest
from tests.integration.media.recording.conftest import (
    STREAM,
    MakeStudio,
    Studio,
    coded_cuts,
    feed,
    go_on,
)
from tests.integration.media.recording.test_crash import faults
from tests.support.coded import START
from tests.support.offers import offer
from tests.support.wait import until


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing becomes durable until it is set."""
    allowed, sync = threading.Event(), os.fdatasync

    def fdatasync(file: int) -> None:
        allowed.wait()
        sync(file)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    yield allowed
    allowed.set()


def recorded(studio: Studio) -> list[int]:
    manifest = read_manifest(studio.folder / STREAM)
    return [segment.msn for segment in manifest.segments] if manifest is not None else []


async def test_a_publisher_whose_token_was_looked_at_before_the_end_is_told_of_it(
    studio: Studio, disk: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grant is given, then the end is committed; the publisher goes on while the recording is being sealed."""
    granted = asyncio.Event()
    give = studio.service.authority.publisher

    async def publisher(stream_id: str, token: str) -> PublishGrant:
        grant = await give(stream_id, token)
        await granted.wait()
        return grant

    monkeypatch.setattr(studio.service.authority, "publisher", publisher)
    output = await studio.stream()
    feed(output, *coded_cuts())
    publishing = asyncio.create_task(studio.service.publish(STREAM, "good", offer(), takeover=True, address="192.0.2.1"))
    ending = asyncio.create_task(studio.service.finish(STREAM))
    stream = studio.service.open(STREAM)
    await until(lambda: stream.finished, what="the end")
    granted.set()
    with pytest.raises(Conflict, match="stream_finished"):
        await publishing
    assert studio.service.open(STREAM) is not stream  # the director may still want it
    disk.set()
    await ending
    await until(lambda: not output.holds_recording, what="the seal")
    assert recorded(studio) == [0, 1, 2, 3, 4]
    assert faults(studio.folder) == []


async def test_a_new_stream_opens_when_the_old_one_has_let_go_of_the_recording(studio: Studio, disk: threading.Event) -> None:
    old = await studio.stream()
    feed(old, *coded_cuts())
    ending = asyncio.create_task(studio.service.finish(STREAM))
    before = studio.service.open(STREAM)
    await until(lambda: before.finished, what="the end")
    opening = asyncio.create_task(studio.stream())
    after = None

    def replaced() -> bool:
        nonlocal after
        after = studio.service.open(STREAM)
        return after is not before

    await until(replaced, what="the new stream")
    await asyncio.wait([opening], timeout=0.3)
    assert not opening.done()
    assert after is not None
    assert after.output is None
    disk.set()
    await ending
    output = await opening
    assert not old.holds_recording
    go_on(output, START + 40_000_000, 4)
    await studio.service.finish(STREAM)
    assert recorded(studio)[:5] == [0, 1, 2, 3, 4]
    assert len(recorded(studio)) == 7
    assert faults(studio.folder) == []


async def test_closing_the_service_waits_for_a_stream_that_was_replaced(make_studio: MakeStudio, disk: threading.Event) -> None:
    studio = await make_studio()
    old = await studio.stream()
    feed(old, *coded_cuts())
    ending = asyncio.create_task(studio.service.finish(STREAM))
    before = studio.service.open(STREAM)
    await until(lambda: before.finished, what="the end")
    studio.service.open(STREAM)
    closing = asyncio.create_task(studio.service.close())
    await asyncio.wait([closing], timeout=0.3)
    assert not closing.done()
    disk.set()
    await asyncio.gather(ending, closing)
    assert not old.holds_recording
    assert len(old._tasks) == 0
    assert recorded(studio) == [0, 1, 2, 3, 4]
