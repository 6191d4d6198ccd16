"""A snapshot plus the entries after it equals a fresh snapshot, for every part of every surface (design, section 3).

A feature registers a trace: real use cases in an order that meets each of its entry types. After every step of it each snapshot
ever taken, folded with the entries since by what every client does (`Part.apply`), must equal a snapshot taken now.
"""

import ast
import functools
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.app import EVENTS
from server.core.fanout import HUB, Hub, State
from server.core.journal import Entry, Journal
from server.core.journal.model import split_channel
from tests.integration.broadcasts.site import Site

# The nouns of the contract's entry types. A new one there is a new one here.
NOUNS = (
    "broadcast",
    "comment",
    "question",
    "poll",
    "notice",
    "roll_call",
    "shake",
    "talk",
    "message",
    "points",
    "held",
    "report",
    "mute",
)
_TYPE = re.compile(rf"(?:{'|'.join(NOUNS)})\.[a-z_]+")
SERVER = Path(__file__).parents[2] / "server"


@dataclass
class Oracle:
    """Watches one channel. `seen` collects the types of the entries that were checked."""

    hub: Hub
    channel: str
    seen: set[str] = field(default_factory=set)
    head: int = 0
    _states: list[tuple[int, dict[str, State]]] = field(default_factory=list)  # taken at, folded so far

    @property
    def _journal(self) -> Journal:
        return self.hub._journal

    async def check(self) -> None:
        """Once before the first use case, then after each."""
        named = split_channel(self.channel)
        assert named is not None
        kind, key = named
        entries = await self._journal.read(self.channel, after=self.head)
        for entry in entries:
            self.seen.add(entry.type)
            self._states = [(at, self._folded(kind, state, entry)) for at, state in self._states]
        position, fresh = await self.hub.snapshot(self.channel, kind, key)
        self.head = position.head
        assert not entries or entries[-1].offset == position.head, "somebody else writes to this channel"
        for at, state in self._states:
            told = [entry.type for entry in entries]
            assert _plain(state) == _plain(fresh), f"a snapshot of offset {at}, now at {position.head} after {told}"
        self._states.append((position.head, fresh))

    def _folded(self, kind: str, state: dict[str, State], entry: Entry) -> dict[str, State]:
        return {part.name: part.apply(state[part.name], entry) for part in self.hub.parts(kind)}


def _plain(state: dict[str, State]) -> Any:
    return json.loads(json.dumps(state))


Watch = Callable[[str], Oracle]
Trace = Callable[[Site, Watch], Awaitable[None]]
"""Called with the running application and `watch(channel)`."""


async def followed(site: Site, trace: Trace) -> set[str]:
    """Run a trace; gives the entry types it met."""
    oracles: list[Oracle] = []

    def watch(channel: str) -> Oracle:
        oracles.append(Oracle(site.server.app[HUB], channel))
        return oracles[-1]

    await trace(site, watch)
    assert oracles, "a trace watches something"
    return {kind for oracle in oracles for kind in oracle.seen}


@functools.cache
def emitted() -> frozenset[str]:
    """The entry types that the server's code names: what it writes, clients get. What other systems are told (`server/notices`)
    has names of its own, and is in no journal."""
    asked = {event.name for table in EVENTS for event in table.declared}
    texts = (file.read_text(encoding="utf-8") for file in SERVER.rglob("*.py") if not file.is_relative_to(SERVER / "notices"))
    named = {text for source in texts if _TYPE.search(source) for text in _constants(source) if _TYPE.fullmatch(text)}
    return frozenset(named - asked)


def _constants(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
