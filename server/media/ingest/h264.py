"""The little of ITU-T H.264 that must be known to pass it on: NAL unit types, where a picture begins, how large it is."""

from dataclasses import dataclass

SLICE = 1
IDR = 5
SEI = 6
SPS = 7
PPS = 8

_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


@dataclass(frozen=True, slots=True)
class PictureSize:
    width: int
    height: int


def nal_type(nal: bytes) -> int:
    return nal[0] & 0x1F


def begins_picture(slice_nal: bytes) -> bool:
    """Whether a slice starts at the first macroblock: `first_mb_in_slice` is 0, whose Exp-Golomb code is a single 1 bit."""
    return len(slice_nal) > 1 and bool(slice_nal[1] & 0x80)


def picture_size(sps: bytes) -> PictureSize | None:
    """Width and height in pixels after cropping (section 7.3.2.1.1); None for an SPS that cannot be read."""
    try:
        return _read_sps(_Bits(sps))
    except IndexError:
        return None


class _Bits:
    """Reads a raw byte sequence payload, its emulation prevention bytes removed (section 7.4.1)."""

    def __init__(self, nal: bytes) -> None:
        self._data = nal[1:].replace(b"\x00\x00\x03", b"\x00\x00")
        self._position = 0

    def bit(self) -> int:
        byte = self._data[self._position >> 3]
        value = byte >> (7 - (self._position & 7)) & 1
        self._position += 1
        return value

    def bits(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self.bit()
        return value

    def unsigned(self) -> int:
        """ue(v), section 9.1."""
        zeros = 0
        while not self.bit():
            zeros += 1
            if zeros > 32:
                raise IndexError
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        """se(v), section 9.1.1."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _read_sps(bits: _Bits) -> PictureSize:
    profile = bits.bits(8)
    bits.bits(16)  # constraint flags and level
    bits.unsigned()  # seq_parameter_set_id
    chroma = _read_chroma(bits) if profile in _WITH_CHROMA else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_order_count(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.bit()  # gaps_in_frame_num_value_allowed_flag
    columns = bits.unsigned() + 1
    rows = bits.unsigned() + 1
    frames_only = bits.bit()
    if not frames_only:
        bits.bit()  # mb_adaptive_frame_field_flag
    bits.bit()  # direct_8x8_inference_flag
    left = right = top = bottom = 0
    if bits.bit():
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
    unit_x = 2 if chroma in (1, 2) else 1
    unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
    width = columns * 16 - (left + right) * unit_x
    height = rows * 16 * (2 - frames_only) - (top + bottom) * unit_y
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise IndexError
    return PictureSize(width, height)


def _read_chroma(bits: _Bits) -> int:
    chroma = bits.unsigned()
    if chroma == 3 and bits.bit():  # separate_colour_plane_flag
        chroma = 0
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.bit()  # qpprime_y_zero_transform_bypass_flag
    if bits.bit():  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma == 3 else 8):
            if bits.bit():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order_count(bits: _Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.bit()  # delta_pic_order_always_zero_flag
        bits.signed()  # offset_for_non_ref_pic
        bits.signed()  # offset_for_top_to_bottom_field
        for _ in range(bits.unsigned()):
            bits.signed()
