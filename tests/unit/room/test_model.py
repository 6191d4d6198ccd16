from server.room.model import TAPS_BURST, TAPS_PER_SECOND, Pace, pause


def test_taps_are_taken_until_the_bucket_is_empty_and_again_as_it_fills() -> None:
    pace = Pace()
    taken = 0
    while pace.take("a", 50, 0.0) == 0:
        taken += 50
    assert taken == TAPS_BURST
    assert pace.take("b", 50, 0.0) == 0, "everybody has a bucket of their own"
    assert pace.take("a", 50, 0.0) == 3
    assert pace.take("a", 50, 2.0) == 1, "who asks too early loses nothing by it"
    assert pace.take("a", 50, 2.5) == 0


def test_a_person_comes_to_the_sustained_rate_and_no_further() -> None:
    pace = Pace()
    moments = [step / 10 for step in range(6000)]
    taken = sum(5 for now in moments if pace.take("a", 5, now) == 0)
    assert abs(taken - (TAPS_BURST + 600 * TAPS_PER_SECOND)) <= 10


def test_whoever_has_rested_is_forgotten() -> None:
    pace = Pace()
    for number in range(1000):
        pace.take(str(number), 1, float(number))
    assert len(pace) < 10


def test_large_rooms_are_told_less_often() -> None:
    assert (pause(1), pause(500), pause(5000), pause(1_000_000)) == (0.2, 0.2, 1.0, 2.0)
