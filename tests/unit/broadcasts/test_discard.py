"""Throwing a recording away: the row first, then the files, whatever dies or refuses in between."""

import pytest
from yarl import URL

from server.broadcasts import Links
from server.broadcasts.model import Broadcast, Recording
from server.core.errors import Conflict, Forbidden
from server.identity import Member, Role
from tests.unit.broadcasts.conftest import Stage

LINKS = Links(URL("https://h.example"))


async def _recording(stage: Stage, broadcast: Broadcast) -> Recording:
    return (await stage.service.find(stage.host, broadcast.id)).recording


async def _reconcile(stage: Stage) -> None:
    await stage.service._director.reconcile()


async def test_it_is_gone_at_once_and_everybody_is_told_who_did_it(stage: Stage) -> None:
    viewer, moderator = await stage.person(), await stage.person(Role.MODERATOR)
    by_host, by_moderator = await stage.ended(), await stage.ended()
    await stage.service.set_replay(stage.host, by_host.id, published=True, download=True)
    assert (await stage.service.views.one(by_host, stage.host, LINKS)).can.discard
    for broadcast, who, words in ((by_host, stage.host, "host"), (by_moderator, moderator, "moderator")):
        gone = await stage.service.discard_recording(who, broadcast.id)
        assert (gone.recording, broadcast.id in stage.media.recordings) == (Recording.DISCARDED, False)
        for each in (viewer, stage.host):
            seen = await stage.service.views.one(gone, each, LINKS)
            assert (seen.replay.state, seen.replay.hls, seen.replay.discarded_by) == ("discarded", None, words)
            assert seen.replay.discarded_at == stage.clock.now()
            assert not seen.can.discard
    with pytest.raises(Conflict, match="recording_discarded"):
        await stage.service.set_replay(stage.host, by_host.id, published=True, download=False)
    with pytest.raises(Conflict, match="recording_discarded"):
        await stage.service.download(await stage.service.find(viewer, by_host.id), viewer, start=True)


async def test_others_may_not_and_what_was_cut_off_is_kept_from_its_host(stage: Stage) -> None:
    moderator, co_host = await stage.person(Role.MODERATOR), await stage.person(Role.RED_HOST)
    ended = await stage.ended(co_hosts=[co_host.id])
    cut = await stage.service.cut_off(moderator, (await stage.live()).id, "与主题无关")
    refused: list[tuple[Member, Broadcast, str]] = [
        (await stage.person(), ended, "host_needed"),
        (co_host, ended, "host_needed"),
        (stage.host, cut, "moderator_needed"),
    ]
    for who, broadcast, code in refused:
        with pytest.raises(Forbidden, match=code):
            await stage.service.discard_recording(who, broadcast.id)
        assert await _recording(stage, broadcast) is Recording.SEALED
    assert (await stage.service.discard_recording(moderator, cut.id)).recording is Recording.DISCARDED


async def test_a_death_between_row_and_files_is_made_good_at_the_next_start(stage: Stage) -> None:
    ended = await stage.ended()
    # A process without media: the row is committed and nothing more happens, as when the power goes right then.
    assert (await stage.another_process().discard_recording(stage.host, ended.id)).recording is Recording.DISCARDING
    assert ended.id in stage.media.recordings
    seen = await stage.service.views.one(await stage.service.find(stage.host, ended.id), stage.host, LINKS)
    assert (seen.replay.state, seen.replay.hls) == ("discarded", None), "nobody is shown it any more"
    await stage.restart()
    assert ended.id not in stage.media.recordings
    assert await _recording(stage, ended) is Recording.DISCARDED


async def test_a_disk_that_refuses_is_asked_again_after_a_while(stage: Stage) -> None:
    ended, other = await stage.ended(), await stage.ended()
    stage.media.unremovable = True
    assert (await stage.service.discard_recording(stage.host, ended.id)).recording is Recording.DISCARDING
    stage.media.unremovable = False
    await _reconcile(stage)
    assert await _recording(stage, ended) is Recording.DISCARDING, "not every second, with an alarm each time"
    assert (await stage.service.discard_recording(stage.host, other.id)).recording is Recording.DISCARDED
    stage.clock.advance(61)
    await _reconcile(stage)
    assert await _recording(stage, ended) is Recording.DISCARDED
    assert ended.id not in stage.media.recordings
