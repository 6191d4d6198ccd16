"""The newest entries of one channel, encoded, in memory. Bounded in number and in bytes; what falls out is in the database."""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic_core import from_json, to_json


class Ring:
    """Holds offsets `first` to `head` without a gap; `first` is `head` + 1 while it is empty."""

    def __init__(self, head: int, *, most: int = 4096, most_bytes: int = 1024 * 1024) -> None:
        self.head = head
        self._entries: deque[bytes] = deque()
        self._size = 0
        self._most, self._most_bytes = most, most_bytes

    @property
    def first(self) -> int:
        return self.head - len(self._entries) + 1

    def append(self, entries: Sequence[bytes]) -> None:
        """The entries that follow the head."""
        for entry in entries:
            self._entries.append(entry)
            self._size += len(entry)
        self.head += len(entries)
        while len(self._entries) > self._most or (self._size > self._most_bytes and len(self._entries) > 1):
            self._size -= len(self._entries.popleft())

    def redact(self, offset: int, left: Mapping[str, Any]) -> None:
        """Put `left` in the place of what the entry said, and nobody in the place of its author, if it is still here."""
        if not self.first <= offset <= self.head:
            return
        entry = from_json(self._entries[offset - self.first])
        entry.pop("by", None)
        left_over = to_json({**entry, "data": left})
        self._size += len(left_over) - len(self._entries[offset - self.first])
        self._entries[offset - self.first] = left_over

    def holds_after(self, offset: int) -> bool:
        """Whether everything above `offset` is still here."""
        return self.first <= offset + 1

    def after(self, offset: int, *, most: int) -> list[bytes]:
        """At most `most` entries above `offset`, which must not be below `first` - 1."""
        start = offset + 1 - self.first
        size = len(self._entries)
        if start > size // 2:  # a deque is reached from both ends; those who keep up are at the newest
            newest = list(islice(reversed(self._entries), size - start))
            newest.reverse()
            return newest[:most]
        return list(islice(self._entries, start, start + most))
