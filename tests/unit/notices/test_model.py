"""When something is tried again, and how it is signed."""

from datetime import UTC, datetime, timedelta
from random import Random

from server.notices import model

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_published_example_of_standard_webhooks_is_signed_the_same() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = model.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_is_tried_for_about_a_day_later_and_later_and_then_no_more() -> None:
    for seed in range(50):
        at, waits = NOW, []
        for attempts in range(1, model.ATTEMPTS):
            again = model.retry_at(attempts, at, Random(seed))
            assert again is not None
            waits.append(again - at)
            at = again
        assert waits[:-1] == sorted(waits[:-1])
        assert timedelta(hours=18) < at - NOW < timedelta(hours=30)
        assert model.retry_at(model.ATTEMPTS, at, Random(seed)) is None


def test_an_endpoint_that_fails_again_and_again_rests_for_five_minutes_at_most() -> None:
    chance = Random(1)
    assert model.rest(1, None, NOW, chance) is None
    assert model.rest(1, 90, NOW, chance) == NOW + timedelta(seconds=90)
    assert model.rest(1, 1e9, NOW, chance) == NOW + timedelta(hours=1)
    rests = [model.rest(failures, None, NOW, chance) for failures in (5, 9, 5_000)]
    seconds = [(each - NOW).total_seconds() for each in rests if each is not None]
    assert seconds == sorted(seconds)
    assert seconds[0] >= 4
    assert seconds[-1] <= 360
