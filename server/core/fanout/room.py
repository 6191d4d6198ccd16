"""One channel with somebody listening: the ring, and how far each connection has been told.

A flush writes what is new, framed once, to everybody who keeps up. Whoever does not keeps only a number here and gets more at
once later; whoever has fallen out of the ring is told to subscribe again. Nothing here waits for anybody.
"""

import asyncio
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from ..journal import Position
from ..sockets import Connection
from ..sockets.codec import Shared
from ..sockets.packets import event
from ..sockets.session import Session
from .ring import Ring

MOST_AT_ONCE = 200  # entries in one message
_TURN = 512  # listeners told between two yields


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a channel at a position, as JSON; read at a moment of the monotonic clock."""

    position: Position
    state: bytes
    read_at: float


class Room:
    """Nearly everybody has been told the same and stands on one level: one number for all, no bookkeeping for each."""

    def __init__(self, channel: str, epoch: str, ring: Ring) -> None:
        self.channel, self.epoch, self.ring = channel, epoch, ring
        self.signals: dict[str, Any] = {}  # the latest values that were not told yet
        self.behind = False  # somebody could not be told everything at the last flush
        self.pins = 0  # subscriptions under way; the room stays meanwhile
        self.snapshot: Snapshot | None = None  # the newest that was read
        self.reading = asyncio.Lock()  # who reads the next one
        self._level: dict[Connection, Session] = {}  # those who were told everything up to `_told`, and nothing more
        self._told = ring.head
        self._others: dict[Connection, int] = {}  # and those who stand elsewhere
        self._flushing = False
        self._moved: set[Connection] = set()  # who came or went while a flush was under way

    def __len__(self) -> int:
        return len(self._level) + len(self._others)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._level or connection in self._others

    def listeners(self) -> list[Connection]:
        return [*self._level, *self._others]

    def join(self, connection: Connection, after: int) -> None:
        """From now on tell `connection` everything above `after`."""
        self.leave(connection)
        if after == self._told:
            self._level[connection] = connection.session
        else:
            self._others[connection] = after
        if after < self.ring.head:
            self.behind = True

    def leave(self, connection: Connection) -> None:
        self._level.pop(connection, None)
        self._others.pop(connection, None)
        if self._flushing:
            self._moved.add(connection)

    def signal(self, values: Mapping[str, Any]) -> None:
        """Replace latest values; they go out with the next flush, and only as they are then."""
        self.signals.update(values)

    def flush(self) -> Generator[int, None, None]:
        """Tell everybody what is new; yields from time to time, so that a large room lets others in."""
        if self._flushing:
            self.behind = True  # whoever flushes now must come again
            return
        self._flushing, self.behind = True, False
        try:
            signals = self._signals()
            yield from self._tell_level(signals)
            yield from self._tell_others(signals)
        finally:
            self._flushing = False
            self._moved.clear()

    def dismiss(self) -> None:
        """The history this room told is not the channel's any more: everybody must subscribe again."""
        for connection in self.listeners():
            self._send_back(connection)

    # Inside

    def _tell_level(self, signals: Shared | None) -> Iterator[int]:
        start, head = self._told, self.ring.head
        if start == head and signals is None:
            return
        everybody = list(self._level.items())
        done = 0
        news: Shared | None = None
        if start < head:
            if self.ring.holds_after(start):
                self._told, news = self._entries(start, head)
            else:
                self._told = head
        try:
            for connection, session in everybody:
                # Others had their turn at each yield. Whoever left, or joined anew, stands elsewhere now.
                if self._moved and connection in self._moved:
                    done += 1
                    continue
                if start < head and (news is None or not session.tell(news)):
                    self._drop_behind(connection, start)
                elif signals is not None:
                    session.tell(signals)
                done += 1
                if done % _TURN == 0:
                    yield done
        finally:
            for connection, _ in everybody[done:]:  # broken off: nobody may lose anything by it
                if connection not in self._moved and start < head:
                    self._drop_behind(connection, start)
        self.behind = self.behind or self._told < head

    def _drop_behind(self, connection: Connection, cursor: int) -> None:
        if self._level.pop(connection, None) is not None:
            self._others[connection] = cursor

    def _tell_others(self, signals: Shared | None) -> Iterator[int]:
        head = self.ring.head
        frames: dict[int, tuple[int, Shared]] = {}
        for told, connection in enumerate(list(self._others), 1):
            self._tell_one(connection, head, frames, signals)
            if told % _TURN == 0:
                yield told

    def _tell_one(
        self, connection: Connection, head: int, frames: dict[int, tuple[int, Shared]], signals: Shared | None
    ) -> None:
        cursor, session = self._others.get(connection), connection.session
        if cursor is None or session.closed:
            return
        if cursor < head:
            if not session.keeps_up:
                self.behind = True
                return
            if not self.ring.holds_after(cursor):
                self._send_back(connection)
                return
            if cursor not in frames:
                frames[cursor] = self._entries(cursor, head)
            reached, news = frames[cursor]
            session.tell(news)
            cursor = self._others[connection] = reached
            self.behind = self.behind or cursor < head
        if signals is not None:
            session.tell(signals)
        if cursor == self._told:
            del self._others[connection]
            self._level[connection] = session

    def _send_back(self, connection: Connection) -> None:
        """To subscribe again: what it stands for is not here any more."""
        self.leave(connection)
        connection.channels.discard(self.channel)
        connection.emit("resync", {"channel": self.channel})

    def _entries(self, cursor: int, head: int) -> tuple[int, Shared]:
        entries = self.ring.after(cursor, most=min(MOST_AT_ONCE, head - cursor))
        body = b",".join(entries)
        start = b'42["entries",{"channel":%b,"epoch":%b,"first":%d,"entries":[' % (
            to_json(self.channel),
            to_json(self.epoch),
            cursor + 1,
        )
        return cursor + len(entries), Shared(start + body + b"]}]")

    def _signals(self) -> Shared | None:
        if not self.signals:
            return None
        signals, self.signals = self.signals, {}
        return Shared(event("signals", {"channel": self.channel, **signals}))
