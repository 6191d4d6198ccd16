"""What the sample's branches meet for, as seen from a day."""

from collections import Counter
from datetime import UTC, datetime

from server.activities import ActivityKind
from server.demo.meetings import meetings
from server.demo.organisation import load_sample

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning in Guangzhou


def test_every_branch_has_a_theme_day_in_each_of_the_months_before() -> None:
    sample = load_sample()
    days = [
        each
        for each in meetings(sample, NOW)
        if each.kind is ActivityKind.THEME_DAY and each.starts_at < datetime(2026, 11, 1, tzinfo=UTC)
    ]
    assert Counter((each.branch, each.starts_at.month) for each in days) == {
        (branch, month): 1 for branch in sample.branches.values() for month in (8, 9, 10)
    }


def test_one_is_running_and_some_are_to_come() -> None:
    planned = meetings(load_sample(), NOW)
    assert planned == sorted(planned, key=lambda each: each.starts_at)
    assert len([each for each in planned if each.starts_at <= NOW < each.ends_at]) == 1
    assert len([each for each in planned if each.starts_at > NOW]) >= 3


def test_whoever_is_absent_is_of_the_branch() -> None:
    sample = load_sample()
    branches = {person.name: person.branch for person in sample.people}
    for each in meetings(sample, NOW):
        assert each.branch is None or {branches[name] for name in each.absent} <= {each.branch}
