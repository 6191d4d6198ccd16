"""Who runs what, and how an activity moves on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.activities.model import (
    WRONG_MOST,
    Activity,
    ActivityKind,
    ActivityState,
    Part,
    Plan,
    Seat,
    check_tries,
    mistaken,
    moved,
    sees,
)
from server.core.errors import Conflict, TooMany
from server.identity import Member, Role, Status, manages

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
PLAN = Plan(ActivityKind.THEME_DAY, "主题党日", NOW, NOW + timedelta(hours=1), branch_id="one")
ACTIVITY = Activity("id", PLAN, ActivityState.ANNOUNCED, "somebody", NOW)


def member(*roles: Role, branch: str | None = "one") -> Member:
    return Member("me", "我", branch, branch, Status.FULL, frozenset(roles), "session")


@pytest.mark.parametrize(
    ("who", "own", "other", "whole"),
    [
        (member(), False, False, False),
        (member(Role.BRANCH_SECRETARY), True, False, False),
        (member(Role.BRANCH_DEPUTY_SECRETARY), True, False, False),
        (member(Role.BRANCH_ORGANISER), True, False, False),
        (member(Role.ORGANISER), True, False, False),
        (member(Role.ORGANISER, branch=None), True, True, True),
        (member(Role.COMMITTEE_SECRETARY), True, True, True),
        (member(Role.COMMITTEE_DEPUTY_SECRETARY), True, True, True),
        (member(Role.AFFAIRS_STAFF), True, True, True),
        (member(Role.MODERATOR, Role.RED_HOST, Role.ADMINISTRATOR), False, False, False),
        (member(Role.BRANCH_SECRETARY, branch=None), False, False, False),
    ],
)
def test_who_runs_an_activity(who: Member, own: bool, other: bool, whole: bool) -> None:
    assert (manages(who, "one"), manages(who, "two"), manages(who, None)) == (own, other, whole)


def test_who_sees_an_activity() -> None:
    stranger, asked = member(branch="two"), Part("id", "me", expected=True)
    assert sees(member(), ACTIVITY, None)
    assert not sees(stranger, ACTIVITY, None)
    assert sees(stranger, ACTIVITY, asked)
    assert not sees(stranger, ACTIVITY, Part("id", "me", wrong=1)), "who only tried a code is not involved"
    assert sees(stranger, replace(ACTIVITY, plan=replace(PLAN, branch_id=None)), None)
    draft = replace(ACTIVITY, state=ActivityState.DRAFT)
    assert not sees(member(), draft, asked)
    assert sees(member(Role.BRANCH_SECRETARY), draft, None)
    talk = replace(ACTIVITY, plan=replace(PLAN, kind=ActivityKind.TALK))
    assert not sees(member(), talk, None), "a talk is for those in it"
    assert sees(member(), talk, replace(asked, expected=False, seat=Seat.GOING))


@pytest.mark.parametrize("state", ActivityState)
@pytest.mark.parametrize("to", [ActivityState.ANNOUNCED, ActivityState.OPEN, ActivityState.CLOSED, ActivityState.CANCELLED])
def test_moving_on(state: ActivityState, to: ActivityState) -> None:
    allowed = {
        (ActivityState.DRAFT, ActivityState.ANNOUNCED),
        (ActivityState.ANNOUNCED, ActivityState.OPEN),
        (ActivityState.OPEN, ActivityState.CLOSED),
        (ActivityState.DRAFT, ActivityState.CANCELLED),
        (ActivityState.ANNOUNCED, ActivityState.CANCELLED),
        # While nobody is present.
        (ActivityState.OPEN, ActivityState.ANNOUNCED),
        (ActivityState.OPEN, ActivityState.CANCELLED),
    }
    before = replace(ACTIVITY, state=state)
    if state is to:
        assert moved(before, to, NOW) is before, "the second time nothing happens"
    elif (state, to) in allowed:
        after = moved(before, to, NOW)
        assert (after.state, after.revision) == (to, 1)
    else:
        with pytest.raises(Conflict, match="activity_state"):
            moved(before, to, NOW)


def test_wrong_codes_are_forgotten_after_a_while() -> None:
    part = Part("id", "me")
    for _ in range(WRONG_MOST):
        check_tries(part, NOW)
        part = mistaken(part, NOW)
    with pytest.raises(TooMany, match="too_many_codes") as refused:
        check_tries(part, NOW + timedelta(minutes=4))
    assert refused.value.retry_after == 360
    later = NOW + timedelta(minutes=10)
    check_tries(part, later)
    assert mistaken(part, later).wrong == 1
