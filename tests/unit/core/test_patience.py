"""How long a connection is waited for, with a clock of our own."""

from server.core.http.patience import ConnectionLimits, Patience, Phase, Sight

LIMITS = ConnectionLimits(head=10, body=20, body_rate=500, send=60)


def first_refusal(sights: list[Sight]) -> tuple[int, str] | None:
    """Show a connection that was opened at 0 once a second; answers when it was enough, and why."""
    patience = Patience(LIMITS, 0)
    for second, sight in enumerate(sights, 1):
        if (reason := patience.look(second, sight)) is not None:
            return second, reason
    return None


def test_a_new_connection_that_says_nothing_has_the_time_of_a_head() -> None:
    assert first_refusal([Sight(Phase.HEAD)] * 60) == (10, "head")


def test_a_head_that_trickles_in_gets_no_more_time() -> None:
    idle = [Sight(Phase.IDLE, message=3)] * 30
    assert first_refusal([*idle, *(Sight(Phase.HEAD, 3, received=each) for each in range(60))]) == (41, "head")


def test_one_head_after_another_is_not_one_slow_head() -> None:
    assert first_refusal([Sight(Phase.HEAD, message=each // 8) for each in range(1, 200)]) is None


def body(second: int, received: float) -> Sight:
    return Sight(Phase.BODY, 1, int(received))


def test_silence_in_a_body_ends_it() -> None:
    sent = [body(second, 5_000_000) for second in range(100)]
    assert first_refusal(sent) == (21, "body")
    assert first_refusal([*(body(second, second * 1e6) for second in range(30)), *[body(0, 29e6)] * 60]) == (49, "body")


def test_single_bytes_do_not_keep_a_body_open() -> None:
    refusal = first_refusal([body(second, second) for second in range(1000)])
    assert refusal is not None
    assert refusal[0] < 23


def test_a_large_upload_over_a_slow_and_patchy_network_goes_on() -> None:
    """Half an hour at 4 kB/s in bursts, with 15 seconds of nothing every minute."""
    received, sent = 0.0, []
    for second in range(1800):
        received += 0 if second % 60 < 15 else 12_000 if second % 3 == 0 else 0
        sent.append(body(second, received))
    assert first_refusal(sent) is None


def test_who_is_told_to_wait_is_not_hurried() -> None:
    """Our own slowness: the same body is not read for ten minutes, then it goes on."""
    held = [Sight(Phase.BUSY, 1, 64_000)] * 600
    assert first_refusal([body(1, 64_000), *held, *(body(0, 64_000) for _ in range(15))]) is None


def test_every_body_has_the_whole_time() -> None:
    sights = [Sight(Phase.BODY, message, 0) for message in range(1, 6) for _ in range(15)]
    assert first_refusal(sights) is None


def test_work_and_idling_are_not_timed_here() -> None:
    assert first_refusal([Sight(Phase.BUSY, 1)] * 1000 + [Sight(Phase.IDLE, 1)] * 1000) is None


def test_an_answer_that_nobody_takes_ends_the_connection() -> None:
    stuck = [Sight(Phase.BUSY, 1, unsent=300_000)] * 200
    assert first_refusal(stuck) == (61, "send")
    slowly = [Sight(Phase.BUSY, 1, unsent=300_000 - second // 50) for second in range(600)]
    assert first_refusal(slowly) is None
    refilled = [Sight(Phase.BUSY, 1, unsent=300_000, moved=second % 50 == 0) for second in range(600)]
    assert first_refusal(refilled) is None
