"""What the packager gives out: parts, and the ends of segments. Times are ticks of 90 kHz from the stream's origin."""

from dataclasses import dataclass

from .h264 import ParameterSets


@dataclass(frozen=True, slots=True)
class SegmentHead:
    """What is known when a segment's first part is cut."""

    start: int  # decode time of its first picture; where only sound is left, of the grid
    sound_start: int  # decode time of its first AAC frame, in ticks
    discontinuity: bool  # time or decoder configuration jumps before it
    sets: ParameterSets | None  # the picture's configuration; None in a stream of sound alone


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part: the same sound in two fragments, once with the pictures and once alone."""

    head: SegmentHead | None  # of the segment which this part opens
    duration: int  # as declared in playlists
    independent: bool  # holds a key frame; always true for sound alone
    muxed: bytes | None  # None in a stream of sound alone
    sound: bytes
    turns: bool = False  # the next part is expected to begin another segment


@dataclass(frozen=True, slots=True)
class SegmentEnd:
    """The open segment is complete; what follows begins at these times."""

    end: int
    sound_end: int


Cut = Part | SegmentEnd
