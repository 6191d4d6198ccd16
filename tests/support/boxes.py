"""Reads fragments back, independently of the code that wrote them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Run:
    """The samples of one track in one fragment."""

    track: int
    decode_time: int
    samples: list[tuple[int, bytes, bool]] = field(default_factory=list)  # duration, data, sync


def children(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Kind, content and offset of each box."""
    position = 0
    while position < len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        assert 8 <= size <= len(data) - position, (kind, size)
        yield kind, data[position + 8 : position + size], position
        position += size


def runs(media: bytes) -> list[Run]:
    """All runs of a part or segment; fails when a sample lies outside the fragment's mdat."""
    found: list[Run] = []
    top = list(children(media))
    assert [kind for kind, _, _ in top] == [b"moof", b"mdat"] * (len(top) // 2)
    for (_, moof, start), (_, mdat, mdat_start) in zip(top[::2], top[1::2], strict=True):
        for kind, traf, _ in children(moof):
            if kind == b"traf":
                run = _run(traf, media, start)
                found.append(run)
                size = sum(len(sample) for _, sample, _ in run.samples)
                assert size <= len(mdat)
                assert mdat_start > start
    return found


def _run(traf: bytes, media: bytes, moof_start: int) -> Run:
    boxes = {kind: content for kind, content, _ in children(traf)}
    (track,) = struct.unpack_from(">I", boxes[b"tfhd"], 4)
    (decode_time,) = struct.unpack_from(">Q", boxes[b"tfdt"], 4)
    trun = boxes[b"trun"]
    flags, count, offset = struct.unpack_from(">IIi", trun)
    run = Run(track, decode_time)
    position, cursor = moof_start + offset, 12
    for _ in range(count):
        duration, sync = 1024, True
        if flags & 0x100:
            (duration,) = struct.unpack_from(">I", trun, cursor)
            cursor += 4
        (size,) = struct.unpack_from(">I", trun, cursor)
        cursor += 4
        if flags & 0x400:
            (sample_flags,) = struct.unpack_from(">I", trun, cursor)
            sync = not sample_flags & 0x10000
            cursor += 4
        run.samples.append((duration, media[position : position + size], sync))
        position += size
    return run
