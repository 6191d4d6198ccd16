"""Reads the samples of recorded fragments: where each lies, how long it lasts, whether a decoder can begin there.

Only `moof` boxes are read from the disk. The fragments are our own (`cmaf.fmp4`), so every run states durations or inherits the
constant one of AAC, and data offsets count from the `moof`.
"""

import os
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from ..cmaf.boxes import walk
from ..cmaf.fmp4 import SOUND_TRACK
from ..cmaf.timeline import AAC_SAMPLES

_NOT_SYNC = 0x00010000


@dataclass(slots=True)
class Run:
    """The samples of one track in one fragment; they lie one behind the other in the file."""

    track: int
    decode_time: int  # in the track's timescale
    offset: int  # of the first sample in the file
    sizes: "array[int]"
    durations: "array[int]"
    sync: list[bool]

    @property
    def size(self) -> int:
        return sum(self.sizes)


def runs_between(file: int, start: int, end: int) -> Iterator[Run]:
    """All runs of the fragments in a stretch of a data file. Raise ValueError where it is not what we wrote."""
    position = start
    while position < end:
        size, kind = struct.unpack(">I4s", _exactly(file, 8, position))
        if size < 8 or position + size > end:
            raise ValueError(f"a box at byte {position} does not fit")
        if kind == b"moof":
            yield from _runs(_exactly(file, size - 8, position + 8), position)
        position += size


def _runs(moof: bytes, moof_start: int) -> Iterator[Run]:
    for kind, start, end in walk(moof):
        if kind != b"traf":
            continue
        inside = {name: (begin, stop) for name, begin, stop in walk(moof, start, end)}
        (track,) = struct.unpack_from(">I", moof, inside[b"tfhd"][0] + 4)
        (decode_time,) = struct.unpack_from(">Q", moof, inside[b"tfdt"][0] + 4)
        begin, stop = inside[b"trun"]
        flags, count, offset = struct.unpack_from(">IIi", moof, begin)
        words = array("I", moof[begin + 12 : stop])
        if sys.byteorder == "little":
            words.byteswap()
        if flags & 0x100:  # duration, size, flags
            sync = [not word & _NOT_SYNC for word in words[2::3]]
            yield Run(track, decode_time, moof_start + offset, words[1::3], words[0::3], sync)
        elif track == SOUND_TRACK:
            yield Run(track, decode_time, moof_start + offset, words, array("I", [AAC_SAMPLES]) * count, [True] * count)
        else:
            raise ValueError("a run of pictures without durations")


def _exactly(file: int, count: int, offset: int) -> bytes:
    data = os.pread(file, count, offset)
    if len(data) != count:
        raise ValueError(f"the file ends before byte {offset + count}")
    return data
