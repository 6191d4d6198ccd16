"""When roll-calls are opened, and what an interruption and an early end mean for them."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attendance import model
from server.attendance.model import Origin, Plan, RollCall, Rules, Why
from server.broadcasts import State
from server.core.errors import AppError
from tests.support.broadcasts import broadcast

START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def roll_call(opened: float, seconds: float = 90, **more: object) -> RollCall:
    at = START + opened * SECOND
    return replace(RollCall("r", "b", 1, Origin.DRAWN, None, at, at, at + seconds * SECOND), **more)  # type: ignore[arg-type]


@given(
    number=st.integers(0, model.MOST_DRAWN),
    seconds=st.integers(model.SHORTEST, model.LONGEST),
    minutes=st.integers(5, 720),
    seed=st.integers(),
)
def test_drawn_roll_calls_are_spread_over_the_planned_time(number: int, seconds: int, minutes: int, seed: int) -> None:
    length = timedelta(minutes=minutes)
    due = model.drawn(Rules(number, seconds, max(1, number)), START, length, random.Random(seed).random)
    assert len(due) == number
    assert list(due) == sorted(due)
    lead, last = min(timedelta(minutes=3), length / 10), START + length * 0.9
    for place, at in enumerate(due):
        part = (length * 0.9 - lead) / number
        assert START + lead + part * place <= at <= START + lead + part * (place + 1) <= last + SECOND, "one in each part"
        roomy = part * 0.75 >= timedelta(seconds=seconds) + model.PAUSE
        if roomy and place:
            assert at - due[place - 1] >= model.PAUSE + timedelta(seconds=seconds), "none while another is open"


def test_the_moments_cannot_be_known_beforehand() -> None:
    length, rules = timedelta(minutes=60), Rules()
    firsts = {model.drawn(rules, START, length, random.Random(seed).random)[0] for seed in range(50)}
    assert max(firsts) - min(firsts) > timedelta(minutes=10)


def test_one_is_opened_at_its_time_and_never_beside_or_right_after_another() -> None:
    plan = Plan("b", due=(START,))
    assert not model.is_due(plan, [], START - SECOND)
    assert model.is_due(plan, [], START)
    assert not model.is_due(plan, [roll_call(-30)], START)
    closed = roll_call(-200, closed_at=START - 10 * SECOND)
    assert not model.is_due(plan, [closed], START)
    assert model.is_due(plan, [closed], START + 20 * SECOND)
    assert not model.is_due(Plan("b", due=()), [], START)


def test_what_falls_into_an_interruption_comes_after_the_return() -> None:
    plan = Plan("b", due=(START + 10 * SECOND, START + 40 * SECOND))
    assert model.waits_for_picture(plan, START)
    later = model.put_off(plan, START, lambda: 0.5)
    assert later.due == (START + 40 * SECOND, START + 56.25 * SECOND)
    assert not model.waits_for_picture(Plan("b", due=(START + 60 * SECOND,)), START)
    assert model.made_good(plan, START, lambda: 0.0).due == (*plan.due, START + model.AGAIN)  # type: ignore[misc]


def test_it_closes_by_its_time_with_a_little_grace_or_with_the_broadcast() -> None:
    live, one = broadcast(state=State.LIVE, live_at=START), roll_call(0)
    assert model.why_closed(one, live, START + 91 * SECOND) is None
    assert model.why_closed(one, live, START + 92 * SECOND) is Why.TIME
    over = replace(live, state=State.ENDED, ended_at=START + 5 * SECOND)
    assert model.why_closed(one, over, START + 6 * SECOND) is Why.OVER
    model.check_answerable(one, START + 92 * SECOND)
    with pytest.raises(AppError, match="roll_call_closed"):
        model.check_answerable(one, START + 92.1 * SECOND)
    closed = model.closed(one, START + 5 * SECOND, Why.OVER)
    model.check_answerable(closed, START + 7 * SECOND)
    with pytest.raises(AppError, match="roll_call_closed"):
        model.check_answerable(closed, START + 8 * SECOND)


def test_all_are_needed_where_fewer_were_opened_than_the_host_had_asked_for() -> None:
    assert [model.needed_at_last(Plan("b"), opened) for opened in (0, 1, 2, 3)] == [2, 1, 2, 2]


@pytest.mark.parametrize("rules", [Rules(7), Rules(3, 20), Rules(3, 301), Rules(3, 90, 4), Rules(0, 90, 2), Rules(3, 90, 0)])
def test_rules_that_nobody_could_meet_are_refused(rules: Rules) -> None:
    with pytest.raises(AppError, match="roll_calls_invalid"):
        model.checked(rules)
    assert model.checked(Rules(0, 90, 1)).number == 0
