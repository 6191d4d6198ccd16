"""The time in a picture, for machines: one row of sixteen black and white blocks.

    white, black, twelve bits of the frame number in Gray code, their parity, white

The blocks sit at a fixed place on a grid of macroblocks, so that they survive H.264 at 1.5 Mbit/s and scaling down to
640×360. White and black are measured from the frame of the row itself; a row that is cut, blurred or absent reads as None
and never as a wrong number: the outer blocks must stand apart and the parity must hold.
"""

from collections.abc import Callable

BITS = 12
CELLS = BITS + 4
FRAMES = 1 << BITS
# In a picture of 1280×720; other sizes scale it.
LEFT, TOP, CELL = 704, 32, 32
REFERENCE_WIDTH = 1280
_LEAST_CONTRAST = 64

Luma = Callable[[int, int], int]


def cells(frame: int) -> list[bool]:
    """The row for a frame number from 0 to 4095, left to right; True is white."""
    if not 0 <= frame < FRAMES:
        raise ValueError(f"frame number out of range: {frame}")
    gray = frame ^ frame >> 1
    bits = [bool(gray >> place & 1) for place in reversed(range(BITS))]
    return [True, False, *bits, sum(bits) % 2 == 1, True]


def frame_number(row: list[bool]) -> int | None:
    """The frame number a row says, or None if it is no row of ours."""
    if len(row) != CELLS or not row[0] or row[1] or not row[-1]:
        return None
    bits = row[2 : 2 + BITS]
    if row[2 + BITS] != (sum(bits) % 2 == 1):
        return None
    value = 0
    for bit in bits:
        value = value << 1 | (bit ^ (value & 1))
    return value


def read(luma: Luma, width: int) -> int | None:
    """Read the row out of a picture `width` pixels wide; `luma(x, y)` gives a pixel's brightness from 0 to 255."""
    scale = width / REFERENCE_WIDTH
    levels = [_level(luma, index, scale) for index in range(CELLS)]
    white, black = (levels[0] + levels[-1]) / 2, levels[1]
    if white - black < _LEAST_CONTRAST:
        return None
    return frame_number([level > (white + black) / 2 for level in levels])


def _level(luma: Luma, index: int, scale: float) -> float:
    """The mean of nine points in the middle of a block; its rim is where the codec smears."""
    points = [
        luma(int((LEFT + CELL * (index + across)) * scale), int((TOP + CELL * down) * scale))
        for across in (0.35, 0.5, 0.65)
        for down in (0.35, 0.5, 0.65)
    ]
    return sum(points) / len(points)


def behind(shown: int, now: float, *, per_second: int, length: int) -> float:
    """Seconds by which a shown frame lags behind the wall clock `now` (Unix seconds), modulo the loop of `length` frames."""
    return (now - shown / per_second) % (length / per_second)
