"""What may be sent when, decided on ciphertext alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from server.conversations.model import (
    BLOBS,
    BlobKind,
    Conversation,
    Sent,
    State,
    Step,
    Taken,
    agreed,
    check_blob,
    check_key,
    check_open,
    check_rate,
    check_recall,
    check_running,
    check_step,
)
from server.core.errors import AppError, Conflict, Forbidden, TooMany

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
STEPS = (
    (0, "hello"), (1, "hello"), (0, "commit"), (1, "reveal_second"), (0, "reveal_first"), (1, "confirmed"), (0, "confirmed"),
)  # fmt: skip
SIDES = ("secretary", "member")
DEVICES = ("a" * 16, "b" * 16)


def conversation(state: State = State.OPEN, *, number: int = 1, closes_at: datetime | None = None) -> Conversation:
    return Conversation("c", state, NOW, closes_at, None, number)


def code_of(error: pytest.ExceptionInfo[AppError]) -> str:
    return error.value.code


def played(steps: Sequence[tuple[int, str]], number: int = 1) -> list[Taken]:
    """Each is taken if it may be; raise what refuses the first that may not."""
    taken: list[Taken] = []
    for offset, (which, step) in enumerate(steps, 1):
        newest = number if taken else number - 1
        asked = Taken(number, Step(step), SIDES[which], DEVICES[which], 0)
        check_step(conversation(number=newest), taken, asked)
        taken.append(Taken(number, Step(step), SIDES[which], DEVICES[which], offset))
    return taken


def test_an_agreement_goes_from_hello_to_both_confirming() -> None:
    assert agreed(played(STEPS))
    assert not agreed(played(STEPS[:-1]))
    assert agreed(played([*STEPS[:-2], STEPS[-1], STEPS[-2]])), "either may confirm first"


def test_no_other_order_is_taken() -> None:
    """Of all orders of the five steps that show something, hellos first: who shows a key before the other is bound would let
    whoever sits between them choose."""
    shown = STEPS[2:]
    right = {shown, (*shown[:-2], shown[-1], shown[-2])}
    for order in permutations(shown):
        if order in right:
            played([*STEPS[:2], *order])
            continue
        with pytest.raises(Conflict, match="key_step_out_of_order"):
            played([*STEPS[:2], *order])


@pytest.mark.parametrize("step", ["commit", "reveal_second", "reveal_first", "confirmed"])
def test_nothing_is_shown_before_both_have_said_hello(step: str) -> None:
    for which in (0, 1):
        with pytest.raises(Conflict, match=r"key_step_out_of_order|key_round_over"):
            played([(0, "hello"), (which, step)])


def test_the_one_who_said_hello_first_is_first_whatever_the_side() -> None:
    turned = [(1 - which, step) for which, step in STEPS]
    assert agreed(played(turned))


def test_another_device_of_the_same_person_cannot_go_on_in_a_round() -> None:
    taken = played(STEPS[:2])
    with pytest.raises(Conflict, match="key_device"):
        check_step(conversation(), taken, Taken(1, Step.COMMIT, SIDES[0], "c" * 16, 0))


def test_a_new_round_begins_with_a_hello_of_the_next_number_and_ends_the_one_before() -> None:
    taken = played(STEPS)
    again = Taken(2, Step.HELLO, SIDES[1], "c" * 16, 0)
    check_step(conversation(), taken, again)
    for number in (0, 1, 3):
        with pytest.raises(Conflict, match="key_round_over"):
            check_step(conversation(), taken, Taken(number, Step.HELLO, SIDES[1], "c" * 16, 0))
    begun = conversation(number=2)
    with pytest.raises(Conflict, match="key_round_over"):
        check_step(begun, [again], Taken(1, Step.CONFIRMED, SIDES[0], DEVICES[0], 0))
    check_step(begun, [again], Taken(2, Step.HELLO, SIDES[0], DEVICES[0], 0))  # the other side joins


def test_rounds_are_bounded() -> None:
    with pytest.raises(Conflict, match="talk_full"):
        check_step(conversation(number=60), [], Taken(61, Step.HELLO, SIDES[0], DEVICES[0], 0))


def test_messages_go_under_the_newest_key_once_both_can_have_it() -> None:
    check_key(conversation(), 1, played(STEPS[:5]))
    with pytest.raises(Conflict, match="keys_not_agreed"):
        check_key(conversation(), 1, played(STEPS[:4]))
    with pytest.raises(Conflict, match="key_round_over"):
        check_key(conversation(number=2), 1, played(STEPS))


@pytest.mark.parametrize(
    ("state", "closes_in", "refusal"),
    [
        (State.WAITING, None, "talk_not_open"),
        (State.OPEN, timedelta(seconds=1), None),
        (State.OPEN, timedelta(), "talk_ended"),
        (State.CLOSED, timedelta(seconds=1), "talk_ended"),
        (State.ERASED, timedelta(seconds=1), "talk_erased"),
    ],
)
def test_messages_are_taken_while_the_time_runs(state: State, closes_in: timedelta | None, refusal: str | None) -> None:
    found = conversation(state, closes_at=None if closes_in is None else NOW + closes_in)
    if refusal is None:
        check_open(found, NOW)
        return
    with pytest.raises(Conflict) as error:
        check_open(found, NOW)
    assert code_of(error) == refusal


def test_keys_may_be_agreed_on_while_it_waits_and_not_after_its_end() -> None:
    check_running(conversation(State.WAITING), NOW)
    for state in (State.CLOSED, State.ERASED):
        with pytest.raises(Conflict):
            check_running(conversation(state), NOW)


def test_who_sends_too_fast_waits_and_copies_have_a_measure_of_their_own() -> None:
    check_rate(Sent(29, 500, 29, 199), copy=False)
    check_rate(Sent(500, 199, 30, 199), copy=True)
    for sent, copy in ((Sent(30, 0, 30, 0), False), (Sent(0, 200, 0, 200), True)):
        with pytest.raises(TooMany, match="too_fast"):
            check_rate(sent, copy=copy)
    for sent, copy in ((Sent(3000, 0, 0, 0), False), (Sent(0, 3000, 0, 0), True)):
        with pytest.raises(Conflict, match="talk_full"):
            check_rate(sent, copy=copy)


def test_a_recall_is_the_authors_and_within_two_minutes() -> None:
    check_recall("member", "member", NOW, NOW + timedelta(minutes=2))
    with pytest.raises(Conflict, match="recall_too_late"):
        check_recall("member", "member", NOW, NOW + timedelta(minutes=2, microseconds=1))
    with pytest.raises(Forbidden, match="not_yours"):
        check_recall("member", "secretary", NOW, NOW)


@pytest.mark.parametrize("kind", list(BlobKind))
def test_files_are_bounded_in_number(kind: BlobKind) -> None:
    check_blob(kind, BLOBS[kind].number - 1)
    with pytest.raises(Conflict, match="talk_full"):
        check_blob(kind, BLOBS[kind].number)
