"""Subscriptions: who listens to which channel, and how news reach them (design, section 3).

News come from three sides and are worth the same: the commits of this process with their entries, hints of other processes that
a channel has grown, and a look at the heads from time to time, because hints and even commits may go unheard. Whatever does not
follow the ring's head without a gap is read from the journal. So nothing is told that is not durable, and nothing is skipped.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from pydantic_core import to_json

from ..db import Database
from ..errors import Conflict, NotFound, Unauthenticated, Unavailable
from ..hints import Hints
from ..journal import LEFT, REDACTS, Entry, Journal, Position, encoded
from ..journal.model import split_channel
from ..sockets import Connection, Encoded, Who
from ..tasks import Tasks
from ..turns import in_turns
from .limits import FanoutLimits
from .missed import missed_by, told_since
from .pace import Pace
from .ring import Ring
from .room import Room, Snapshot
from .surface import Part, Rule, State, Surface

log = structlog.get_logger(__name__)

_TRIES = 3  # snapshots of a channel that runs away from its ring meanwhile
_AGAIN = 0.02  # s at least until those who do not keep up are looked at again


class Hub:
    def __init__(self, database: Database, journal: Journal, hints: Hints, limits: FanoutLimits) -> None:
        self._database, self._journal, self._hints, self._limits = database, journal, hints, limits
        self._surfaces: dict[str, Surface] = {}
        self._parts: dict[str, list[Part]] = {}
        self._rooms: dict[str, Room] = {}
        self._dirty: dict[Room, None] = {}
        self._wake = asyncio.Event()
        self._catching_up: dict[Room, bool] = {}  # and whether there is word of more since it was last read
        self._opening: dict[str, asyncio.Lock] = {}
        self._tasks = Tasks("fan-out")
        journal.listen(self.heard)
        journal.on_purge(self.forget)

    # Wiring

    def surface(self, kind: str, surface: Surface) -> None:
        self._surfaces[kind] = surface

    def part(self, kind: str, part: Part) -> None:
        self._parts.setdefault(kind, []).append(part)

    def parts(self, kind: str) -> Sequence[Part]:
        return self._parts.get(kind, ())

    def start(self) -> None:
        self._tasks.spawn(self._run(), "ticks")
        self._tasks.spawn(self._look_now_and_then(), "heads")
        self._tasks.every(self._limits.rights_every, self.look_at_rights, "rights")

    async def close(self) -> None:
        self._rooms.clear()  # what others commit from now on finds nobody to be told
        await self._tasks.aclose()

    # Subscribing

    async def subscribe(
        self, connection: Connection, channel: str, *, epoch: str | None, after: int | None, to_head: bool = False
    ) -> Encoded:
        """Give what was missed, or a snapshot (`to_head`: with what came since), and tell the connection everything from there
        on; encoded as the answer.

        Raise NotFound for what does not exist or is not the caller's to see, Conflict `too_many_subscriptions`.
        """
        kind, key = await self._require_allowed(connection.who, channel)
        if channel not in connection.channels and len(connection.channels) >= self._limits.subscriptions:
            raise Conflict("too_many_subscriptions", "同时打开的页面太多了")
        if epoch and after is not None:
            async with self._opened(channel) as room:
                if epoch == room.epoch and 0 <= after <= room.ring.head:
                    missed = await missed_by(room, after, self._journal, self._limits)
                    if missed is not None and self._rooms.get(channel) is room:
                        return self._join(connection, room, after + len(missed), missed=missed)
        for _ in range(_TRIES):
            known = self._rooms.get(channel)
            if known is not None and (kept := known.snapshot) is not None and self._lasts(known, kept):
                return self._show(connection, known, kept, to_head)  # in a storm nearly everybody
            async with self._opened(channel) as room:
                snapshot = await self._newest(room, kind, key)
                position = snapshot.position
                if self._rooms.get(channel) is not room:
                    continue
                if self._follows(room, position):
                    return self._show(connection, room, snapshot, to_head)
                if room.epoch and position.epoch and room.epoch != position.epoch:
                    await self._renew(channel)
        raise Unavailable("channel_busy", "现在人太多了，请稍后再试")

    def unsubscribe(self, connection: Connection, channel: str) -> None:
        connection.channels.discard(channel)
        if (room := self._rooms.get(channel)) is not None:
            room.leave(connection)

    async def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        for channel in list(connection.channels):
            self.unsubscribe(connection, channel)

    async def snapshot(self, channel: str, kind: str, key: str) -> tuple[Position, State]:
        """The state of a channel and the position it is the state of, seen at one moment."""
        async with self._database.snapshot() as session:
            position = await self._journal.position(session, channel)
            state = {part.name: await part.snapshot(session, key) for part in self.parts(kind)}
        return position, state

    def signal(self, channel: str, **values: Any) -> bool:
        """Show latest values to those who listen here; never stored, and only the last of a tick is sent. Gives whether any has
        changed: what is the same as before costs nothing, so it may be repeated for rooms that have begun anew."""
        room = self._rooms.get(channel)
        if room is None or not room.signal(values):
            return False
        self._soil(room)
        return True

    def listening(self, kind: str) -> dict[str, list[Connection]]:
        """Who listens to channels of this kind in this process now, by the id of each."""
        start = len(kind) + 1
        return {room.channel[start:]: room.listeners() for room in self._rooms.values() if room.channel.startswith(f"{kind}:")}

    def has_listeners(self, channel: str) -> bool:
        """Whether anybody is told of this channel here."""
        return (room := self._rooms.get(channel)) is not None and len(room) > 0

    # News

    def heard(self, entries: Sequence[Entry]) -> None:
        """Entries this process has committed."""
        by_channel: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.channel in self._rooms:
                by_channel.setdefault(entry.channel, []).append(entry)
        for channel, news in by_channel.items():
            self._append(self._rooms[channel], news)

    def forget(self, channel: str) -> None:
        """Its history was deleted: whoever listens subscribes again, and finds what there is now."""
        if (room := self._rooms.pop(channel, None)) is not None:
            self._dirty.pop(room, None)
            room.dismiss()

    def hint(self, channel: str, head: int) -> None:
        """Another process says that a channel has come so far."""
        room = self._rooms.get(channel)
        if room is not None and head > room.ring.head:
            self._catch_up(room)

    async def look(self) -> None:
        """Compare all rooms with the database; drop those nobody has listened to for a while."""
        for idle in [room for room in self._rooms.values() if not len(room) and not room.pins]:
            del self._rooms[idle.channel]
        names = list(self._rooms)
        for start in range(0, len(names), 500):
            # The ring may grow while the database is asked; only what it held before can have been taken away since.
            rooms = [room for name in names[start : start + 500] if (room := self._rooms.get(name))]
            held = [(room, room.epoch, room.ring.head) for room in rooms]
            positions = await self._journal.positions(room.channel for room in rooms)
            for room, epoch, head in held:
                position = positions.get(room.channel, Position())
                if self._rooms.get(room.channel) is not room:
                    continue
                if epoch not in ("", position.epoch) or position.head < head:
                    await self._renew(room.channel)
                elif position.head > room.ring.head or (position.epoch and not room.epoch):
                    self._catch_up(room)

    async def _look_now_and_then(self) -> None:
        """Seldom while hints come through; often while they do not, for then nothing else tells of other processes; and once
        when they have come back, for some may have been lost."""
        looked_at, seen = time.monotonic(), self._hints.hearing.returns
        while True:
            await asyncio.sleep(self._limits.look_every_alone)
            returns, idle = self._hints.hearing.returns, time.monotonic() - looked_at
            if self._hints.healthy and returns == seen and idle < self._limits.look_every:
                continue
            looked_at = time.monotonic()
            try:
                await self.look()
                seen = returns
            except Exception:
                log.exception("look_failed")

    async def look_at_rights(self) -> None:
        """Rights taken away end subscriptions: the one who is not allowed any more is told to subscribe again, and refused."""
        for room in list(self._rooms.values()):
            rule = await self._rule(room.channel)
            async for some in in_turns(room.listeners()):
                for connection in some:
                    if connection in room and (rule is None or not rule(connection.who)):
                        self.unsubscribe(connection, room.channel)
                        connection.emit("resync", {"channel": room.channel})

    # Inside

    async def _require_allowed(self, who: Who | None, channel: str) -> tuple[str, str]:
        rule = await self._rule(channel)
        named = split_channel(channel)
        if rule is None or named is None or not rule(who):
            raise NotFound() if who is not None and who.is_member else Unauthenticated("sign_in_needed", "请先登录")
        return named

    async def _rule(self, channel: str) -> Rule | None:
        named = split_channel(channel)
        surface = self._surfaces.get(named[0]) if named else None
        return await surface.rule(named[1]) if surface and named else None

    @asynccontextmanager
    async def _opened(self, channel: str) -> AsyncIterator[Room]:
        """The room of a channel, which is not dropped while somebody is about to join it."""
        room = await self._open(channel)
        room.pins += 1
        try:
            yield room
        finally:
            room.pins -= 1

    async def _open(self, channel: str) -> Room:
        """The room of a channel; a new one begins at the position of now. One opens it, the others wait."""
        lock = self._opening.setdefault(channel, asyncio.Lock())
        try:
            async with lock:
                if (room := self._rooms.get(channel)) is None:
                    room = self._put(channel, (await self._journal.positions([channel])).get(channel, Position()))
                    self._catch_up(room)  # what was committed since that position was read found no room to be told in
                return room
        finally:
            if not lock.locked():
                self._opening.pop(channel, None)

    def _put(self, channel: str, position: Position) -> Room:
        ring = Ring(position.head, most=self._limits.ring, most_bytes=self._limits.ring_bytes)
        return self._rooms.setdefault(channel, Room(channel, position.epoch, ring))

    def _follows(self, room: Room, position: Position) -> bool:
        """Whether this room's ring goes on from a snapshot at `position`. A ring that has run away from it meanwhile is no
        reason to trouble those who listen already: a newer snapshot will do."""
        if room.epoch == "" and position.epoch:
            room.epoch = position.epoch  # the first entry ever came between the two looks
            self._soil(room)  # those who listen already may not have been told it, for want of an epoch
        return room.epoch == position.epoch and room.ring.holds_after(position.head)

    async def _renew(self, channel: str) -> Room:
        """Begin a room anew, because the history it told is gone or cannot be followed from where somebody stands."""
        self.forget(channel)
        return await self._open(channel)

    async def _newest(self, room: Room, kind: str, key: str) -> Snapshot:
        """A snapshot that the ring goes on from. One reads it; all who come meanwhile, or soon after, get the same."""
        async with room.reading:
            if room.snapshot is None or not self._lasts(room, room.snapshot):
                read_at = time.monotonic()
                position, state = await self.snapshot(room.channel, kind, key)
                room.snapshot = Snapshot(position, to_json(state), read_at)
            return room.snapshot

    def _lasts(self, room: Room, snapshot: Snapshot) -> bool:
        return (
            snapshot.position.epoch == room.epoch
            and snapshot.position.head >= room.redacted
            and room.ring.holds_after(snapshot.position.head)
            and room.ring.head - snapshot.position.head <= self._limits.snapshot_behind
            and time.monotonic() - snapshot.read_at <= self._limits.snapshot_lasts
        )

    def _show(self, connection: Connection, room: Room, snapshot: Snapshot, to_head: bool) -> Encoded:
        head = snapshot.position.head
        since = told_since(room, head, self._limits) if to_head else ()
        return self._join(connection, room, head + len(since), missed=since, snapshot=snapshot.state)

    def _join(
        self,
        connection: Connection,
        room: Room,
        after: int,
        *,
        missed: Sequence[bytes] = (),
        snapshot: bytes | None = None,
    ) -> Encoded:
        """No await between here and the acknowledgement: the first news must come after it."""
        if not connection.session.closed:  # it may have gone while the database was asked, and nobody would take it out
            connection.channels.add(room.channel)
            room.join(connection, after)
        if room.behind:
            self._dirty[room] = None
            self._wake.set()
        if after > room.ring.head:
            self._catch_up(room)
        start: dict[str, Any] = {"ok": True, "epoch": room.epoch, "head": after, "recovered": snapshot is None}
        shown = b"" if snapshot is None else b',"snapshot":' + snapshot
        answer = Encoded(to_json(start)[:-1] + shown + b',"entries":[' + b",".join(missed) + b"]}")
        if room.signals:
            answer.then = partial(room.tell_latest, connection)
        return answer

    def _append(self, room: Room, entries: Sequence[Entry]) -> None:
        following = room.ring.head + 1
        if entries[0].offset > following:
            self._catch_up(room)
            return
        news = [encoded(entry) for entry in entries if entry.offset >= following]
        if not news:
            return
        room.ring.append(news)
        self._redact(room, entries)
        self._soil(room)
        if not room.epoch:
            self._catch_up(room)  # the channel's first entry; its epoch is in the database

    @staticmethod
    def _redact(room: Room, entries: Sequence[Entry]) -> None:
        """Whoever comes later must not get it from memory either. Nobody loses their place by it."""
        for entry in entries:
            if (redacted := entry.data.get(REDACTS)) is not None:
                room.ring.redact(redacted, entry.data[LEFT])
                room.redacted = max(room.redacted, entry.offset)

    def _soil(self, room: Room) -> None:
        if self._limits.tick == 0 and _may_tell(room):
            for _ in room.flush():
                pass
            if not room.behind:
                return
        self._dirty[room] = None
        self._wake.set()

    def _catch_up(self, room: Room) -> None:
        under_way = room in self._catching_up
        self._catching_up[room] = True  # a read that is under way may not see it yet
        if not under_way:
            self._tasks.spawn(self._read_on(room), "catch up")

    async def _read_on(self, room: Room) -> None:
        try:
            while self._catching_up[room]:
                self._catching_up[room] = False
                await self._read_to_the_end(room)
        finally:
            del self._catching_up[room]

    async def _read_to_the_end(self, room: Room) -> None:
        while entries := await self._journal.read(room.channel, after=room.ring.head):
            following = room.ring.head + 1
            if entries[0].offset > following:
                await self._renew(room.channel)  # purged in between
                return
            room.ring.append([encoded(entry) for entry in entries if entry.offset >= following])
            self._redact(room, entries)
            self._soil(room)
        if not room.epoch and room.ring.head:  # in this order: whoever sees an entry sees its channel's epoch too
            room.epoch = (await self._journal.positions([room.channel])).get(room.channel, Position()).epoch
            self._soil(room)

    async def _run(self) -> None:
        """Flush what is new, at most once a tick."""
        pace = Pace(self._limits.tick)
        while True:
            await self._wake.wait()
            self._wake.clear()
            rooms, least = self._take(), 0.001
            pace.begin(sum(room.turns for room in rooms))
            for room in rooms:
                await self._flush(room, pace)
                await pace.turn()
                if room.behind:  # those who do not keep up are looked at again, but not without end
                    self._dirty[room] = None
                    least = _AGAIN
            await pace.end(least)
            if self._dirty:
                self._wake.set()

    async def _flush(self, room: Room, pace: Pace) -> None:
        if not _may_tell(room):
            return  # soon caught up with
        try:
            for _ in room.flush():
                await pace.turn()
        except Exception:  # one room's trouble must not silence all the others
            log.exception("flush_failed", channel=room.channel)

    def _take(self) -> Collection[Room]:
        taken, self._dirty = self._dirty, {}
        return taken


def _may_tell(room: Room) -> bool:
    """Entries are told with the epoch they belong to; while there are none, there is only signals to tell."""
    return bool(room.epoch) or room.ring.head == 0
