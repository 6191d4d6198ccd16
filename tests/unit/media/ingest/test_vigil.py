import itertools

from server.media.ingest.vigil import REPEAT_PAUSE, Due, Vigil


def vigil(*, video: bool = True) -> Vigil:
    return Vigil(opened=100.0, silent_after=3.0, dtls_timeout=10.0, gone_after=60.0, key_frame_every=2.0, has_video=video)


def test_a_session_without_dtls_times_out() -> None:
    watch = vigil()
    assert watch.look(109.9) is Due.NOTHING
    assert Due.TIMED_OUT in watch.look(110.0)
    watch.connected = True
    assert Due.TIMED_OUT not in watch.look(159.9)


def test_one_who_stays_silent_is_freed() -> None:
    watch = vigil()
    watch.connected = True
    assert Due.TIMED_OUT in watch.look(160.0)  # never sent anything
    watch.media(155.0)
    assert Due.TIMED_OUT not in watch.look(214.9)
    assert Due.TIMED_OUT in watch.look(215.0)


def test_silence_is_reported_once_and_media_is_greeted_again() -> None:
    watch = vigil(video=False)
    watch.connected = True
    assert watch.media(101.0)
    assert not watch.media(101.02)
    assert watch.look(104.0) is Due.NOTHING
    assert watch.look(104.1) is Due.SILENT
    assert watch.look(105.0) is Due.NOTHING
    assert not watch.is_sending(105.0)
    assert watch.media(106.0)
    assert watch.is_sending(106.0)


def test_one_who_has_just_come_is_given_time_to_begin() -> None:
    watch = vigil()
    assert watch.is_sending(102.9)
    assert not watch.is_sending(103.0)


def test_key_frames_are_asked_for_every_two_seconds() -> None:
    watch = vigil()
    assert Due.KEY_FRAME not in watch.look(100.1)  # nobody is there yet
    watch.connected = True
    asked = []
    for tick in range(1, 101):
        now = 100 + tick / 10
        if Due.KEY_FRAME in watch.look(now):
            asked.append(now)
            watch.media(now, key=True)
        else:
            watch.media(now)
    assert len(asked) == 5
    assert all(abs(after - before - 2.0) < 0.15 for before, after in itertools.pairwise(asked))


def test_a_publisher_who_makes_its_own_key_frames_is_not_asked() -> None:
    watch = vigil()
    watch.connected = True
    for tick in range(1, 100):
        watch.media(100 + tick / 10, key=tick % 10 == 1)
        assert Due.KEY_FRAME not in watch.look(100 + tick / 10)


def test_a_key_frame_that_is_needed_is_asked_for_at_once_but_not_without_end() -> None:
    watch = vigil()
    watch.connected = True
    watch.media(101.0, key=True)
    watch.key_wanted = True
    asked = [tick for tick in range(20) if Due.KEY_FRAME in watch.look(101.0 + tick / 10)]
    assert asked == [0, 5, 10, 15]
    assert watch.media(103.0, key=True) is False
    assert Due.KEY_FRAME not in watch.look(103.1)


def test_a_request_too_soon_after_another_is_put_off() -> None:
    watch = vigil()
    watch.connected = True
    watch.media(101.0, key=True)
    assert watch.may_ask(101.0)
    assert not watch.may_ask(101.1)
    assert Due.KEY_FRAME in watch.look(101.5)


def test_a_gap_is_asked_for_at_once_and_the_next_ones_together() -> None:
    """Each request names all that are missing, and costs as much; a gap in each packet must not make one for each."""
    watch = vigil()
    assert not watch.may_ask_again(101.0, gap=False)
    assert watch.may_ask_again(101.0, gap=True)
    assert not watch.may_ask_again(101.0 + REPEAT_PAUSE / 2, gap=True)
    assert not watch.may_ask_again(101.0 + REPEAT_PAUSE * 0.9, gap=False)
    assert watch.may_ask_again(101.0 + REPEAT_PAUSE * 1.1, gap=False)  # the second one is not forgotten
    assert not watch.may_ask_again(102.0, gap=False)
