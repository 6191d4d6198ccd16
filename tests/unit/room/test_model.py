from server.room.model import pause


def test_large_rooms_are_told_less_often() -> None:
    assert (pause(1), pause(500), pause(5000), pause(1_000_000)) == (0.2, 0.2, 1.0, 2.0)
