"""Hints over a Redis stream: whoever was away for a moment reads on from where it was, which pub/sub cannot do.

The stream is short and trimmed; it holds names and numbers and nothing of what was said. Commands have timeouts and the
connection is probed, because a half-open one would otherwise wait for ever (redis-py #1137).
"""

from collections.abc import Mapping
from typing import Any

import redis.asyncio as redis

from .base import Hints

_STREAM = "hongbo:hints"
_LENGTH = 10_000  # hints, about
_BLOCK = 2000  # ms of one read; also how soon a silent connection is noticed
_TIMEOUT = 5.0  # s
_NOTHING = {"": 0}  # a hint of no channel: written like any other, so that it fails where any other would


class StreamHints(Hints):
    """`url` as redis-py takes it (`redis://…`, `rediss://…`, `unix://…`)."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._last: str | None = None  # the id of the last hint that was heard

    def _connect(self) -> Any:  # the library's types make every answer a union of all answers
        return redis.Redis.from_url(
            self._url,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            socket_keepalive=True,
            decode_responses=True,
            single_connection_client=True,
        )

    async def _listen(self) -> None:
        async with self._connect() as client:
            found = await client.xrevrange(_STREAM, count=1)
            newest = found[0][0] if found else "0-0"
            # Another Redis, or an emptied one whose clock is behind, begins with lower ids.
            if self._last is None or _order(newest) < _order(self._last):
                self._last = newest
            while True:
                found = await client.xread({_STREAM: self._last}, block=_BLOCK, count=1000)
                self.hearing.worked()
                for _, hints in found or ():
                    for position, fields in hints:
                        self._last = position
                        if fields["channel"]:
                            self._hear(fields["channel"], int(fields["head"]))

    async def _speak(self) -> None:
        async with self._connect() as client:

            async def add(heads: Mapping[str, int]) -> None:
                async with client.pipeline(transaction=False) as pipeline:
                    for channel, head in (heads or _NOTHING).items():
                        pipeline.xadd(_STREAM, {"channel": channel, "head": head}, maxlen=_LENGTH, approximate=True)
                    await pipeline.execute()

            await self._tell_on(add)


def _order(position: str) -> tuple[int, int]:
    """Ids of a stream are `<milliseconds>-<number>`."""
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number)
