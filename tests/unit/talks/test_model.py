"""A talk's states and time, and what is left of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.core.errors import AppError, Conflict, Forbidden
from server.talks import model
from server.talks.model import ErasedBy, Reason, Side, SummaryState, Talk, TalkState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WAITING = Talk("t", "s", "m", "draw 1", 15, TalkState.WAITING, NOW)
OPEN = model.opened(WAITING, NOW)
ENDED = model.ended(OPEN, Reason.TIME, NOW + timedelta(minutes=15))


def test_its_time_begins_when_both_have_the_keys_and_not_before() -> None:
    late = NOW + timedelta(minutes=4)
    opened = model.opened(WAITING, late)
    assert (opened.state, opened.ends_at) == (TalkState.OPEN, late + timedelta(minutes=15))
    assert model.why_over(opened, late + timedelta(minutes=15, seconds=-1)) is None
    assert model.why_over(opened, late + timedelta(minutes=15)) is Reason.TIME


def test_nobody_waits_for_ever_for_somebody_who_does_not_come() -> None:
    assert model.why_over(WAITING, NOW + timedelta(minutes=5, seconds=-1)) is None
    assert model.why_over(WAITING, NOW + timedelta(minutes=5)) is Reason.NOBODY_CAME
    assert model.why_over(ENDED, NOW + timedelta(days=1)) is None


def test_ten_minutes_more_when_both_want_them_twice_at_most() -> None:
    asked = model.answered_extension(OPEN, Side.MEMBER, agree=True)
    assert (asked.asked_by, asked.ends_at) == (Side.MEMBER, OPEN.ends_at)
    assert model.answered_extension(asked, Side.MEMBER, agree=True) == asked, "nobody agrees with themselves"
    talk = model.answered_extension(asked, Side.SECRETARY, agree=True)
    assert OPEN.ends_at is not None
    assert (talk.asked_by, talk.extensions, talk.ends_at) == (None, 1, OPEN.ends_at + timedelta(minutes=10))
    talk = model.answered_extension(model.answered_extension(talk, Side.SECRETARY, agree=True), Side.MEMBER, agree=True)
    assert talk.ends_at == OPEN.ends_at + timedelta(minutes=20)
    with pytest.raises(Conflict, match="extensions_used"):
        model.answered_extension(talk, Side.MEMBER, agree=True)


@pytest.mark.parametrize("side", list(Side))
def test_an_extension_can_be_declined_or_taken_back(side: Side) -> None:
    asked = model.answered_extension(OPEN, Side.MEMBER, agree=True)
    assert model.answered_extension(asked, side, agree=False) == OPEN


@pytest.mark.parametrize("talk", [WAITING, ENDED])
def test_only_a_talk_that_runs_is_extended(talk: Talk) -> None:
    with pytest.raises(Conflict, match=r"talk_ended|talk_not_open"):
        model.answered_extension(talk, Side.MEMBER, agree=True)


@pytest.mark.parametrize(("seconds", "counted"), [(59, False), (60, True)])
def test_a_talk_counts_from_one_minute_on(seconds: int, counted: bool) -> None:
    assert model.counts(model.ended(OPEN, Reason.MEMBER, NOW + timedelta(seconds=seconds))) is counted


def test_a_talk_nobody_came_to_does_not_count_and_is_not_rated() -> None:
    missed = model.ended(WAITING, Reason.NOBODY_CAME, NOW + timedelta(minutes=5))
    assert not model.counts(missed)
    with pytest.raises(Conflict, match="talk_not_held"):
        model.rated(missed, 5, NOW)


def test_a_rating_is_given_once_and_after_the_end() -> None:
    with pytest.raises(Conflict, match="talk_not_over"):
        model.rated(OPEN, 5, NOW)
    rated = model.rated(ENDED, 4, NOW)
    assert model.rated(rated, 4, NOW + timedelta(days=1)) == rated
    with pytest.raises(Conflict, match="rating_given"):
        model.rated(rated, 5, NOW)


def test_a_summary_is_kept_when_the_other_agrees_and_cannot_be_changed_then() -> None:
    proposed = model.proposed(ENDED, Side.SECRETARY, "sealed")
    with pytest.raises(Conflict, match="summary_own"):
        model.agreed_summary(proposed, Side.SECRETARY)
    agreed = model.agreed_summary(proposed, Side.MEMBER)
    assert agreed.summary_state is SummaryState.AGREED
    with pytest.raises(Conflict, match="summary_agreed"):
        model.proposed(agreed, Side.MEMBER, "other")
    with pytest.raises(Conflict, match="summary_agreed"):
        model.declined_summary(agreed)
    assert model.declined_summary(proposed).summary is None
    with pytest.raises(Conflict, match="no_summary"):
        model.agreed_summary(ENDED, Side.MEMBER)


def test_erasure_takes_the_agreed_summary_and_leaves_the_secretarys_note() -> None:
    kept = replace(model.agreed_summary(model.proposed(ENDED, Side.SECRETARY, "sealed"), Side.MEMBER), note="own")
    gone = model.erased(kept, ErasedBy.MEMBER, NOW)
    assert (gone.summary, gone.summary_state, gone.note) == (None, SummaryState.NONE, "own")
    with pytest.raises(Conflict, match="talk_erased"):
        model.proposed(gone, Side.MEMBER, "new")
    with pytest.raises(Conflict, match="talk_erased"):
        model.kept_by(gone, Side.MEMBER, nothing=True)


def test_notes_are_the_secretarys_and_ratings_the_members() -> None:
    model.require_secretary(Side.SECRETARY)
    model.require_member(Side.MEMBER)
    refused: list[AppError] = []
    for check, side in ((model.require_secretary, Side.MEMBER), (model.require_member, Side.SECRETARY)):
        with pytest.raises(Forbidden) as error:
            check(side)
        refused.append(error.value)
    assert [each.code for each in refused] == ["secretary_needed", "member_needed"]
