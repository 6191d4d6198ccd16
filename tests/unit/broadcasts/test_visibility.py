"""Who sees what: every visibility × every kind of person × every state that matters."""

from datetime import timedelta

import pytest

from server.broadcasts.limits import BroadcastSettings
from server.broadcasts.model import Recording, State, Visibility
from server.broadcasts.visibility import (
    may_discard,
    may_download,
    may_see,
    may_watch_live,
    may_watch_replay,
    rights,
    shown_state,
)
from server.identity import Member, Role, Status
from tests.support.broadcasts import CO_HOST, HOST, NOW, broadcast, member

PEOPLE: dict[str, Member | None] = {
    "visitor": None,
    "employee": member(status=Status.EMPLOYEE),
    "full": member(),
    "probationary": member(status=Status.PROBATIONARY),
    "retired": member(status=Status.RETIRED),
    "another host": member(Role.RED_HOST),
    "affairs staff, no member": member(Role.AFFAIRS_STAFF, status=Status.EMPLOYEE),
    "host": member(Role.RED_HOST, id=HOST, status=Status.EMPLOYEE),
    "co-host": member(Role.RED_HOST, id=CO_HOST, status=Status.EMPLOYEE),
    "host without the role": member(id=HOST, status=Status.EMPLOYEE),
    "moderator": member(Role.MODERATOR, status=Status.EMPLOYEE),
    "committee secretary": member(Role.COMMITTEE_SECRETARY),
    "administrator": member(Role.ADMINISTRATOR, status=Status.EMPLOYEE),
}
NAMED = {"host", "co-host", "host without the role"}
MODERATORS = {"moderator", "committee secretary", "administrator"}
INSIDERS = {"host", "co-host"} | MODERATORS
PARTY = {"full", "probationary", "retired", "another host", "committee secretary"}
SIGNED_IN = PEOPLE.keys() - {"visitor"}
OFF, ON = BroadcastSettings(), BroadcastSettings(allow_public=True)


@pytest.mark.parametrize(
    ("visibility", "settings", "seen_by"),
    [
        (Visibility.MEMBERS, OFF, PARTY | NAMED | MODERATORS),
        (Visibility.EMPLOYEES, OFF, SIGNED_IN),
        (Visibility.PUBLIC, ON, set(PEOPLE)),
        (Visibility.PUBLIC, OFF, SIGNED_IN),
        (Visibility.MEMBERS, ON, PARTY | NAMED | MODERATORS),
        (Visibility.EMPLOYEES, ON, SIGNED_IN),
    ],
)
def test_who_sees_a_broadcast_and_watches_it_live(
    visibility: Visibility, settings: BroadcastSettings, seen_by: set[str]
) -> None:
    live = broadcast(State.LIVE, visibility=visibility)
    assert {who for who, each in PEOPLE.items() if may_see(live, each, allow_public=settings.allow_public)} == seen_by
    assert {who for who, each in PEOPLE.items() if may_watch_live(live, each, NOW, settings)} == seen_by


@pytest.mark.parametrize(
    ("state", "watched_by"),
    [
        (State.SCHEDULED, set()),
        (State.REHEARSAL, INSIDERS),
        (State.INTERRUPTED, SIGNED_IN),
        (State.ENDED, SIGNED_IN),  # for the seconds that players are behind
        (State.CUT_OFF, set()),
        (State.CANCELLED, set()),
    ],
)
def test_who_watches_live_in_which_state(state: State, watched_by: set[str]) -> None:
    made = broadcast(state)
    assert {who for who, each in PEOPLE.items() if may_watch_live(made, each, NOW, OFF)} == watched_by


def test_the_live_playlist_of_an_ended_broadcast_closes_soon() -> None:
    ended = broadcast(State.ENDED)
    assert not may_watch_live(ended, PEOPLE["host"], NOW + OFF.after_end, OFF)
    assert may_watch_live(ended, PEOPLE["full"], NOW + OFF.after_end - timedelta(seconds=1), OFF)


@pytest.mark.parametrize(
    ("state", "published", "watched_by"),
    [
        (State.LIVE, False, set()),
        (State.ENDED, False, INSIDERS),
        (State.ENDED, True, SIGNED_IN),
        (State.CUT_OFF, False, MODERATORS),
        (State.CUT_OFF, True, MODERATORS),  # cannot be; and if it were, it would help nobody
    ],
)
def test_who_watches_the_replay(state: State, *, published: bool, watched_by: set[str]) -> None:
    made = broadcast(state, replay_published=published)
    assert {who for who, each in PEOPLE.items() if may_watch_replay(made, each, OFF)} == watched_by


def test_nobody_watches_what_is_not_sealed() -> None:
    made = broadcast(State.ENDED, recording=Recording.PREPARING, replay_published=True)
    assert not any(may_watch_replay(made, each, OFF) for each in PEOPLE.values())


@pytest.mark.parametrize(
    ("state", "published", "offered", "by"),
    [
        (State.ENDED, True, True, SIGNED_IN),
        (State.ENDED, True, False, {"host", "co-host"}),
        (State.ENDED, False, True, {"host", "co-host"}),
        (State.CUT_OFF, False, True, MODERATORS),
        (State.LIVE, False, True, set()),
    ],
)
def test_who_downloads(state: State, *, published: bool, offered: bool, by: set[str]) -> None:
    made = broadcast(state, replay_published=published, download_allowed=offered)
    assert {who for who, each in PEOPLE.items() if may_download(made, each, OFF)} == by


@pytest.mark.parametrize(
    ("state", "by"), [(State.ENDED, {"host"} | MODERATORS), (State.CUT_OFF, MODERATORS), (State.LIVE, {"host"} | MODERATORS)]
)
def test_who_may_throw_a_recording_away(state: State, by: set[str]) -> None:
    assert {who for who, each in PEOPLE.items() if may_discard(broadcast(state), each)} == by


@pytest.mark.parametrize("recording", [Recording.DISCARDING, Recording.DISCARDED])
def test_nobody_watches_what_was_thrown_away(recording: Recording) -> None:
    made = broadcast(State.ENDED, recording=recording, replay_published=True, download_allowed=True)
    for each in PEOPLE.values():
        assert not may_watch_replay(made, each, OFF)
        assert not may_watch_live(made, each, NOW, OFF), "not the last seconds either"
        assert not may_download(made, each, OFF)


def test_rights_need_the_role_and_the_name() -> None:
    made = broadcast()
    held = {who: rights(made, each) for who, each in PEOPLE.items()}
    assert {who for who, each in held.items() if each.manage} == {"host"}
    assert {who for who, each in held.items() if each.publish} == {"host", "co-host"}
    assert {who for who, each in held.items() if each.moderate} == MODERATORS


def test_a_rehearsal_looks_scheduled_to_those_who_only_watch() -> None:
    made = broadcast(State.REHEARSAL)
    inside = {who for who, each in PEOPLE.items() if shown_state(made, rights(made, each)) is State.REHEARSAL}
    assert inside == INSIDERS
    assert shown_state(broadcast(State.LIVE), rights(made, None)) is State.LIVE
