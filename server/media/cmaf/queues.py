"""What waits to be cut: pictures in decoding order, and AAC frames by their number on the grid from the epoch."""

from collections import deque
from dataclasses import dataclass

from .fmp4 import VideoSample
from .h264 import ParameterSets
from .sound import silent_frame

_KEPT_UNCUT = 200  # AAC frames, about 4 s: what is kept while a first key frame is awaited


@dataclass(slots=True)
class Picture:
    at: int  # ticks from the origin
    data: bytes
    key: bool
    sets: ParameterSets | None  # of a key frame


class PictureQueue(deque[Picture]):
    """Pictures not yet cut."""

    def take_before(self, end: int, tail: int) -> list[VideoSample]:
        """The pictures shown before `end`. A duration is the time to the next picture, or `tail` where none is known."""
        samples: list[VideoSample] = []
        while self and self[0].at < end:
            picture = self.popleft()
            duration = self[0].at - picture.at if self else tail
            samples.append(VideoSample(picture.data, duration, picture.key))
        return samples


class SoundQueue:
    """AAC frames not yet cut. `next` is the first that still has a place; what comes before it is too late."""

    def __init__(self) -> None:
        self.next = 0
        self.newest = -1
        self._frames: dict[int, bytes] = {}

    def put(self, number: int, data: bytes) -> None:
        if number < self.next:
            return
        self._frames[number] = data
        self.newest = max(self.newest, number)
        if len(self._frames) > _KEPT_UNCUT:
            del self._frames[min(self._frames)]

    def start_at(self, number: int) -> None:
        """The first frame that counts is `number`; earlier ones are dropped."""
        self.next = number
        for early in [known for known in self._frames if known < number]:
            del self._frames[early]

    def take_until(self, end: int) -> list[bytes]:
        """The frames before number `end`, silence in place of those that never came."""
        silence = silent_frame()
        frames = [self._frames.pop(number, silence) for number in range(self.next, end)]
        self.next = end
        return frames

    @property
    def oldest(self) -> int | None:
        return min(self._frames, default=None)
