"""What a kind of channel is, told by the feature that owns it; and the parts others add to its snapshot."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from ..journal import Entry
from ..sockets import Who

Rule = Callable[[Who | None], bool]
State = dict[str, Any]


class Surface(Protocol):
    """Who may listen to channels of one kind."""

    async def rule(self, key: str) -> Rule | None:
        """Decides for the thing with this id, as it is now; None if there is no such thing. Remembered for a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One feature's share of a snapshot, under `name`: the same for everybody who may listen, so that it is read once for many.

    `apply(state, entry)` is what every client does with an entry: for each entry type a snapshot plus the entries after it
    must equal a fresh snapshot. The server never calls it; `tests/support/oracle` holds all parts to it, and the client's own
    fold to the same traces.
    """

    name: str
    snapshot: Callable[[AsyncSession, str], Awaitable[State]]
    apply: Callable[[State, Entry], State]


Parts = Mapping[str, list[Part]]
