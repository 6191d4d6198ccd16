"""The little of ITU-T H.264 that must be known to put pictures together from RTP."""

SLICE = 1
IDR = 5
SPS = 7
PPS = 8


def begins_picture(slice_nal: bytes) -> bool:
    """Whether a slice starts at the first macroblock: `first_mb_in_slice` is 0, whose Exp-Golomb code is a single 1 bit."""
    return len(slice_nal) > 1 and bool(slice_nal[1] & 0x80)
