"""The grammar of ISO base media files (ISO/IEC 14496-12 section 4.2): boxes in boxes, big-endian."""

import struct
from collections.abc import Iterator

# The identity matrix of mvhd and tkhd in 16.16 and 2.30 fixed point (section 8.2.2).
UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of less than 4 GiB."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    """A box with a version and 24 bits of flags (section 4.2)."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def walk(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two offsets: kind, and where the content starts and ends. Raises ValueError on a torn one."""
    position = start
    limit = len(data) if end is None else end
    while position < limit:
        if limit - position < 8:
            raise ValueError(f"a box header is cut off at byte {position}")
        size, kind = struct.unpack_from(">I4s", data, position)
        header = 8
        if size == 1:
            if limit - position < 16:
                raise ValueError(f"a box header is cut off at byte {position}")
            (size,) = struct.unpack_from(">Q", data, position + 8)
            header = 16
        if size < header or position + size > limit:
            raise ValueError(f"box {kind!r} at byte {position} does not fit")
        yield kind, position + header, position + size
        position += size
