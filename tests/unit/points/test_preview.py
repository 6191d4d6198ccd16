"""What a change of the rules would have done: caps anew in the order of the rows, reversals with what they take back."""

import time
from dataclasses import replace
from datetime import date, timedelta

from server.points.model import Aspect, Kind, Window
from server.points.preview import Old, Previewing, last_quarter
from server.points.rulebook import as_shipped

RULES = as_shipped()
FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)
J03 = next(each for each in RULES.versions if each.code == "J03")  # 1 point each, 3 a year


def row(number: int, day: date, amount: int, *, reverses: str | None = None, member: str = "m") -> Old:
    return Old(f"{number:04}", member, "J03", Aspect.JI, Kind.AWARD, day, amount, reverses)


def previewed(rows: list[Old], **change: object) -> Previewing:
    made = Previewing(RULES, {"J03": replace(J03, **change)} if change else {}, None, FIRST, LAST)  # type: ignore[arg-type]
    made.member(rows)
    return made


ROWS = [row(number, date(2026, 4, 1) + timedelta(days=number), 10 if number < 3 else 0) for number in range(5)]


def test_without_a_change_nothing_changes() -> None:
    result = previewed(ROWS).result
    assert (result.members, result.touched, result.rows, result.changed) == (1, 0, 5, 0)


def test_a_wider_cap_lets_the_later_rows_count_and_a_narrower_one_cuts_them() -> None:
    wide = previewed(ROWS, caps={Window.YEAR: 40}).result
    assert (wide.touched, wide.changed, wide.aspects[Aspect.JI].before, wide.aspects[Aspect.JI].after) == (1, 1, 30, 40)
    narrow = previewed(ROWS, caps={Window.YEAR: 15}).result
    assert (narrow.changed, narrow.indicators["J03"].after) == (2, 15)
    assert previewed(ROWS, value=20, caps={Window.YEAR: 30}).result.changed == 2, "20, 10, and nothing of the third"


def test_what_lies_before_the_quarter_counts_as_it_stands() -> None:
    early = row(0, date(2026, 2, 1), 30)
    result = previewed([early, row(1, FIRST, 0)], caps={Window.YEAR: 35}).result
    assert (result.rows, result.indicators["J03"].after) == (1, 5)


def test_an_indicator_that_counts_no_more_leaves_nothing_and_its_reversals_nothing_to_take_back() -> None:
    rows = [row(1, FIRST, 10), row(2, FIRST, -10, reverses="0001"), row(3, FIRST, 10)]
    result = previewed(rows, retired=True).result
    assert (result.changed, result.indicators["J03"].before, result.indicators["J03"].after) == (3, 10, 0)
    assert previewed(rows, value=5).result.indicators["J03"].after == 5, "what was taken back is free for what comes later"


def test_the_bound_of_an_aspect_is_applied_too() -> None:
    scale = RULES.scale(LAST)
    made = Previewing(RULES, {}, replace(scale, most={**scale.most, Aspect.JI: 15}), FIRST, LAST)
    made.member(ROWS)
    assert (made.result.changed, made.result.aspects[Aspect.JI].after) == (2, 15)


def test_the_last_quarter_is_the_newest_that_is_over() -> None:
    assert last_quarter(date(2026, 7, 1)) == (FIRST, LAST)
    assert last_quarter(date(2026, 2, 11)) == (date(2025, 10, 1), date(2025, 12, 31))


def test_it_is_quick_for_many_rows() -> None:
    rows = [row(number, FIRST + timedelta(days=number % 90), 0) for number in range(100)]
    made, began = Previewing(RULES, {"J03": replace(J03, value=1)}, None, FIRST, LAST), time.process_time()
    for _ in range(100):
        made.member(rows)
    assert made.result.rows == 10_000
    assert time.process_time() - began < 2
