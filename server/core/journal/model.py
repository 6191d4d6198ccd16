"""Channels, positions and entries, and the one encoding of an entry.

Offsets begin at 1 and have no gaps; 0 is before the first. An epoch names one history of a channel: offsets of different epochs
have nothing to do with each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from ..clock import rfc3339
from ..ids import is_id

LONGEST_NAME = 80
REDACTS, LEFT = "redacts", "left"
"""In the data of an entry that takes an earlier one back: the offset of that one, and what its data is from now on."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a channel has come. A channel nothing was ever written to has no epoch yet."""

    epoch: str = ""
    head: int = 0


@dataclass(frozen=True, slots=True)
class Author:
    """Whose doing an entry is, under the name of that day. `badge` is a role worth showing: `host`, `secretary` …"""

    id: str
    name: str
    badge: str | None = None

    def wire(self) -> dict[str, str]:
        shown = {"id": self.id, "name": self.name}
        return shown if self.badge is None else {**shown, "badge": self.badge}


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has no offset yet. `data` is plain JSON; `media_at` is the moment in the broadcast it belongs to."""

    channel: str
    type: str
    data: Mapping[str, Any]
    by: Author | None = None
    media_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    channel: str
    offset: int
    type: str
    at: datetime
    data: Mapping[str, Any]
    by: Author | None = None
    media_at: datetime | None = None

    def wire(self) -> dict[str, Any]:
        """As clients get it: `{offset, type, at, media_at?, by?, data}`."""
        shown: dict[str, Any] = {"offset": self.offset, "type": self.type, "at": rfc3339(self.at)}
        if self.media_at is not None:
            shown["media_at"] = rfc3339(self.media_at)
        if self.by is not None:
            shown["by"] = self.by.wire()
        shown["data"] = self.data
        return shown


def encoded(entry: Entry) -> bytes:
    """The entry as JSON, made once for everybody."""
    return to_json(entry.wire())


def channel_name(kind: str, key: str) -> str:
    """`broadcast:<id>`."""
    return f"{kind}:{key}"


def split_channel(name: str) -> tuple[str, str] | None:
    """Kind and id of a channel somebody named; None if it cannot be one."""
    kind, _, key = name.partition(":")
    return (kind, key) if kind.isalpha() and kind.islower() and is_id(key) else None
