"""Who may announce, see and run a session, what it may be like, and when what is taken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.core.errors import AppError, Conflict, Forbidden, Invalid
from server.identity import Member, Person, Role, Status
from server.shake import model
from server.shake.model import Draw, DrawState, Limits, Plan, Round, RoundState, Shake, ShakeState
from server.shake.shaking import check_not_drawn, weight

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
PLAN = Plan("主题党日摇一摇", NOW + timedelta(hours=1), NOW + timedelta(hours=2), ("secretary",))
SHAKE = Shake("shake", "owner", PLAN, ShakeState.ANNOUNCED, "0" * 64, "04", "", 0, NOW)
ROUND = Round("shake", 1, "secretary", "0" * 64, RoundState.OPEN, opened_at=NOW, closes_at=NOW + timedelta(seconds=30))
SECOND, MS = timedelta(seconds=1), timedelta(milliseconds=1)


def member(id_: str, *roles: Role, branch: str | None = "branch", status: Status = Status.FULL) -> Member:
    return Member(id_, "林晓", branch, "支部", status, frozenset(roles), "session")


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_at": PLAN.opens_at},
        {"closes_at": PLAN.opens_at + timedelta(days=8)},
        {"opens_at": NOW - timedelta(hours=1)},
        {"secretaries": ()},
        {"branches": ()},
        {"rounds": 0},
        {"rounds": 21},
        {"round_seconds": 9},
        {"talk_minutes": 61},
        {"exclusion_days": 366},
        {"favour": 0},
    ],
)
def test_a_plan_out_of_bounds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="shake_invalid"):
        model.planned(replace(PLAN, **wrong), NOW)


def test_a_plan_is_tidied() -> None:
    kept = model.planned(replace(PLAN, title="  摇一\n摇 ", secretaries=("b", "a", "b"), branches=("2", "1", "2")), NOW)
    assert (kept.title, kept.secretaries, kept.branches) == ("摇一 摇", ("b", "a"), ("1", "2"))


def test_a_branch_secretary_invites_their_own_branch_alone() -> None:
    model.check_branches(member("x", Role.COMMITTEE_SECRETARY), None)
    model.check_branches(member("x", Role.BRANCH_SECRETARY), ("branch",))
    for others in (None, ("another",), ("another", "branch")):
        with pytest.raises(Forbidden, match="branch_not_yours"):
            model.check_branches(member("x", Role.BRANCH_SECRETARY), others)


def test_who_talks_is_a_secretary() -> None:
    def person(*roles: Role, disabled: bool = False) -> Person:
        return Person("s", "书记", None, None, Status.FULL, frozenset(roles), disabled)

    model.check_secretaries(["s"], [person(Role.BRANCH_DEPUTY_SECRETARY)])
    for people in ([], [person()], [person(Role.RED_HOST)], [person(Role.BRANCH_SECRETARY, disabled=True)]):
        with pytest.raises(Invalid, match="secretary_invalid"):
            model.check_secretaries(["s"], people)


def test_members_of_its_branches_take_part_without_its_secretaries() -> None:
    of_branch = replace(SHAKE, plan=replace(PLAN, branches=("branch",)))
    assert model.may_take_part(SHAKE, member("a", branch=None))
    assert model.may_take_part(of_branch, member("a"))
    assert not model.may_take_part(of_branch, member("a", branch="another"))
    assert not model.may_take_part(SHAKE, member("a", status=Status.EMPLOYEE))
    assert not model.may_take_part(SHAKE, member("secretary"))
    assert model.may_see(SHAKE, member("secretary"))
    assert model.may_see(of_branch, member("owner", branch="another"))
    assert model.may_see(of_branch, member("x", Role.COMMITTEE_SECRETARY, branch=None))
    assert not model.may_see(of_branch, member("x", Role.ADMINISTRATOR, branch=None))


def test_a_right_goes_with_the_office() -> None:
    """Who was named and is no secretary any more sees the session, and runs nothing of it."""
    model.require_secretary(SHAKE, member("secretary", Role.BRANCH_DEPUTY_SECRETARY))
    model.require_desk(SHAKE, member("secretary", Role.BRANCH_DEPUTY_SECRETARY))
    model.require_runs(SHAKE, member("owner", Role.BRANCH_SECRETARY))
    for plain in (member("secretary"), member("secretary", Role.RED_HOST), member("x", Role.COMMITTEE_SECRETARY)):
        with pytest.raises(Forbidden, match="secretary_needed"):
            model.require_secretary(SHAKE, plain)
    for plain in (member("owner"), member("secretary")):
        with pytest.raises(Forbidden, match="not_yours"):
            model.require_desk(SHAKE, plain)
    assert model.may_see(replace(SHAKE, plan=replace(PLAN, branches=("another",))), member("owner"))


def test_a_round_takes_what_came_up_to_two_seconds_after_its_end() -> None:
    end = NOW + timedelta(seconds=32)
    assert model.require_open(ROUND, end) == ROUND
    with pytest.raises(Conflict, match="too_late"):
        model.require_open(ROUND, end + MS)
    for state in (RoundState.CLOSING, RoundState.CLOSED):
        with pytest.raises(Conflict, match="too_late"):
            model.require_open(replace(ROUND, state=state), NOW)
    for none in (None, replace(ROUND, state=RoundState.REVEALED), replace(ROUND, state=RoundState.EMPTY)):
        with pytest.raises(Conflict, match="round_not_open"):
            model.require_open(none, NOW)
    assert not model.is_due_to_close(ROUND, end), "what was received then is on its way into the database"
    assert model.is_due_to_close(ROUND, end + SECOND)


def test_a_nonce_is_told_in_time_or_never() -> None:
    closed, limits = replace(ROUND, state=RoundState.CLOSED, closed_at=NOW), Limits()
    model.check_revealable(closed, NOW + limits.reveal - MS, limits)
    with pytest.raises(Conflict, match="round_void"):
        model.check_revealable(closed, NOW + limits.reveal, limits)
    assert model.overdue_reveal(closed, NOW + limits.reveal, limits)
    with pytest.raises(Conflict, match="round_not_closed"):
        model.check_revealable(ROUND, NOW, limits)


def test_an_offer_is_answered_in_time_and_lapses_after_it() -> None:
    offer = Draw("d", "shake", 1, 1, "secretary", "a", "0" * 20, DrawState.OFFERED, NOW, NOW + timedelta(seconds=30))
    last = NOW + timedelta(seconds=32)
    model.check_answerable(offer, last)
    assert not model.lapsed(offer, last)
    with pytest.raises(Conflict, match="offer_over"):
        model.check_answerable(offer, last + MS)
    assert model.lapsed(offer, last + SECOND)


def test_a_secretary_has_few_replaced_and_may_always_take_back() -> None:
    def taken_back(*rounds: int) -> list[Draw]:
        return [
            Draw("d", "shake", number, n, "secretary", "a", "0" * 20, DrawState.WITHDRAWN, NOW)
            for n, number in enumerate(rounds, 1)
        ]

    assert [model.replacements_left(taken_back(*[1] * each)) for each in range(6)] == [3, 2, 1, 0, 0, 0]
    model.check_replaceable(taken_back(1, 1))
    with pytest.raises(Conflict, match="withdrawals_used_up"):
        model.check_replaceable(taken_back(1, 1, 1))
    model.check_drawable(taken_back(1, 1, 1), 1)
    with pytest.raises(Conflict, match="withdrawals_used_up"):
        model.check_drawable(taken_back(1, 1, 1, 1), 1)
    model.check_drawable(taken_back(1, 1, 1, 1), 2)
    with pytest.raises(Conflict, match="withdrawals_used_up"):
        model.check_drawable(taken_back(1, 1, 1, 1, 2), 2)


def test_rounds_come_one_after_another_and_not_for_ever() -> None:
    running = replace(SHAKE, state=ShakeState.OPEN)
    during = PLAN.opens_at + SECOND
    model.check_preparable(
        running, [replace(ROUND, state=RoundState.REVEALED), replace(ROUND, state=RoundState.PREPARED)], during
    )
    with pytest.raises(Conflict, match="round_under_way"):
        model.check_preparable(running, [ROUND], during)
    with pytest.raises(Conflict, match="rounds_used_up"):
        model.check_preparable(running, [replace(ROUND, state=RoundState.VOID)] * PLAN.rounds, during)
    never_opened = [replace(ROUND, state=RoundState.VOID, opened_at=None)] * PLAN.rounds
    model.check_preparable(running, never_opened, during)
    with pytest.raises(Conflict, match="shake_over"):
        model.check_preparable(running, [], PLAN.closes_at)
    with pytest.raises(Conflict, match="shake_not_open"):
        model.check_openable(running, PLAN.opens_at - MS)


def test_who_talked_rests_and_who_was_drawn_here_is_not_drawn_again() -> None:
    elsewhere, here = [("another", NOW - timedelta(days=89))], [("shake", NOW)]
    with pytest.raises(AppError, match="recently_talked") as refused:
        check_not_drawn(SHAKE, elsewhere, NOW)
    assert refused.value.extra["until"] == "2026-07-02T12:00:00.000Z"
    check_not_drawn(SHAKE, elsewhere, NOW + timedelta(days=1))
    check_not_drawn(replace(SHAKE, plan=replace(PLAN, exclusion_days=0)), elsewhere, NOW)
    with pytest.raises(AppError, match="already_drawn"):
        check_not_drawn(SHAKE, here, NOW + timedelta(days=400))


def test_the_weight_favours_those_who_were_never_drawn() -> None:
    favouring = replace(SHAKE, plan=replace(PLAN, favour=4))
    accepted = {"a": [("another", NOW)]}
    assert (weight(favouring, "a", accepted), weight(favouring, "b", accepted), weight(SHAKE, "b", accepted)) == (1, 4, 1)
