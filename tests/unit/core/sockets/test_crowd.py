"""Places of members and of visitors are counted apart."""

from dataclasses import dataclass

import pytest

from server.core.sockets import SocketLimits
from server.core.sockets.crowd import Crowd
from server.core.sockets.engine import TurnedAway

HERE, THERE = "192.0.2.1", "192.0.2.2"


@dataclass(frozen=True)
class Case:
    limits: SocketLimits
    inside: list[tuple[str, str | None]]
    knocks: tuple[str, str | None]
    refused: tuple[int, str] | None


CASES = {
    "room": Case(SocketLimits(), [(HERE, "a")] * 3 + [(HERE, None)] * 99, (HERE, None), None),
    "visitors are full": Case(SocketLimits(), [(HERE, None)] * 100, (THERE, None), (503, "Too many visitors")),
    "members are not": Case(SocketLimits(), [(HERE, None)] * 100, (THERE, "a"), None),
    "members are full": Case(
        SocketLimits(connections=2), [(HERE, "a"), (HERE, "b")], (THERE, "c"), (503, "Too many connections")
    ),
    "visitors are not": Case(SocketLimits(connections=2), [(HERE, "a"), (HERE, "b")], (THERE, None), None),
    "visitors of an address": Case(SocketLimits(connections_per_address=1), [(HERE, None)], (HERE, None), (403, "Forbidden")),
    "a member of that address": Case(SocketLimits(connections_per_address=1), [(HERE, None)], (HERE, "a"), None),
    "another address": Case(SocketLimits(connections_per_address=1), [(HERE, None)], (THERE, None), None),
    "one member": Case(SocketLimits(connections_per_member=2), [(HERE, "a"), (THERE, "a")], (HERE, "a"), (403, "Forbidden")),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_more_comes_in_or_is_told_why_not(case: Case) -> None:
    crowd = Crowd(case.limits)
    for one in case.inside:
        crowd.check(*one)
        crowd.enter(*one)
    if case.refused is None:
        crowd.check_anybody(case.knocks[0])
        crowd.check(*case.knocks)
        return
    with pytest.raises(TurnedAway) as caught:
        crowd.check(*case.knocks)
    assert (caught.value.status, caught.value.message) == case.refused
    crowd.leave(*case.inside[0])
    crowd.check(*case.knocks)


def test_nobody_is_looked_up_where_neither_kind_could_come_in() -> None:
    crowd = Crowd(SocketLimits(connections=1, visitors=1))
    crowd.enter(HERE, None)
    crowd.check_anybody(HERE)
    crowd.enter(THERE, "a")
    with pytest.raises(TurnedAway):
        crowd.check_anybody(HERE)
    crowd.leave(HERE, None)
    crowd.check_anybody(HERE)


def test_nothing_is_kept_of_those_who_have_left() -> None:
    crowd = Crowd(SocketLimits())
    for _ in range(3):
        crowd.enter(HERE, "a")
        crowd.enter(HERE, None)
    for _ in range(3):
        crowd.leave(HERE, "a")
        crowd.leave(HERE, None)
    assert not crowd._addresses
    assert not crowd._members
    assert crowd._all.total() == 0
