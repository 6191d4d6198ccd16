"""How long a connection is waited for. No I/O: told what is to be seen of a connection, this says when it has been enough.

A request's head has its time from the first byte on, however busily it trickles in. A body has a purse of seconds: waiting
empties it, what arrives fills it at the rate of the slowest network we serve, and it holds no more than it began with. So a
steady upload at that rate may last for ever, silence ends it after the whole purse, and single bytes do not keep it open. What
we send must move, if only a little. Between requests aiohttp's own keep-alive time counts; while we work, nobody is hurried.
"""

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Seconds, unless said otherwise."""

    head: float = 10.0
    body: float = 20.0
    body_rate: float = 500.0  # bytes a second; GPRS did better
    send: float = 60.0
    keep_alive: float = 75.0  # longer than nginx keeps its idle connections to us (60 s), so that it never meets a closed one
    every: float = 1.0  # how often connections are looked at
    per_address: int = 4096  # connections; a whole company may sit behind one address


class Phase(enum.Enum):
    """What a connection waits for."""

    IDLE = "idle"
    HEAD = "head"  # the rest of a request's head, or anything at all on a new connection
    BODY = "body"
    BUSY = "busy"  # us, or what we have asked it to hold back


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a connection. `message` counts its requests, `received` their bytes; `unsent` bytes wait to be taken by the
    other side, which `moved` if some of them went since the last look."""

    phase: Phase
    message: int = 0
    received: int = 0
    unsent: int = 0
    moved: bool = False


class Patience:
    """With one connection. Times are of any steady clock."""

    __slots__ = ("_began", "_limits", "_looked", "_purse", "_seen", "_sent")

    def __init__(self, limits: ConnectionLimits, now: float) -> None:
        self._limits = limits
        self._seen = Sight(Phase.HEAD)
        self._looked = self._began = self._sent = now
        self._purse = limits.body

    def look(self, now: float, sight: Sight) -> str | None:
        """Why it is enough: `head`, `body` or `send`; None to go on waiting."""
        seen, passed = self._seen, now - self._looked
        self._seen, self._looked = sight, now
        goes_on = sight.phase is seen.phase and sight.message == seen.message
        if sight.phase is Phase.HEAD:
            if not goes_on:
                self._began = now
            if now - self._began >= self._limits.head:
                return "head"
        elif sight.phase is Phase.BODY:
            if sight.message != seen.message:
                self._purse = self._limits.body
            elif goes_on:
                earned = (sight.received - seen.received) / self._limits.body_rate
                self._purse = min(self._limits.body, self._purse + earned) - passed
            if self._purse <= 0:
                return "body"
        if sight.unsent == 0 or sight.moved or sight.unsent != seen.unsent:
            self._sent = now
        return "send" if now - self._sent >= self._limits.send else None
