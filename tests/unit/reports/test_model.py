"""Figures out of what the features keep; what they keep is written out here, and so are the figures."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from server.broadcasts import Broadcast, CommentMode, Orientation, State, Visibility
from server.broadcasts.model import Publisher
from server.comments import Spoken
from server.core.errors import Conflict
from server.polls import Held
from server.questions import Everything
from server.reports.model import MOST_MINUTES, Report, drawn_up


@dataclass(frozen=True)
class Sample:
    at: datetime
    viewers: int
    most: int


@dataclass(frozen=True)
class Counted:
    at: datetime
    kind: str
    count: int


LIVE = datetime(2026, 7, 1, 12, 0, 30, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return LIVE + timedelta(seconds=seconds)


def broadcast(*, live_at: datetime | None = LIVE, ended_at: datetime | None = None, peak: int = 0) -> Broadcast:
    return Broadcast(
        id="b",
        title="主题党日",
        intro="",
        starts_at=LIVE,
        minutes_planned=60,
        visibility=Visibility.EMPLOYEES,
        comment_mode=CommentMode.POST_MODERATED,
        orientation=Orientation.LANDSCAPE,
        publishers=(Publisher("h", 1),),
        created_at=LIVE,
        state=State.LIVE if ended_at is None else State.ENDED,
        live_at=live_at,
        ended_at=ended_at,
        peak_viewers=peak,
    )


def report(
    found: Broadcast,
    *,
    said: Spoken | None = None,
    samples: list[Sample] | None = None,
    reactions: list[Counted] | None = None,
    polls: Held | None = None,
) -> Report:
    return drawn_up(
        found,
        later(90),
        said=said or Spoken([], 0, set()),
        asked=Everything([], [], set()),
        polls=polls or Held([], set()),
        samples=samples or [],
        reactions=reactions or [],
    )


def test_minutes_are_those_of_the_clock_from_the_beginning_to_the_end() -> None:
    drawn = report(broadcast(ended_at=later(150)))
    assert [minute.at.strftime("%H:%M:%S") for minute in drawn.minutes] == ["12:00:00", "12:01:00", "12:02:00", "12:03:00"]
    assert drawn.seconds == 150


def test_while_on_air_it_goes_as_far_as_now() -> None:
    drawn = report(broadcast())
    assert (drawn.until, len(drawn.minutes)) == (later(90), 3)


def test_everything_is_in_its_minute_and_what_comes_late_in_the_last() -> None:
    said = Spoken([later(0), later(29), later(30), later(200)], 1, {"a", "b"})
    reactions = [Counted(later(-10), "like", 2), Counted(later(40), "like", 5), Counted(later(40), "heart", 1)]
    drawn = report(broadcast(ended_at=later(80)), said=said, reactions=reactions)
    assert [minute.comments for minute in drawn.minutes] == [2, 2]
    assert [dict(minute.reactions) for minute in drawn.minutes] == [{"like": 2}, {"like": 5, "heart": 1}]
    assert (drawn.comments, drawn.comments_removed, drawn.commenters) == (4, 1, 2)
    assert dict(drawn.reactions) == {"like": 7, "heart": 1}
    assert sum(minute.comments for minute in drawn.minutes) == drawn.comments


def test_viewers_are_the_most_of_each_minute_and_a_minute_nobody_counted_is_none() -> None:
    samples = [Sample(later(0), 3, 5), Sample(later(10), 4, 4), Sample(later(100), 2, 2)]
    drawn = report(broadcast(ended_at=later(150)), samples=samples)
    assert [minute.viewers for minute in drawn.minutes] == [5, None, 2, None]
    assert drawn.viewers.peak == 5
    assert drawn.viewers.peak_at == later(0)
    assert drawn.viewers.average == 3


def test_a_peak_that_no_sample_knows_has_no_moment() -> None:
    drawn = report(broadcast(ended_at=later(60), peak=9), samples=[Sample(later(0), 3, 5)])
    assert (drawn.viewers.peak, drawn.viewers.peak_at) == (9, None)


def test_whoever_did_several_things_is_one_person() -> None:
    drawn = report(broadcast(ended_at=later(60)), said=Spoken([], 0, {"a", "b"}), polls=Held([], {"b", "c"}))
    assert drawn.people == 3


def test_one_that_was_forgotten_on_air_shows_its_first_day() -> None:
    drawn = report(broadcast(ended_at=later(90 * 3600)), said=Spoken([later(80 * 3600)], 0, {"a"}))
    assert len(drawn.minutes) == MOST_MINUTES
    assert drawn.comments == 1


def test_before_the_air_there_is_nothing_to_report() -> None:
    with pytest.raises(Conflict, match="report_not_yet"):
        report(broadcast(live_at=None))
