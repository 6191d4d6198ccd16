"""Who may be graded, how many 优秀, and when a tally is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from server.core.errors import AppError, Conflict
from server.identity import Member, Role, Status
from server.points import appraisal as rules
from server.points.appraisal import Appraisal, AppraisalState, Appraised, Grade, Mark
from server.points.model import Aspect

DAY = date(2026, 12, 1)
ONE = Appraisal("a", "b", "总部党支部", 2026, AppraisalState.GRADING, DAY, DAY, "x", datetime(2026, 11, 1, tzinfo=UTC))
SECRETARY = Member("s", "书记", "b", "总部党支部", Status.FULL, frozenset({Role.BRANCH_SECRETARY}), "test")


def branch(*more: Appraised, count: int) -> list[Appraised]:
    return [Appraised(f"m{number}", f"同志{number}", Status.FULL, False) for number in range(count)] + list(more)


@pytest.mark.parametrize(("graded", "most"), [(0, 0), (2, 0), (3, 1), (5, 1), (6, 2), (50, 16)])
def test_excellent_is_a_third_rounded_down(graded: int, most: int) -> None:
    assert rules.most_excellent(graded) == most


def test_those_without_a_grade_do_not_count_towards_the_third() -> None:
    young = Appraised("y", "预备", Status.PROBATIONARY, False)
    exempt = Appraised("e", "长期病休", Status.FULL, True)
    all_ = branch(young, exempt, count=4)
    everybody = [replace(all_[0], grade=Grade.EXCELLENT), *all_[1:]]
    rules.check_grade(ONE, SECRETARY, everybody[0], Grade.EXCELLENT, everybody, set())  # who has it already keeps it
    rules.check_grade(ONE, SECRETARY, everybody[1], Grade.QUALIFIED, everybody, set())
    with pytest.raises(Conflict, match="最多 1 人") as refused:
        rules.check_grade(ONE, SECRETARY, everybody[1], Grade.EXCELLENT, everybody, set())
    assert refused.value.code == "too_many_excellent"
    for about in (young, exempt):
        with pytest.raises(Conflict, match="不评定等次"):
            rules.check_grade(ONE, SECRETARY, about, Grade.QUALIFIED, everybody, set())
    with pytest.raises(Conflict, match="受处分影响"):
        rules.check_grade(ONE, SECRETARY, everybody[1], Grade.QUALIFIED, everybody, {"m1"})
    # With one vetoed three are graded still; with two there is no room for the one there is.
    done = [replace(each, grade=each.grade or Grade.QUALIFIED, opinion="好") for each in everybody]
    rules.check_submits(ONE, done, {"m1"})
    with pytest.raises(Conflict, match="优秀最多 0 人"):
        rules.check_submits(ONE, done, {"m1", "m2"})


def test_a_tally_is_shown_when_four_others_have_marked() -> None:
    assert rules.shown_raters({"a", "b", "c"}, "x") is None
    assert rules.shown_raters({"a", "b", "c", "x"}, "x") is None, "one's own is not another's"
    assert rules.shown_raters({"a", "b", "c", "d", "x"}, "x") == 4


def test_a_sheet_is_complete_and_probationary_members_have_no_vote() -> None:
    marks = dict.fromkeys(Aspect, Mark.GOOD)
    all_ = branch(Appraised("y", "预备", Status.PROBATIONARY, False), Appraised("e", "病休", Status.FULL, True), count=3)
    whole = dict.fromkeys(("m1", "m2", "y"), marks)
    rules.check_sheet(all_[0], all_, whole)
    for wrong in ({}, whole | {"m0": marks}, whole | {"e": marks}, whole | {"m1": {Aspect.DE: Mark.GOOD}}):
        with pytest.raises(AppError, match="sheet_incomplete"):
            rules.check_sheet(all_[0], all_, wrong)
    with pytest.raises(AppError, match="no_vote"):
        rules.check_sheet(all_[3], all_, whole)


def test_nobody_grades_themselves_and_nobody_confirms_what_they_have_submitted() -> None:
    own = Appraised("s", "书记", Status.FULL, False)
    with pytest.raises(AppError, match="own_matter"):
        rules.check_grade(ONE, SECRETARY, own, Grade.QUALIFIED, [own], set())
    handed = replace(ONE, state=AppraisalState.SUBMITTED, submitted_by="c")
    committee = replace(SECRETARY, id="c", roles=frozenset({Role.COMMITTEE_SECRETARY}))
    with pytest.raises(AppError, match="second_person_needed"):
        rules.check_confirms(handed, committee)
    with pytest.raises(AppError, match="role_needed"):
        rules.check_confirms(handed, SECRETARY)
    rules.check_confirms(handed, replace(committee, id="d"))
