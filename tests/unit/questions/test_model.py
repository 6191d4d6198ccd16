"""When questions are taken and answered, what a mark does to one, and how many of everything there may be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from server.broadcasts import Broadcast, CommentMode, Recording
from server.broadcasts import State as OfBroadcast
from server.core.errors import AppError, Conflict
from server.core.journal import Author
from server.identity import Role
from server.questions.model import (
    MOST_BY_VIEWERS,
    MOST_FROM_ONE,
    MOST_REPLIES,
    MOST_TO_ONE,
    TOLD_EVERY,
    Question,
    QuestionState,
    Reply,
    check_answers,
    check_ask,
    check_bounds,
    check_mark,
    check_reply,
    due,
    mark,
    moment,
)
from tests.support.broadcasts import HOST, NOW, broadcast, member

LATER = NOW + timedelta(minutes=2)
ASKED = Question("q", "b", 1, NOW, "asker", Author("asker", "封书瑶"), "有回看吗？", False, "c", "d")
VIEWER, KEEPER = member(), member(Role.RED_HOST, id=HOST)


def code(check: Callable[[], None]) -> str:
    try:
        check()
    except AppError as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize(
    ("state", "asking", "answering", "marking"),
    [
        (OfBroadcast.SCHEDULED, "ok", "ok", "not_on_air"),
        (OfBroadcast.REHEARSAL, "ok", "ok", "not_on_air"),
        (OfBroadcast.LIVE, "ok", "ok", "ok"),
        (OfBroadcast.INTERRUPTED, "ok", "ok", "ok"),
        (OfBroadcast.ENDED, "questions_closed", "ok", "ok"),
        (OfBroadcast.CUT_OFF, "questions_closed", "questions_closed", "questions_closed"),
        (OfBroadcast.CANCELLED, "questions_closed", "questions_closed", "questions_closed"),
    ],
)
def test_when_questions_are_taken_and_answered(state: OfBroadcast, asking: str, answering: str, marking: str) -> None:
    one = broadcast(state)
    assert code(lambda: check_ask(one, VIEWER)) == asking
    assert code(lambda: check_reply(one, VIEWER)) == answering
    assert code(lambda: check_mark(one, KEEPER, QuestionState.ANSWERING)) == marking


def test_after_the_end_there_must_be_something_that_shows_the_answer() -> None:
    ended = broadcast(OfBroadcast.ENDED)
    for gone in ({"recording": Recording.DISCARDED}, {"recording": Recording.DISCARDING}, {"purged_at": NOW}):
        assert code(lambda more=gone: check_answers(replace(ended, **more))) == "questions_closed"  # type: ignore[misc]


def test_a_silenced_room_takes_them_from_those_who_keep_it() -> None:
    def codes(one: Broadcast) -> list[str]:
        return [code(lambda person=person: check_ask(one, person)) for person in (VIEWER, KEEPER)]  # type: ignore[misc]

    live = broadcast(OfBroadcast.LIVE)
    assert codes(replace(live, muted=True)) == ["room_muted", "ok"]
    assert codes(replace(live, comment_mode=CommentMode.OFF)) == ["ok", "ok"]  # comments are off, questions are what is left


def test_only_those_who_keep_the_room_mark() -> None:
    assert code(lambda: check_mark(broadcast(OfBroadcast.LIVE), VIEWER, QuestionState.ANSWERING)) == "keeper_needed"


def test_an_answer_on_air_has_a_beginning_and_an_end() -> None:
    begun = mark(ASKED, QuestionState.ANSWERING, NOW)
    assert (begun.state, begun.answering_at, begun.answered_at) == (QuestionState.ANSWERING, NOW, None)
    assert mark(begun, QuestionState.ANSWERING, LATER) is begun  # pressed twice: the first counts
    done = mark(begun, QuestionState.ANSWERED, LATER)
    assert (done.answering_at, done.answered_at) == (NOW, LATER)
    assert mark(done, QuestionState.ANSWERED, NOW) is done
    again = mark(done, QuestionState.ANSWERING, LATER)
    assert (again.answering_at, again.answered_at) == (LATER, None)
    undone = mark(done, QuestionState.ASKED, LATER)
    assert (undone.answering_at, undone.answered_at) == (None, None)


def test_an_answer_does_not_end_before_it_begins_and_one_nobody_began_has_no_beginning() -> None:
    assert mark(mark(ASKED, QuestionState.ANSWERING, LATER), QuestionState.ANSWERED, NOW).answered_at == LATER
    assert mark(ASKED, QuestionState.ANSWERED, NOW).answering_at is None


def test_a_moment_lies_within_the_programme() -> None:
    ended = broadcast(OfBroadcast.ENDED, live_at=NOW, ended_at=LATER)
    much_later = LATER + timedelta(hours=1)
    assert moment(ended, NOW - timedelta(days=1), much_later) == NOW
    assert moment(ended, None, much_later) == LATER
    assert moment(broadcast(OfBroadcast.LIVE), None, LATER) == LATER


def test_totals_are_told_at_most_once_a_second() -> None:
    assert not due(ASKED, NOW)
    voted = replace(ASKED, votes=1)
    assert due(voted, NOW)
    told = replace(voted, votes=2, told=1, told_at=NOW)
    assert not due(told, NOW + TOLD_EVERY / 2)
    assert due(told, NOW + TOLD_EVERY)
    assert not due(replace(voted, removed="host"), NOW)


def test_written_answers_are_bounded_for_viewers_and_there_is_room_for_hosts() -> None:
    def replies(number: int, *, to: str = "other", author: str = "a") -> list[Reply]:
        by = Author(author, "林晓")
        return [Reply(str(each), to, "b", each, NOW, author, by, "有", str(each), "d") for each in range(number)]

    for there, author in (
        (replies(MOST_FROM_ONE, to="q", author="me"), "me"),
        (replies(MOST_TO_ONE, to="q"), "me"),
        (replies(MOST_BY_VIEWERS), "me"),
    ):
        with pytest.raises(Conflict, match="replies_full"):
            check_bounds(there, "q", author, keeper=False)
        check_bounds(there[1:], "q", author, keeper=False)
        check_bounds(there, "q", author, keeper=True)
    with pytest.raises(Conflict, match="replies_full"):
        check_bounds(replies(MOST_REPLIES), "q", "me", keeper=True)
