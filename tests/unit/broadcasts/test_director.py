"""Media is made to agree with the database, whatever was missed, lost or broken in between."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from yarl import URL

from server.broadcasts import Links, State, Visibility
from server.broadcasts.director import Director
from server.core.errors import Conflict
from server.core.ids import new_id
from server.identity import Role
from server.media import RecordingInfo
from tests.support.wait import until
from tests.unit.broadcasts.conftest import Stage

LINKS = Links(URL("https://h.example"))


def _director(stage: Stage) -> Director:
    return stage.service._director


async def test_a_broadcast_goes_the_whole_way(stage: Stage) -> None:
    made = await stage.schedule()
    with pytest.raises(Conflict, match="nothing_received"):
        await stage.service.go_live(stage.host, made.id)
    await stage.rehearse(made)
    assert await stage.state(made) is State.REHEARSAL
    assert not stage.media.streams[made.id].on_air
    live = await stage.service.go_live(stage.host, made.id)
    assert live.state is State.LIVE
    assert stage.media.streams[made.id].on_air
    await stage.lose(made)
    assert await stage.state(made) is State.INTERRUPTED
    await stage.rehearse(made)
    assert await stage.state(made) is State.LIVE
    ended = await stage.service.end(stage.host, made.id)
    assert (ended.state, ended.recorded_seconds, ended.replay_published) == (State.ENDED, 60.0, False)
    assert stage.media.finished == [made.id]


async def test_a_host_who_presses_before_the_first_picture_is_through_goes_on_air_with_it(stage: Stage) -> None:
    made = await stage.schedule()
    stage.media.let_in(made.id, stage.host.id)
    pressed = asyncio.create_task(stage.service.go_live(stage.host, made.id))
    await until(lambda: made.id in _director(stage)._arrivals, what="waiting")
    await stage.rehearse(made)
    assert (await pressed).state is State.LIVE
    assert not _director(stage)._arrivals


async def test_a_publisher_let_in_who_sends_nothing_is_not_waited_for_for_ever(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.broadcasts.director._ARRIVES_WITHIN", 0.05)
    made = await stage.schedule()
    stage.media.let_in(made.id, stage.host.id)
    with pytest.raises(Conflict, match="nothing_received"):
        await stage.service.go_live(stage.host, made.id)
    assert not _director(stage)._arrivals


async def test_a_rehearsal_that_is_left_is_scheduled_again(stage: Stage) -> None:
    made = await stage.schedule()
    await stage.rehearse(made)
    await stage.lose(made)
    assert await stage.state(made) is State.SCHEDULED


async def test_a_killed_process_finds_its_broadcast_interrupted_and_the_stream_open(stage: Stage) -> None:
    live, rehearsed = await stage.live(), await stage.schedule()
    await stage.rehearse(rehearsed)
    token = (await stage.service.views.one(live, stage.host, LINKS)).whip
    await stage.restart()
    assert await stage.state(live) is State.INTERRUPTED
    assert await stage.state(rehearsed) is State.SCHEDULED
    assert stage.media.streams[live.id].on_air, "viewers go on reading the recording that there is"
    assert token is not None
    grant = await stage.service.authority.publisher(live.id, token.token)
    assert (grant.publisher_id, grant.on_air) == (stage.host.id, True)
    await stage.rehearse(live)
    assert await stage.state(live) is State.LIVE


async def test_an_end_that_was_cut_short_is_completed_after_the_restart(stage: Stage) -> None:
    live = await stage.live()
    stage.media.broken = True
    ended = await stage.service.end(stage.host, live.id)
    assert (ended.state, ended.recording.value) == (State.ENDED, "preparing")
    stage.media.broken = False
    await _director(stage).reconcile()
    assert (await stage.service.find(stage.host, live.id)).recording.value == "sealed"


async def test_a_recording_left_unsealed_by_a_crash_is_sealed(stage: Stage) -> None:
    live = await stage.live()
    await stage.another_process().end(stage.host, live.id)
    left = RecordingInfo(started_at=0, duration=8.0, size=500, sealed=False, has_video=False)
    stage.media.recordings[live.id] = left
    stage.media.streams.clear()
    await stage.restart()
    after = await stage.service.find(stage.host, live.id)
    assert (after.recording.value, after.recorded_seconds, after.recorded_video) == ("sealed", 8.0, False)


async def test_a_disk_that_refuses_to_seal_costs_nobody_the_replay(stage: Stage) -> None:
    live = await stage.live()
    stage.media.unsealable = True
    ended = await stage.service.end(stage.host, live.id)
    assert (ended.state, ended.recording.value) == (State.ENDED, "preparing")
    stage.media.unsealable = False
    await _director(stage).reconcile()
    assert (await stage.service.find(stage.host, live.id)).recording.value == "preparing", (
        "not every second, with an alarm each time"
    )
    stage.clock.advance(61)
    await _director(stage).reconcile()
    sealed = await stage.service.find(stage.host, live.id)
    assert (sealed.recording.value, sealed.recorded_seconds) == ("sealed", 60.0)


async def test_one_broken_broadcast_does_not_stop_the_others(stage: Stage) -> None:
    first, second = await stage.live(), await stage.live()
    await stage.lose(first)
    await stage.lose(second)
    stage.media.broken = True
    await _director(stage).reconcile()
    stage.media.broken = False
    stage.clock.advance(1800)
    await _director(stage).reconcile()
    assert [await stage.state(each) for each in (first, second)] == [State.ENDED, State.ENDED]


async def test_an_interruption_longer_than_the_limit_ends_by_itself_with_its_recording(stage: Stage) -> None:
    live = await stage.live()
    await stage.lose(live)
    stage.clock.advance(1799)
    await _director(stage).reconcile()
    assert await stage.state(live) is State.INTERRUPTED
    stage.clock.advance(1)
    await _director(stage).reconcile()
    after = await stage.service.find(stage.host, live.id)
    assert (after.state, after.recording.value) == (State.ENDED, "sealed")


async def test_missed_news_are_noticed(stage: Stage) -> None:
    live = await stage.live()
    stage.media.silence(live.id)
    await _director(stage).reconcile()
    assert await stage.state(live) is State.LIVE, "a publisher being replaced is silent for a moment"
    stage.clock.advance(6)
    await _director(stage).reconcile()
    assert await stage.state(live) is State.INTERRUPTED
    stage.media.send(live.id, stage.host.id)
    await _director(stage).reconcile()
    assert await stage.state(live) is State.LIVE
    scheduled = await stage.schedule()
    stage.media.send(scheduled.id, stage.host.id)
    await _director(stage).reconcile()
    assert await stage.state(scheduled) is State.REHEARSAL


async def test_a_cancelled_rehearsal_is_closed_in_media(stage: Stage) -> None:
    made = await stage.schedule()
    await stage.rehearse(made)
    assert (await stage.service.cancel(stage.host, made.id)).state is State.CANCELLED
    assert stage.media.finished == [made.id]


Take = Callable[[Stage], Awaitable[object]]


async def _disable(stage: Stage) -> None:
    administrator = await stage.person(Role.ADMINISTRATOR)
    await stage.identity.directory.change(administrator, stage.host.id, {"disabled": True})


async def _take_role(stage: Stage) -> None:
    administrator = await stage.person(Role.ADMINISTRATOR)
    await stage.identity.directory.set_roles(administrator, stage.host.id, frozenset())


@pytest.mark.parametrize("take", [_disable, _take_role])
async def test_a_publisher_without_the_right_is_sent_away_within_seconds(stage: Stage, take: Take) -> None:
    live = await stage.live()
    await take(stage)
    stage.clock.advance(4)
    await _director(stage).reconcile()
    assert stage.media.sent_away == [live.id]


async def test_a_co_host_struck_from_the_list_is_sent_away(stage: Stage) -> None:
    helper = await stage.person(Role.RED_HOST)
    made = await stage.schedule(co_hosts=[helper.id])
    await stage.rehearse(made, helper)
    stage.clock.advance(4)
    await _director(stage).reconcile()
    assert stage.media.sent_away == []
    await stage.service.edit(stage.host, made.id, {"co_hosts": []})
    stage.clock.advance(4)
    await _director(stage).reconcile()
    assert stage.media.sent_away == [made.id]


async def test_cutting_off_ends_the_stream_at_once_and_keeps_the_recording(stage: Stage) -> None:
    live = await stage.live()
    moderator = await stage.person(Role.MODERATOR)
    cut = await stage.service.cut_off(moderator, live.id, "与主题无关")
    assert (cut.state, cut.cut_off_by, cut.recording.value) == (State.CUT_OFF, moderator.id, "sealed")
    assert stage.media.finished == [live.id]
    with pytest.raises(Conflict, match="cut_off"):
        await stage.service.set_replay(stage.host, live.id, published=True, download=False)


async def test_a_process_that_only_serves_the_web_leaves_media_alone(stage: Stage) -> None:
    live = await stage.live()
    await stage.another_process().end(stage.host, live.id)
    assert (stage.media.finished, await stage.state(live)) == ([], State.ENDED)
    await _director(stage).reconcile()
    assert stage.media.finished == [live.id], "the process that carries the stream sees it"


async def test_the_peak_only_grows_and_is_kept_over_every_change(stage: Stage) -> None:
    live = await stage.live(visibility=Visibility.MEMBERS)
    for viewers in (3, 7, 5):
        async with stage.database.transaction() as session:
            await stage.service.note_viewers(session, {live.id: viewers, new_id(): 9})
        await stage.service.keep_order(stage.host, live.id, {"muted": viewers == 7})
    assert (await stage.service.end(stage.host, live.id)).peak_viewers == 7
