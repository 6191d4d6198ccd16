"""What is due in a year, in Beijing's months and quarters, and where a branch falls behind."""

from dataclasses import replace
from datetime import UTC, date, datetime

from server.activities.model import ActivityKind, ActivityState
from server.activities.plans.model import Cycle, Duty, Meeting, Stage, duties, spans

HOME = "home"
NOW = datetime(2026, 8, 25, 4, tzinfo=UTC)
SINCE = datetime(2026, 4, 2, 4, tzinfo=UTC)
MEETING = Meeting("one", ActivityKind.GENERAL, HOME, NOW, NOW, ActivityState.CLOSED)


def duty(kind: ActivityKind, *meetings: Meeting, since: datetime | None = SINCE, full: int = 7, now: datetime = NOW) -> Duty:
    found = duties(HOME, 2026, meetings, since=since, full_members=full, now=now)
    return next(each for each in found if each.kind is kind)


def stages(kind: ActivityKind, *meetings: Meeting, **more: object) -> list[Stage]:
    return [each.stage for each in duty(kind, *meetings, **more).periods]  # type: ignore[arg-type]  # passed on


def test_a_quarter_without_a_general_meeting_is_missed_once_it_is_over() -> None:
    assert stages(ActivityKind.GENERAL) == [Stage.FREE, Stage.MISSED, Stage.DUE, Stage.TO_COME]
    held = replace(MEETING, starts_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert duty(ActivityKind.GENERAL, held).missed == 0


def test_the_last_evening_of_a_month_belongs_to_the_next_in_beijing() -> None:
    late = replace(MEETING, kind=ActivityKind.THEME_DAY, starts_at=datetime(2026, 6, 30, 16, 30, tzinfo=UTC))
    periods = duty(ActivityKind.THEME_DAY, late).periods
    assert (periods[5].stage, periods[6].stage) == (Stage.MISSED, Stage.HELD)


def test_what_is_announced_is_planned_and_what_was_announced_and_never_opened_is_not_held() -> None:
    ahead = datetime(2026, 9, 20, tzinfo=UTC)
    coming = replace(MEETING, state=ActivityState.ANNOUNCED, starts_at=ahead, ends_at=ahead)
    assert stages(ActivityKind.GENERAL, coming)[2] is Stage.PLANNED
    gone = replace(coming, starts_at=datetime(2026, 7, 2, tzinfo=UTC), ends_at=datetime(2026, 7, 2, tzinfo=UTC))
    assert stages(ActivityKind.GENERAL, gone)[2] is Stage.DUE


def test_it_is_urgent_when_little_is_left_and_nothing_is_planned() -> None:
    assert duty(ActivityKind.THEME_DAY).urgent, "six days of August are left"
    assert not duty(ActivityKind.THEME_DAY, now=datetime(2026, 8, 20, 4, tzinfo=UTC)).urgent
    assert not duty(ActivityKind.GENERAL).urgent, "and five weeks of the quarter"


def test_a_small_branch_owes_no_committee_and_one_without_groups_no_group_meeting() -> None:
    assert not duty(ActivityKind.COMMITTEE, full=6).applies
    assert duty(ActivityKind.COMMITTEE, full=7).missed == 4
    assert not duty(ActivityKind.GROUP).applies
    assert duty(ActivityKind.GROUP, replace(MEETING, kind=ActivityKind.GROUP)).missed == 4


def test_what_the_committee_holds_for_everybody_counts() -> None:
    lecture = replace(MEETING, kind=ActivityKind.LECTURE, branch_id=None)
    assert duty(ActivityKind.LECTURE, lecture).held == 1
    assert duty(ActivityKind.GENERAL, replace(MEETING, branch_id=None)).held == 0
    assert duty(ActivityKind.THEME_DAY, replace(MEETING, kind=ActivityKind.OATH_RENEWAL)).held == 1
    assert duty(ActivityKind.GENERAL, replace(MEETING, branch_id="other")).held == 0


def test_nothing_is_owed_from_before_anything_was_kept() -> None:
    assert stages(ActivityKind.GENERAL, since=None) == [Stage.FREE, Stage.FREE, Stage.DUE, Stage.TO_COME]


def test_periods_cover_the_year() -> None:
    assert spans(2028, Cycle.MONTH)[1] == (date(2028, 2, 1), date(2028, 2, 29))
    assert [len(spans(2026, cycle)) for cycle in Cycle] == [12, 4, 1]
    assert spans(2026, Cycle.YEAR) == [(date(2026, 1, 1), date(2026, 12, 31))]
