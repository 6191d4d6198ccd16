"""Every state × every action. A row missing from the table fails the test."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from server.broadcasts import model
from server.broadcasts.model import Broadcast, Recording, State, Visibility
from server.core.errors import Conflict
from tests.support.broadcasts import CO_HOST, HOST, NOW, broadcast

S = State
LIMIT = timedelta(minutes=30)

ACTIONS: dict[str, Callable[[Broadcast], Broadcast]] = {
    "media_started": lambda each: model.media_started(each, HOST),
    "media_lost": lambda each: model.media_lost(each, NOW),
    "go_live": lambda each: model.go_live(each, NOW, receiving=True),
    "go_live_without_media": lambda each: model.go_live(each, NOW, receiving=False),
    "end": lambda each: model.end(each, NOW),
    "give_up": lambda each: model.give_up(each, NOW + LIMIT, LIMIT),
    "cut_off": lambda each: model.cut_off(each, NOW, by=CO_HOST, reason="与主题无关"),
    "cancel": lambda each: model.cancel(each, NOW),
    "edit_words": lambda each: model.edit(each, {"title": "新标题"}),
    "edit_plan": lambda each: model.edit(each, {"minutes_planned": 90}),
    "keep_order": lambda each: model.keep_order(each, {"muted": True, "slow_seconds": 30}),
    "renew_token": lambda each: model.renew_token(each, HOST),
    "discard": lambda each: model.discard_recording(each, NOW, by=HOST),
}

# What comes of it: a state, "=" for the very same broadcast, or the code of the refusal. `over` is broadcast_over.
TABLE = """
action                  scheduled         rehearsal         live         interrupted  ended  cut_off  cancelled
media_started           rehearsal         rehearsal         live         live         =      =        =
media_lost              =                 scheduled         interrupted  =            =      =        =
go_live                 nothing_received  live              =            =            over   over     over
go_live_without_media   nothing_received  nothing_received  =            =            over   over     over
end                     not_on_air        not_on_air        ended        ended        =      over     over
give_up                 =                 =                 =            ended        =      =        =
cut_off                 not_on_air        not_on_air        cut_off      cut_off      over   =        over
cancel                  cancelled         cancelled         on_air       on_air       over   over     =
edit_words              scheduled         rehearsal         live         interrupted  over   over     over
edit_plan               scheduled         rehearsal         on_air       on_air       over   over     over
keep_order              scheduled         rehearsal         live         interrupted  over   over     over
renew_token             scheduled         rehearsal         live         interrupted  over   over     over
discard                 replay_not_ready  replay_not_ready  replay_not_ready  replay_not_ready  ended  cut_off  no_recording
"""
(_, *STATES), *LINES = (line.split() for line in TABLE.strip().splitlines())
ROWS = {action: dict(zip(map(State, STATES), outcomes, strict=True)) for action, *outcomes in LINES}


def test_the_table_is_whole() -> None:
    assert ROWS.keys() == ACTIONS.keys()
    assert all(row.keys() == set(State) for row in ROWS.values())


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_in_every_state(action: str, state: State) -> None:
    before = broadcast(state)
    expected = ROWS[action][state]
    if expected in list(State):
        assert ACTIONS[action](before).state == expected
    elif expected == "=":
        assert ACTIONS[action](before) == before
    else:
        with pytest.raises(Conflict) as refusal:
            ACTIONS[action](before)
        assert refusal.value.code == expected.replace("over", "broadcast_over")
        assert refusal.value.detail


def test_going_live_ending_and_sealing_leave_their_times_and_figures() -> None:
    live = model.go_live(broadcast(S.REHEARSAL), NOW, receiving=True)
    assert live.live_at == NOW
    ended = model.end(live, NOW + timedelta(hours=1))
    assert (ended.ended_at, ended.recording) == (NOW + timedelta(hours=1), Recording.PREPARING)
    sealed = model.recording_sealed(ended, seconds=3599.5, size=10**9, has_video=True)
    assert (sealed.recording, sealed.recorded_seconds, sealed.recorded_bytes) == (Recording.SEALED, 3599.5, 10**9)
    assert model.recording_sealed(sealed, seconds=1, size=1, has_video=False) == sealed


def test_nothing_recorded_leaves_no_replay() -> None:
    ended = model.end(broadcast(S.LIVE), NOW)
    assert model.recording_sealed(ended, seconds=0, size=0, has_video=False).recording is Recording.NONE


def test_an_interruption_ends_the_broadcast_only_after_its_limit() -> None:
    lost = model.media_lost(broadcast(S.LIVE), NOW)
    assert model.give_up(lost, NOW + LIMIT - timedelta(seconds=1), LIMIT) is lost
    back = model.media_started(lost, CO_HOST)
    assert (back.state, back.interrupted_at, back.publisher_id) == (S.LIVE, None, CO_HOST)
    assert model.give_up(model.media_lost(back, NOW + LIMIT), NOW + LIMIT, LIMIT).state is S.INTERRUPTED
    given_up = model.give_up(lost, NOW + LIMIT, LIMIT)
    assert (given_up.state, given_up.recording) == (S.ENDED, Recording.PREPARING)


def test_cutting_off_keeps_the_first_reason_and_the_recording() -> None:
    cut = model.cut_off(broadcast(S.LIVE), NOW, by=CO_HOST, reason="涉密")
    assert (cut.cut_off_reason, cut.cut_off_by, cut.recording) == ("涉密", CO_HOST, Recording.PREPARING)
    assert model.cut_off(cut, NOW, by=HOST, reason="另一理由") is cut


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (broadcast(S.SCHEDULED), "replay_not_ready"),
        (broadcast(S.LIVE), "replay_not_ready"),
        (broadcast(S.ENDED, recording=Recording.PREPARING), "replay_not_ready"),
        (broadcast(S.ENDED, recording=Recording.NONE), "no_recording"),
        (broadcast(S.ENDED, recording=Recording.DISCARDING), "recording_discarded"),
        (broadcast(S.ENDED, recording=Recording.DISCARDED), "recording_discarded"),
        (broadcast(S.CANCELLED), "replay_not_ready"),
        (broadcast(S.CUT_OFF), "cut_off"),
    ],
)
def test_only_the_sealed_recording_of_an_ended_broadcast_is_published(made: Broadcast, code: str) -> None:
    with pytest.raises(Conflict) as refusal:
        model.set_replay(made, NOW, published=True, download=False)
    assert refusal.value.code == code


def test_a_replay_is_published_and_withdrawn() -> None:
    shown = model.set_replay(broadcast(S.ENDED), NOW, published=True, download=True)
    assert (shown.replay_published, shown.replay_published_at, shown.download_allowed) == (True, NOW, True)
    again = model.set_replay(shown, NOW + timedelta(hours=1), published=True, download=False)
    assert (again.replay_published_at, again.download_allowed) == (NOW, False)
    withdrawn = model.set_replay(shown, NOW, published=False, download=True)
    assert (withdrawn.replay_published, withdrawn.replay_published_at) == (False, None)


def test_a_recording_is_thrown_away_once_with_all_that_was_offered_of_it() -> None:
    shown = model.set_replay(broadcast(S.ENDED), NOW, published=True, download=True)
    later = NOW + timedelta(days=1)
    gone = model.discard_recording(shown, later, by=CO_HOST)
    assert (gone.recording, gone.discarded_at, gone.discarded_by) == (Recording.DISCARDING, later, CO_HOST)
    assert (gone.replay_published, gone.replay_published_at, gone.download_allowed) == (False, None, False)
    assert model.discard_recording(gone, NOW, by=HOST) == gone
    removed = model.recording_removed(gone)
    assert removed.recording is Recording.DISCARDED
    assert model.discard_recording(removed, NOW, by=HOST) == removed == model.recording_removed(removed)
    assert model.recording_removed(shown) == shown
    with pytest.raises(Conflict) as refusal:
        model.discard_recording(broadcast(S.ENDED, recording=Recording.PREPARING), NOW, by=HOST)
    assert refusal.value.code == "replay_not_ready"


def test_edits_grow_the_revision_only_when_something_changes() -> None:
    made = broadcast()
    assert model.edit(made, {"title": made.title, "visibility": Visibility.EMPLOYEES, "co_hosts": [CO_HOST]}) is made
    assert model.edit(made, {"title": "另一标题"}).revision == 1
    over = broadcast(S.ENDED)
    assert model.edit(over, {"title": over.title}) is over


def test_a_co_host_who_stays_keeps_the_token_and_one_who_returns_gets_a_new_one() -> None:
    made = broadcast()
    alone = model.edit(made, {"co_hosts": []})
    assert [each.member_id for each in alone.publishers] == [HOST]
    again = model.edit(alone, {"co_hosts": [CO_HOST, HOST, CO_HOST]})
    assert [(each.member_id, each.token_version) for each in again.publishers] == [(HOST, 1), (CO_HOST, 3)]


def test_renewing_touches_nobody_elses_token() -> None:
    renewed = model.renew_token(broadcast(), HOST)
    assert [each.token_version for each in renewed.publishers] == [3, 2]
    assert model.renew_token(renewed, CO_HOST).publishers[1].token_version == 4


def test_a_takeover_is_remembered_as_the_last_sender() -> None:
    live = replace(broadcast(S.LIVE), publisher_id=HOST)
    assert model.media_started(live, CO_HOST).publisher_id == CO_HOST
    assert model.media_started(live, None).publisher_id == HOST
