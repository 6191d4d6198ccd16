"""The nouns of a playlist. Times are ticks of 90 kHz from the stream's origin; bytes never change once they are here."""

import enum
from dataclasses import dataclass, field


class Variant(enum.Enum):
    """The two media playlists of a stream. `LIVE` carries all there is, `SOUND` the sound alone."""

    LIVE = "live"
    SOUND = "audio"

    @property
    def letter(self) -> str:
        """Begins the names of its segments and parts."""
        return "v" if self is Variant.LIVE else "a"

    @property
    def other(self) -> "Variant":
        return Variant.SOUND if self is Variant.LIVE else Variant.LIVE


@dataclass(frozen=True, slots=True)
class InitSection:
    """An EXT-X-MAP. The name tells its content, so equal sections are one."""

    name: str
    data: bytes
    codecs: str
    size: tuple[int, int] | None  # width and height in pixels; None for sound


def init_of(name: str, data: bytes, codecs: str, width: int, height: int) -> InitSection:
    """An init section as a manifest describes it; width and height are 0 for sound."""
    return InitSection(name, data, codecs, (width, height) if width else None)


@dataclass(frozen=True, slots=True)
class ListedPart:
    duration: int
    independent: bool
    size: int


@dataclass(slots=True)
class Segment:
    """A segment of one variant; open while `duration` is None. A gap has no bytes: what it held was lost in a crash."""

    msn: int
    start: int
    date: str  # EXT-X-PROGRAM-DATE-TIME
    init: InitSection
    discontinuity: bool
    parts: list[ListedPart] = field(default_factory=list)
    duration: int | None = None
    size: int = 0
    gap: bool = False

    @property
    def length(self) -> int:
        """The duration as far as it is known."""
        return sum(part.duration for part in self.parts) if self.duration is None else self.duration


def segment_name(variant: Variant, msn: int) -> str:
    return f"{variant.letter}{msn}.m4s"


def part_name(variant: Variant, msn: int, part: int) -> str:
    return f"{variant.letter}{msn}.{part}.m4s"
