"""Comments in the order of their moments, and when how much was said."""

from datetime import UTC, datetime, timedelta

from server.comments.timeline import Timeline, milliseconds, moment_of

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
MS = milliseconds(NOON)


def filled(*seconds: float) -> Timeline:
    """Offsets 1, 2, 3 … with moments at these seconds after noon."""
    timeline = Timeline()
    timeline.add([(offset, NOON + timedelta(seconds=each)) for offset, each in enumerate(seconds, start=1)], [])
    return timeline


def offsets(found: list[tuple[int, float]]) -> list[float]:
    return [offset for _, offset in found]


def test_whoever_wrote_late_of_an_early_moment_stands_at_that_moment() -> None:
    timeline = filled(1, 5, 9, 2)
    assert offsets(timeline.after(moment_of("0", last=True), 10)[0]) == [1, 4, 2, 3]


def test_pages_both_ways_leave_nothing_out_and_repeat_nothing() -> None:
    timeline = filled(1, 1, 1, 2, 2, 3)
    seen: list[float] = []
    place, more = moment_of("0", last=True), True
    while more:
        found, more = timeline.after(place, 2)
        seen += offsets(found)
        place = found[-1]
    assert seen == [1, 2, 3, 4, 5, 6]
    seen, place, more = [], moment_of(str(MS + 3_001), last=False), True
    while more:
        found, more = timeline.before(place, 4)
        seen = offsets(found) + seen
        place = found[0]
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_moment_lies_after_what_belongs_to_it_or_before_as_one_goes() -> None:
    timeline = filled(1, 2, 2, 3)
    at = str(MS + 2_000)
    assert offsets(timeline.after(moment_of(at, last=True), 10)[0]) == [4]
    assert offsets(timeline.before(moment_of(at, last=False), 10)[0]) == [1]
    assert offsets(timeline.after(moment_of(f"{at}.2", last=True), 10)[0]) == [3, 4]


def test_what_was_taken_back_is_neither_found_nor_counted() -> None:
    timeline = filled(1, 2, 3)
    timeline.add([(5, NOON + timedelta(seconds=4))], [2])
    assert offsets(timeline.after(moment_of("0", last=True), 10)[0]) == [1, 3, 5]
    assert sum(timeline.heat(MS, MS + 10_000, 200)[1]) == 3


def test_the_heat_of_a_long_evening_fits_into_the_spans() -> None:
    timeline = filled(0, 59.9, 60, 7_199)
    seconds, counts = timeline.heat(MS, MS + 7_200_000, 120)
    assert seconds == 60
    assert len(counts) == 120
    assert (counts[0], counts[1], counts[119], sum(counts)) == (2, 1, 1, 4)


def test_a_broadcast_of_a_moment_has_a_span_too() -> None:
    assert filled(0).heat(MS, MS, 200) == (1, [1])
