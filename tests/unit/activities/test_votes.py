"""Votes at their boundaries: how many must be there, and how many must be in favour."""

from dataclasses import dataclass

import pytest

from server.activities.minutes.votes import Motion, Rule, Turnout, outcome, rule_of, turnout_of
from server.activities.model import ActivityKind


def turnout(voters: int, present: int) -> Turnout:
    return Turnout(voters, present, voters, present)


@dataclass
class Someone:
    expected: bool = True
    present_at: object | None = "then"
    voting: bool = True


@pytest.mark.parametrize(
    ("voters", "present", "in_favour", "quorate", "passed"),
    [
        (12, 9, 7, True, True),
        (12, 9, 6, True, False),  # exactly half of those who should attend
        (12, 6, 6, True, False),  # half are enough to vote, and too few to pass
        (12, 5, 5, False, False),
        (13, 7, 7, True, True),
        (13, 6, 6, False, False),  # six of thirteen are less than half
        (1, 1, 1, True, True),
        (0, 0, 0, False, False),
    ],
)
def test_a_general_meeting_counts_who_should_attend(
    voters: int, present: int, in_favour: int, quorate: bool, passed: bool
) -> None:
    came = outcome(Rule.GENERAL, turnout(voters, present), Motion("接收预备党员", in_favour=in_favour))
    assert (came.quorate, came.passed) == (quorate, passed)


@pytest.mark.parametrize(
    ("voters", "present", "in_favour", "quorate", "passed"),
    [(5, 3, 2, True, True), (5, 2, 2, False, False), (4, 2, 2, True, True), (4, 2, 1, True, False), (3, 2, 2, True, True)],
)
def test_a_committee_counts_who_is_there(voters: int, present: int, in_favour: int, quorate: bool, passed: bool) -> None:
    came = outcome(Rule.COMMITTEE, turnout(voters, present), Motion("年度计划", in_favour=in_favour))
    assert (came.quorate, came.passed) == (quorate, passed)


def test_elsewhere_more_than_half_of_those_present_decide() -> None:
    motion = Motion("下次学习的内容", in_favour=2)
    assert outcome(Rule.PLAIN, turnout(9, 3), motion).passed
    assert not outcome(Rule.PLAIN, turnout(9, 4), motion).passed


def test_whoever_left_before_the_vote_does_not_count_as_present() -> None:
    early, late = Motion("甲", in_favour=7), Motion("乙", in_favour=7, voters=5)
    assert outcome(Rule.GENERAL, turnout(12, 9), early).quorate
    assert not outcome(Rule.GENERAL, turnout(12, 9), late).quorate
    assert turnout(12, 9).present_at(Motion("丙", voters=50)) == 9, "more than came cannot have been there"


def test_probationary_members_and_guests_are_present_and_do_not_count_for_votes() -> None:
    people = [Someone(), Someone(present_at=None), Someone(voting=False), Someone(expected=False)]
    assert turnout_of(people) == Turnout(expected=3, present=3, voters=2, voters_present=1)


def test_the_rule_is_said_in_words() -> None:
    words = outcome(Rule.GENERAL, turnout(12, 9), Motion("甲", in_favour=7)).words
    assert words == "应到有表决权的党员 12 人，实到 9 人，达到半数；同意 7 票，超过应到会有表决权人数的半数，通过"
    assert outcome(Rule.GENERAL, turnout(12, 5), Motion("甲", in_favour=5)).words.endswith("不足半数，表决无效")
    assert "到会委员人数的半数，未通过" in outcome(Rule.COMMITTEE, turnout(5, 4), Motion("甲", in_favour=2)).words


def test_each_kind_has_its_rule() -> None:
    assert {kind: rule_of(kind) for kind in ActivityKind if rule_of(kind) is not Rule.PLAIN} == {
        ActivityKind.GENERAL: Rule.GENERAL,
        ActivityKind.COMMITTEE: Rule.COMMITTEE,
    }
