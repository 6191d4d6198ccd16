from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.identity.throttle import ACCOUNT, ADDRESS, LONGEST_MEMORY, Bucket, charge, seconds_to_wait
from tests.support.clock import ManualClock


def _fail(clock: ManualClock, times: int, bucket: Bucket | None = None) -> Bucket:
    """Charge at the earliest moment each attempt is heard."""
    for _ in range(times):
        clock.advance(seconds_to_wait(bucket, ACCOUNT, clock.now()))
        bucket = charge(bucket, ACCOUNT, clock.now())
    assert bucket is not None
    return bucket


def test_the_first_four_attempts_cost_nothing_and_then_the_delay_doubles() -> None:
    clock, bucket, waits = ManualClock(), None, []
    for _ in range(12):
        bucket = _fail(clock, 1, bucket)
        waits.append(seconds_to_wait(bucket, ACCOUNT, clock.now()))
    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900]


def test_nobody_waits_longer_than_fifteen_minutes() -> None:
    clock = ManualClock()
    bucket = _fail(clock, 200)
    assert seconds_to_wait(bucket, ACCOUNT, clock.now()) == 900
    # Not even after a clock that was wrong by a year has been corrected.
    clock.advance(-365 * 86_400)
    assert seconds_to_wait(bucket, ACCOUNT, clock.now()) == 900


def test_a_night_of_guessing_is_forgotten_by_noon() -> None:
    clock = ManualClock()
    bucket = _fail(clock, 200)
    clock.advance(6 * 3600)
    assert seconds_to_wait(charge(bucket, ACCOUNT, clock.now()), ACCOUNT, clock.now()) == 0


def test_one_attempt_is_forgiven_every_half_hour() -> None:
    clock = ManualClock()
    bucket = _fail(clock, 4)
    clock.advance(1800)
    bucket = charge(bucket, ACCOUNT, clock.now())
    assert seconds_to_wait(bucket, ACCOUNT, clock.now()) == 0
    bucket = charge(bucket, ACCOUNT, clock.now())
    assert seconds_to_wait(bucket, ACCOUNT, clock.now()) == 15


def test_a_day_of_guessing_gets_a_hundred_tries_at_most() -> None:
    clock, bucket, tries = ManualClock(), None, 0
    end = clock.now() + timedelta(days=1)
    while clock.now() < end:
        bucket = _fail(clock, 1, bucket)
        tries += 1
    assert tries < 110


def test_an_address_with_many_people_behind_it_is_not_delayed_by_their_slips() -> None:
    clock, bucket = ManualClock(), None
    for _ in range(2000):  # somebody mistypes every 61 s, all day
        bucket = charge(bucket, ADDRESS, clock.now())
        assert seconds_to_wait(bucket, ADDRESS, clock.now()) == 0
        clock.advance(61)


@given(st.lists(st.floats(0, 7200), max_size=60))
def test_an_untouched_bucket_is_empty_when_its_row_is_deleted(pauses: list[float]) -> None:
    clock = ManualClock()
    for policy in (ACCOUNT, ADDRESS):
        bucket: Bucket | None = None
        for pause in pauses:
            clock.advance(pause)
            bucket = charge(bucket, policy, clock.now())
        clock.advance(LONGEST_MEMORY.total_seconds())
        assert charge(bucket, policy, clock.now()).level == 1.0
