"""One channel with somebody listening: the ring, and how far each connection has been told.

A flush writes what is new, framed once, to everybody who keeps up. Whoever does not keeps only a number here and gets more at
once later; whoever has fallen out of the ring is told to subscribe again. Nothing here waits for anybody.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_json

from ..sockets import Connection
from ..sockets.codec import Shared
from ..sockets.packets import event
from .ring import Ring

MOST_AT_ONCE = 200  # entries in one message


class Room:
    def __init__(self, channel: str, epoch: str, ring: Ring) -> None:
        self.channel, self.epoch, self.ring = channel, epoch, ring
        self.cursors: dict[Connection, int] = {}
        self.signals: dict[str, Any] = {}  # the latest values that were not told yet
        self.behind = False  # somebody could not be told everything at the last flush
        self.pins = 0  # subscriptions under way; the room stays meanwhile

    def join(self, connection: Connection, after: int) -> None:
        """From now on tell `connection` everything above `after`."""
        self.cursors[connection] = after
        if after < self.ring.head:
            self.behind = True

    def leave(self, connection: Connection) -> None:
        self.cursors.pop(connection, None)

    def signal(self, values: Mapping[str, Any]) -> None:
        """Replace latest values; they go out with the next flush, and only as they are then."""
        self.signals.update(values)

    def flush(self) -> Iterator[int]:
        """Tell everybody what is new; yields from time to time how many were told, so that a large room lets others in."""
        head, told = self.ring.head, 0
        frames: dict[int, tuple[int, Shared]] = {}
        signals = self._signals()
        self.behind = False
        for connection in list(self.cursors):
            # Read now and not before: others had their turn at each yield, and may have left, or joined anew, or been told.
            cursor = self.cursors.get(connection)
            session = connection.session
            if cursor is None or session.closed:
                continue
            if not session.keeps_up:
                self.behind = self.behind or cursor < head
                continue
            if cursor < head:
                if not self.ring.holds_after(cursor):
                    del self.cursors[connection]
                    connection.channels.discard(self.channel)
                    connection.emit("resync", {"channel": self.channel})
                    continue
                frame = frames.get(cursor)
                if frame is None:
                    frame = frames[cursor] = self._entries(cursor, head)
                reached, news = frame
                session.send_shared(news)
                self.cursors[connection] = reached
                self.behind = self.behind or reached < head
            if signals is not None:
                session.send_shared(signals)
            told += 1
            if told % 512 == 0:
                yield told
        yield told

    def dismiss(self) -> None:
        """The history this room told is not the channel's any more: everybody must subscribe again."""
        for connection in list(self.cursors):
            connection.channels.discard(self.channel)
            connection.emit("resync", {"channel": self.channel})
        self.cursors.clear()

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
