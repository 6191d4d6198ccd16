from server.demo import chime


def test_one_second_begins_and_ends_in_silence_without_a_jump() -> None:
    sound = chime.one_second()
    assert len(sound) == chime.SAMPLE_RATE
    assert sound[0] == 0
    assert max(abs(value) for value in sound[-2000:]) == 0


def test_it_is_soft_and_begins_on_the_second() -> None:
    sound = chime.one_second()
    assert 1500 < max(abs(value) for value in sound) < 8000
    assert next(index for index, value in enumerate(sound) if abs(value) > 500) < 0.005 * chime.SAMPLE_RATE
