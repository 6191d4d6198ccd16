"""When a session is owed something: a key frame, a word about silence, its end. Synchronous; every call says what time it is.

Times are monotonic seconds. A publisher whom ICE and DTLS do not bring to us is freed after the DTLS timeout. One who falls
silent is reported once, reported again when media returns, and freed if it does not, even if its ICE agent still answers.
"""

import enum
from dataclasses import dataclass

KEY_FRAME_PAUSE = 0.5  # seconds between two requests, whoever asks
REPEAT_PAUSE = 0.01  # seconds between two requests to send packets again, each of which names all that are missing


class Due(enum.Flag):
    """What a look at the clock calls for."""

    NOTHING = 0
    KEY_FRAME = enum.auto()
    SILENT = enum.auto()
    TIMED_OUT = enum.auto()


@dataclass(slots=True)
class Vigil:
    """`media` is told of every unit passed on, `look` is asked every tenth of a second."""

    opened: float
    silent_after: float
    dtls_timeout: float
    gone_after: float
    key_frame_every: float
    has_video: bool
    last_media: float | None = None
    connected: bool = False
    flowing: bool = False
    key_wanted: bool = False
    _last_key: float | None = None
    _asked: float | None = None
    _gap: bool = False
    _repeat_asked: float | None = None

    def media(self, now: float, *, key: bool = False) -> bool:
        """Media came; True if it is the first of the session or the first after a silence."""
        self.last_media = now
        if key:
            self._last_key = now
            self.key_wanted = False
        resumed = not self.flowing
        self.flowing = True
        return resumed

    def is_sending(self, now: float) -> bool:
        """Whether it counts as really sending; one that has just come is given the time of a silence to begin."""
        return self._silence(now) < self.silent_after

    def look(self, now: float) -> Due:
        due = Due.NOTHING
        if (not self.connected and now - self.opened >= self.dtls_timeout) or self._silence(now) >= self.gone_after:
            due |= Due.TIMED_OUT
        if self.flowing and self.last_media is not None and now - self.last_media >= self.silent_after:
            self.flowing = False
            due |= Due.SILENT
        if self.connected and self.has_video and self._key_due(now):
            self._asked = now
            due |= Due.KEY_FRAME
        return due

    def may_ask(self, now: float) -> bool:
        """Whether a key frame asked for right now would not follow the last request too closely; counts as asking."""
        if self._asked is not None and now - self._asked < KEY_FRAME_PAUSE:
            self.key_wanted = True
            return False
        self._asked = now
        return True

    def may_ask_again(self, now: float, *, gap: bool) -> bool:
        """Asked with each packet, and whether it has opened a gap: whether to ask for what is missing; counts as asking."""
        self._gap = self._gap or gap
        if not self._gap or (self._repeat_asked is not None and now - self._repeat_asked < REPEAT_PAUSE):
            return False
        self._gap, self._repeat_asked = False, now
        return True

    def _silence(self, now: float) -> float:
        """Seconds without media."""
        return now - (self.last_media if self.last_media is not None else self.opened)

    def _key_due(self, now: float) -> bool:
        if self._asked is not None and now - self._asked < KEY_FRAME_PAUSE:
            return False
        if self.key_wanted or self._last_key is None:
            return True
        # Key frames the publisher makes by itself count too; a request unanswered is repeated after the same while.
        since = max(self._last_key, self._asked or 0.0) if self.flowing else self._last_key
        return now - since >= self.key_frame_every
