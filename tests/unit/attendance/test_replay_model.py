"""Where a replay's roll-calls lie, and when they open."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from server.activities.minutes.files import WAYS
from server.activities.model import Way
from server.attendance.model import Rules
from server.attendance.replay_model import REACH, Prompt, asked, drawn, missed_parts, opened, parts_to_draw, passed, to_open

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
MINUTE = 60_000


def prompt(part: int, place: int = 0) -> Prompt:
    return Prompt(f"p{part}", "b", "m", part, place)


def test_places_are_spread_over_what_was_sent_and_never_in_an_interruption() -> None:
    sent = ((0, 10 * MINUTE), (40 * MINUTE, 60 * MINUTE))
    for chance in (0.0, 0.3, 0.7, 0.999):
        places = [drawn(sent, part, 3, partial(float, chance)) for part in range(3)]
        assert places == sorted(places)
        assert all(any(start <= place < end for start, end in sent) for place in places), places
    assert drawn(sent, 1, 3, lambda: 0.0) >= 40 * MINUTE
    assert drawn((), 0, 3, lambda: 0.5) == 0


def test_a_step_passes_what_lies_in_it_and_what_a_page_that_has_just_come_could_not_tell_of() -> None:
    prompts = [prompt(0, 100_000), prompt(1, 500_000)]
    assert [each.part for each in passed(prompts, (95_000, 105_000), NOW)] == [0]
    assert passed(prompts, (100_001 + REACH, 110_001 + REACH), NOW) == []
    assert [each.part for each in passed(prompts, (100_000 + REACH, 110_000 + REACH), NOW)] == [0]
    assert passed(prompts, (90_000, 100_000), NOW) == [], "the end excluded"


def test_the_next_one_waits_for_the_clock_and_for_the_one_before_it() -> None:
    rules, whole = Rules(), 60 * MINUTE
    met = [replace(prompt(part), passed_at=NOW) for part in range(3)]
    first = to_open(met, 0, whole, 3, NOW)
    assert first is not None
    open_ = opened(first, rules, NOW)
    assert to_open([open_, *met[1:]], whole, whole, 3, NOW) is None, "one at a time"
    answered = replace(open_, answered_at=NOW)
    assert to_open([answered, *met[1:]], 10 * MINUTE - 1, whole, 3, NOW) is None
    assert to_open([answered, *met[1:]], 10 * MINUTE, whole, 3, NOW) == met[1]


def test_what_was_missed_is_drawn_anew_and_what_waits_or_was_answered_is_not() -> None:
    late = NOW + timedelta(seconds=93)
    missed = opened(prompt(0), Rules(), NOW)
    answered = replace(opened(prompt(1), Rules(), NOW), answered_at=NOW)
    assert parts_to_draw([missed, answered], 3, NOW) == [2]
    assert parts_to_draw([missed, answered, prompt(2)], 3, late) == [0]
    assert missed_parts([missed, answered], NOW) == set(), "it is still open"
    assert missed_parts([missed, answered], late) == {0}
    anew = replace(prompt(0), id="anew")
    assert missed_parts([missed, anew], late) == {0}, "until it is asked again"
    assert missed_parts([missed, opened(anew, Rules(), late)], late) == set()
    assert asked(Rules(number=0)) == (3, 2)
    assert asked(Rules(number=5, needed=4)) == (5, 4)


def test_every_way_to_be_present_has_a_name_in_the_files() -> None:
    assert set(WAYS) == set(Way)
