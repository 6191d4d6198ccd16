from server.media.ingest.rate import RateLimit


def test_a_burst_then_a_steady_pace() -> None:
    limit = RateLimit(burst=3, per_second=0.5)
    assert [limit.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 2]
    assert limit.take("b", 0.0) == 0
    assert limit.take("a", 1.0) == 1
    assert limit.take("a", 2.0) == 0
    assert limit.take("a", 2.0) == 2


def test_waiting_fills_the_bucket_no_higher_than_its_rim() -> None:
    limit = RateLimit(burst=2, per_second=1.0)
    limit.take("a", 0.0)
    assert [limit.take("a", 1000.0) for _ in range(3)] == [0, 0, 1]


def test_a_crowd_of_addresses_is_forgotten_again() -> None:
    limit = RateLimit(burst=1, per_second=1.0)
    for number in range(10_000):
        limit.take(f"address {number}", number * 0.0001)
    assert len(limit._buckets) <= 4096
