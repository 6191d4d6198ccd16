"""Who counts as watching."""

import pytest

from server.broadcasts import audience as module
from server.broadcasts.audience import Audience


def test_people_count_once_for_fifteen_seconds_and_the_peak_stays() -> None:
    audience = Audience(15.0)
    for at, person in ((0, "a"), (1, "b"), (2, "a"), (10, "c")):
        audience.saw("s", person, at)
    assert audience.count("s", 10) == 3
    assert audience.count("s", 16.5) == 2, "b was last seen at 1"
    assert audience.count("s", 30) == 0
    assert audience.peak("s") == 3
    assert (audience.count("other", 10), audience.peak("other")) == (0, 0)
    audience.close("s")
    assert (audience.count("s", 10), audience.peak("s")) == (0, 0)


def test_a_flood_of_visitors_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 100)
    audience = Audience(15.0)
    for number in range(1000):
        audience.saw("s", str(number), 0.0)
    assert audience.count("s", 0.0) == 100
