"""A client of the live protocol without a network: it follows one channel by the rules of docs/protocol.md, section 6."""

import json
from typing import Any

from server.core.fanout import Hub
from tests.support.listener import Listener, event_of


class Follower:
    """Its state is what the parts of a snapshot and `numbers` make of the channel: the numbers that were written to it.

    A subscription is held to its promise: from its answer on everything is told, in order and without a gap, until a resync.
    """

    def __init__(self, channel: str, *, to_head: bool = False) -> None:
        """`to_head`: asks for what came since a snapshot together with it."""
        self.channel, self.to_head = channel, to_head
        self.listener = Listener()
        self.epoch, self.head = "", 0
        self.numbers: list[int] = []
        self.subscribed = False
        self.resyncs = self.recoveries = self.snapshots = 0
        self._read = 0  # frames that were looked at

    async def subscribe(self, hub: Hub) -> None:
        self.subscribed = False
        epoch, after = (self.epoch, self.head) if self.epoch else (None, None)
        encoded = await hub.subscribe(self.listener.connection, self.channel, epoch=epoch, after=after, to_head=self.to_head)
        self._read = len(self.listener.pipe.written)  # what was told before the answer is in it, or is told again
        answer = json.loads(encoded)
        if answer["recovered"]:
            self.recoveries += 1
            self._apply(answer["entries"])
            assert self.head == answer["head"]
        else:
            self.snapshots += 1
            self.numbers = list(answer["snapshot"]["numbers"]["all"])
            self.head = answer["head"] - len(answer["entries"])
            assert self.to_head or not answer["entries"]
            self._apply(answer["entries"])
        self.epoch, self.head, self.subscribed = answer["epoch"], answer["head"], True

    def leave(self, hub: Hub) -> None:
        """The connection has ended; the position stays."""
        for channel in list(self.listener.connection.channels):
            hub.unsubscribe(self.listener.connection, channel)
        self.listener.session.cut("transport close")
        self.listener, self._read, self.subscribed = Listener(), 0, False

    def hear(self) -> None:
        """Take what was written to the connection since it was last looked at."""
        written = self.listener.pipe.written
        while self._read < len(written):
            event = event_of(written[self._read])
            self._read += 1
            if event is None or not self.subscribed:
                continue
            name, payload = event
            if name == "resync":
                self.resyncs += 1
                self.subscribed = False
            elif self.epoch == "":
                self.subscribed = False  # the first entry of a channel comes with its epoch
            else:
                assert payload["epoch"] == self.epoch
                assert payload["first"] <= self.head + 1, f"told {payload['first']} after {self.head}"
                self._apply(payload["entries"])

    def _apply(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry["offset"] > self.head:
                assert entry["offset"] == self.head + 1
                self.head = entry["offset"]
                self.numbers.append(entry["data"]["number"])
