"""One channel with somebody listening: the ring, and how far each connection has been told.

A flush writes what is new, framed once, to everybody who keeps up. Whoever does not keeps only a number here and gets more at
once later; whoever has fallen out of the ring is told to subscribe again. Nothing here waits for anybody.

Nearly everybody has been told the same. They stand on levels of some hundred: one number for all of a level, no bookkeeping for
each. A flush goes from level to level, lets others in between, and gives each level what there is at its turn: the last ones
told hear what was said while the first were, and do not wait for a whole round more (docs/decisions/0304-levels.md).
"""

import asyncio
from collections.abc import Container, Generator, Iterator, Mapping
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
LEVEL = 192  # connections on one level, told without a pause


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a channel at a position, as JSON; read at a moment of the monotonic clock."""

    position: Position
    state: bytes
    read_at: float


class _Level:
    """Those who were told everything up to `told`, and nothing more."""

    __slots__ = ("members", "told")

    def __init__(self, told: int) -> None:
        self.told = told
        self.members: dict[Session, Connection] = {}  # what is written to is at hand, and the rest not touched


_Frames = dict[tuple[int, int], tuple[int, Shared]]


class Room:
    def __init__(self, channel: str, epoch: str, ring: Ring) -> None:
        self.channel, self.epoch, self.ring = channel, epoch, ring
        self.signals: dict[str, Any] = {}  # the latest values
        self._untold: set[str] = set()  # those of them that have changed since the last flush
        self._latest: Shared | None = None  # all of them, if they have been asked for since the last change
        self._unaware: dict[Connection, None] = {}  # who came since, or did not keep up, and are to be told all of them
        self.behind = False  # somebody could not be told everything at the last flush
        self.pins = 0  # subscriptions under way; the room stays meanwhile
        self.snapshot: Snapshot | None = None  # the newest that was read
        self.redacted = 0  # the newest entry that took an earlier one back: snapshots from before it are not shown any more
        self.reading = asyncio.Lock()  # who reads the next one
        self._levels: list[_Level] = []
        self._level_of: dict[Connection, _Level] = {}
        self._others: dict[Connection, int] = {}  # those who stand on no level, and how far they were told
        self._flushing = False

    def __len__(self) -> int:
        return len(self._level_of) + len(self._others)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._level_of or connection in self._others

    def listeners(self) -> list[Connection]:
        return [*self._level_of, *self._others]

    def join(self, connection: Connection, after: int) -> None:
        """From now on tell `connection` everything above `after`."""
        self.leave(connection)
        if not self._settle(connection, after):
            self._others[connection] = after
        if self.signals:
            self._unaware[connection] = None
        if after < self.ring.head or self.signals:
            self.behind = True

    def leave(self, connection: Connection) -> None:
        self._unaware.pop(connection, None)
        self._others.pop(connection, None)
        level = self._level_of.pop(connection, None)
        if level is not None:
            del level.members[connection.session]

    def signal(self, values: Mapping[str, Any]) -> bool:
        """Replace latest values; what has changed goes out with the next flush, and only as it is then. Gives whether anything
        has. Whoever joins later is told all of them."""
        changed = {name for name, value in values.items() if name not in self.signals or self.signals[name] != value}
        self.signals.update(values)
        self._untold |= changed
        if changed:
            self._latest = None
        return bool(changed)

    def tell_latest(self, connection: Connection) -> None:
        """Show the latest values to somebody who has just come, without waiting for the next flush."""
        if connection in self._unaware and (latest := self._all_signals()) is not None and connection.session.tell(latest):
            del self._unaware[connection]

    @property
    def turns(self) -> int:
        """About how many times a flush yields."""
        return len(self._levels) + len(self._others) // LEVEL

    def flush(self) -> Generator[int, None, None]:
        """Tell everybody what is new; yields between levels, so that a large room lets others in."""
        if self._flushing:
            self.behind = True  # whoever flushes now must come again
            return
        self._flushing, self.behind = True, False
        frames: _Frames = {}
        try:
            signals = self._signals(self._untold)
            self._untold = set()
            for turn, level in enumerate(tuple(self._levels)):
                if turn:
                    yield turn
                self._tell_level(level, frames, signals)
            yield from self._tell_others(frames, signals)
            self._tell_unaware()
            self._merge()
        finally:
            self._flushing = False

    def dismiss(self) -> None:
        """The history this room told is not the channel's any more: everybody must subscribe again."""
        for connection in self.listeners():
            self._send_back(connection)

    # Inside

    def _settle(self, connection: Connection, told: int) -> bool:
        """Put a connection that was told so much on a level; a new one begins only at the head, or there would be many."""
        for level in reversed(self._levels):
            if level.told == told and len(level.members) < LEVEL:
                break
        else:
            if told != self.ring.head:
                return False
            level = _Level(told)
            self._levels.append(level)
        level.members[connection.session] = connection
        self._level_of[connection] = level
        return True

    def _merge(self) -> None:
        """Drop levels that have become empty, and join neighbours that fit together."""
        kept: list[_Level] = []
        for level in self._levels:
            last = kept[-1] if kept else None
            if last is not None and last.told == level.told and len(last.members) + len(level.members) <= LEVEL:
                last.members.update(level.members)
                self._level_of.update(dict.fromkeys(level.members.values(), last))
            elif level.members:
                kept.append(level)
        self._levels = kept

    def _tell_level(self, level: _Level, frames: _Frames, signals: Shared | None) -> None:
        start, head = level.told, self.ring.head
        if start == head and signals is None:
            return
        news: Shared | None = None
        level.told = head
        if start < head and self.ring.holds_after(start):
            level.told, news = self._frame(start, head, frames)
            self.behind = self.behind or level.told < head
        lost = start < head and news is None
        session, rest = None, iter(list(level.members))
        try:
            for session in rest:
                if lost or (news is not None and not session.tell(news)):
                    self._drop_behind(level.members[session], start)
                elif signals is not None and not session.tell(signals):
                    self._unaware[level.members[session]] = None
        except BaseException:
            for each in (session, *rest):  # broken off: nobody may lose anything by it
                if each in level.members:
                    self._drop_behind(level.members[each], start)
            raise

    def _drop_behind(self, connection: Connection, cursor: int) -> None:
        self.leave(connection)
        self._others[connection] = cursor
        if self.signals:
            self._unaware[connection] = None

    def _tell_others(self, frames: _Frames, signals: Shared | None) -> Iterator[int]:
        for told, connection in enumerate(list(self._others), 1):
            self._tell_one(connection, frames, signals)
            if told % LEVEL == 0:
                yield told

    def _tell_unaware(self) -> None:
        """Values in between may be missed, the latest must not be."""
        unaware, self._unaware = self._unaware, {}
        signals = self._all_signals() if unaware else None
        for connection in unaware:
            session = connection.session
            if signals is not None and not session.tell(signals) and not session.closed:
                self._unaware[connection] = None
                self.behind = True

    def _tell_one(self, connection: Connection, frames: _Frames, signals: Shared | None) -> None:
        cursor, session, head = self._others.get(connection), connection.session, self.ring.head
        if cursor is None or session.closed:
            return
        if cursor < head:
            if not session.keeps_up:
                self.behind = True
                if signals is not None:
                    self._unaware[connection] = None
                return
            if not self.ring.holds_after(cursor):
                self._send_back(connection)
                return
            reached, news = self._frame(cursor, head, frames)
            session.tell(news)
            cursor = self._others[connection] = reached
            self.behind = self.behind or cursor < head
        if signals is not None and not session.tell(signals):
            self._unaware[connection] = None
        if self._settle(connection, cursor):
            del self._others[connection]

    def _send_back(self, connection: Connection) -> None:
        """To subscribe again: what it stands for is not here any more."""
        self.leave(connection)
        connection.channels.discard(self.channel)
        connection.emit("resync", {"channel": self.channel})

    def _frame(self, cursor: int, head: int, frames: _Frames) -> tuple[int, Shared]:
        """What is told of the entries above `cursor`, made once for all who stand there, and the offset it reaches."""
        if (cursor, head) not in frames:
            frames[cursor, head] = self._entries(cursor, head)
        return frames[cursor, head]

    def _entries(self, cursor: int, head: int) -> tuple[int, Shared]:
        entries = self.ring.after(cursor, most=min(MOST_AT_ONCE, head - cursor))
        body = b",".join(entries)
        start = b'42["entries",{"channel":%b,"epoch":%b,"first":%d,"entries":[' % (
            to_json(self.channel),
            to_json(self.epoch),
            cursor + 1,
        )
        return cursor + len(entries), Shared(start + body + b"]}]")

    def _all_signals(self) -> Shared | None:
        if self._latest is None:
            self._latest = self._signals(self.signals)
        return self._latest

    def _signals(self, names: Container[str]) -> Shared | None:
        values = {name: value for name, value in self.signals.items() if name in names}
        return Shared(event("signals", {"channel": self.channel, **values})) if values else None
