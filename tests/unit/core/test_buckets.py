import pytest

from server.core.buckets import Buckets
from server.core.errors import TooMany

BURST, RATE = 150.0, 20.0


def test_tokens_are_taken_until_the_bucket_is_empty_and_again_as_it_fills() -> None:
    buckets = Buckets(BURST, RATE)
    taken = 0
    while buckets.take("a", 50, 0.0) == 0:
        taken += 50
    assert taken == BURST
    assert buckets.take("b", 50, 0.0) == 0, "everybody has a bucket of their own"
    assert buckets.take("a", 50, 0.0) == 3
    assert buckets.take("a", 50, 2.0) == 1, "who asks too early loses nothing by it"
    assert buckets.take("a", 50, 2.5) == 0


def test_a_person_comes_to_the_sustained_rate_and_no_further() -> None:
    buckets = Buckets(BURST, RATE)
    moments = [step / 10 for step in range(6000)]
    taken = sum(5 for now in moments if buckets.take("a", 5, now) == 0)
    assert abs(taken - (BURST + 600 * RATE)) <= 10


def test_whoever_has_rested_is_forgotten() -> None:
    buckets = Buckets(BURST, RATE)
    for number in range(1000):
        buckets.take(str(number), 1, float(number))
    assert len(buckets) < 10


def test_nobody_elses_bucket_is_touched_and_a_crowd_is_no_bound() -> None:
    buckets = Buckets(1, 0.2)
    for number in range(30_000):
        assert buckets.take(str(number), 1, 0.0) == 0
    assert len(buckets) == 20_000
    assert buckets.take("29999", 1, 1.0) == 5


def test_a_refusal_says_in_words_when_to_come_back() -> None:
    buckets = Buckets(1, 0.25)
    buckets.require("a", 0.0, "太快了")
    with pytest.raises(TooMany) as refused:
        buckets.require("a", 1.0, "太快了")
    assert (refused.value.code, refused.value.detail, refused.value.extra) == ("too_fast", "太快了", {"retry_after": 4})
    assert refused.value.headers["Retry-After"] == "4"
    buckets.require("b", 1.0, "太快了")
    buckets.require("a", 5.0, "太快了")
