"""What waits to be cut: pictures in decoding order, and AAC frames by their number on the grid from the epoch."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from .fmp4 import VideoSample
from .h264 import ParameterSets
from .sound import silent_frame

_KEPT_UNCUT = 200  # AAC frames, about 4 s: what is kept while a first key frame is awaited

_MOST_PICTURES = 1024  # four seconds of 240 a second
_MOST_BYTES = 32 << 20


@dataclass(slots=True)
class Picture:
    at: int  # ticks from the origin
    data: bytes
    key: bool
    sets: ParameterSets | None  # of a key frame


class PictureQueue:
    """Pictures not yet cut. `size` is their bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._pictures: deque[Picture] = deque()
        self._looked = 0  # so many at the front are known not to be wanted

    def __bool__(self) -> bool:
        return bool(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def __iter__(self) -> Iterator[Picture]:
        return iter(self._pictures)

    @property
    def is_full(self) -> bool:
        """Whether so much waits that it must be let go."""
        return len(self._pictures) > _MOST_PICTURES or self.size > _MOST_BYTES

    @property
    def first(self) -> Picture | None:
        return self._pictures[0] if self._pictures else None

    @property
    def newest(self) -> Picture | None:
        return self._pictures[-1] if self._pictures else None

    def append(self, picture: Picture) -> None:
        self._pictures.append(picture)
        self.size += len(picture.data)

    def find(self, wanted: Callable[[Picture], bool], end: int) -> Picture | None:
        """The first one shown up to `end` that is wanted. Those that are not are not asked about again."""
        for picture in islice(self._pictures, self._looked, None):
            if picture.at > end:
                break
            if wanted(picture):
                return picture
            self._looked += 1
        return None

    def look_again(self) -> None:
        """What `find` was told to want may be another thing now."""
        self._looked = 0

    def take_before(self, end: int, tail: int) -> list[VideoSample]:
        """The pictures shown before `end`. A duration is the time to the next picture, or `tail` where none is known."""
        samples: list[VideoSample] = []
        pictures = self._pictures
        while pictures and pictures[0].at < end:
            picture = pictures.popleft()
            duration = pictures[0].at - picture.at if pictures else tail
            samples.append(VideoSample(picture.data, duration, picture.key))
            self.size -= len(picture.data)
        self._looked = max(self._looked - len(samples), 0)
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
