"""Working days of mainland China: weekends, the holidays the State Council announces for each year, and the weekends worked for
them. A year that has not been announced yet falls back to weekdays, and the answer says so.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar


@dataclass(frozen=True, slots=True)
class Deadline:
    """`sure` is false if a day was counted whose year has no announced holidays yet."""

    day: date
    sure: bool = True


def after_workdays(day: date, count: int) -> Deadline:
    """The `count`-th working day after `day`."""
    sure, left = True, count
    while left:
        day += timedelta(days=1)
        working, known = _is_workday(day)
        left -= working
        sure = sure and known
    return Deadline(day, sure)


def _is_workday(day: date) -> tuple[bool, bool]:
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False
