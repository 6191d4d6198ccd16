"""Connections that a test lets speak and fall silent."""

from collections.abc import Collection, Mapping
from typing import cast

from server.core.ids import new_id
from server.core.sockets import Connection
from tests.support.clock import ManualClock


class _Known:
    def __init__(self, person: str) -> None:
        self.id = person


class Phone:
    """What presence asks of a connection."""

    def __init__(self, person: str | None, clock: ManualClock) -> None:
        self.who = None if person is None else _Known(person)
        self.name, self._clock = new_id(), clock
        self.speaks()

    def speaks(self) -> None:
        self.heard_at = self._clock.monotonic()


class Rooms:
    """Who listens to what in one process."""

    def __init__(self) -> None:
        self._phones: dict[str, list[Connection]] = {}

    def put(self, room: str, *phones: Phone) -> None:
        self._phones[room] = [cast("Connection", phone) for phone in phones]

    def __call__(self) -> Mapping[str, Collection[Connection]]:
        return self._phones
