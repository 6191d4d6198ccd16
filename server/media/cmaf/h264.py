"""What of H.264 (ITU-T H.264) must be known to put it into MP4: parameter sets, picture size, the decoder record.

With the sample entry `avc1` parameter sets live in the init section alone (ISO/IEC 14496-15 section 5.4.2), so they are taken
out of the stream here, and a change of them is noticed.
"""

import struct
from dataclasses import dataclass

IDR = 5
SPS = 7
PPS = 8

MAX_PARAMETER_SET = (
    4096  # bytes; they have some dozens, a few hundred with scaling lists. The decoder record has room for 65,535
)
_MAX_SPS, _MAX_PPS = 31, 255  # their ids are below 32 and 256, their numbers in the decoder record are 5 and 8 bits

# In MP4 only slices and SEI stay in the samples: parameter sets move to the init section, delimiters and filler are dropped.
_CARRIED = frozenset({1, 2, 3, 4, 5, 6})
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_DECODER_RECORD_EXTENDED = frozenset({100, 110, 122, 144})


@dataclass(frozen=True, slots=True)
class Picture:
    """What an SPS says of the pictures; width and height in pixels after cropping."""

    width: int
    height: int
    chroma_format: int
    luma_depth: int
    chroma_depth: int


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The SPS and PPS NAL units in force, each in the order of its id."""

    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]
    picture: Picture

    @property
    def codec(self) -> str:
        """RFC 6381 name, such as `avc1.42e01f`."""
        return f"avc1.{self.sps[0][1:4].hex()}"

    def decoder_record(self) -> bytes:
        """AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1.2; NAL lengths take four bytes."""
        first = self.sps[0]
        record = [b"\x01", first[1:4], b"\xff", bytes([0xE0 | len(self.sps)])]
        record += [struct.pack(">H", len(nal)) + nal for nal in self.sps]
        record += [bytes([len(self.pps)])]
        record += [struct.pack(">H", len(nal)) + nal for nal in self.pps]
        if first[1] in _DECODER_RECORD_EXTENDED:
            picture = self.picture
            depths = (0xF8 | (picture.luma_depth - 8), 0xF8 | (picture.chroma_depth - 8))
            record += [bytes([0xFC | picture.chroma_format, *depths, 0])]
        return b"".join(record)


class ParameterSetTracker:
    """Collects parameter sets as they come by in the stream. Of each id the newest counts."""

    def __init__(self) -> None:
        self._sps: dict[int, bytes] = {}
        self._pps: dict[int, bytes] = {}
        self._fed: tuple[bytes, ...] = ()
        self._current: ParameterSets | None = None

    def feed(self, nals: tuple[bytes, ...]) -> None:
        """Note the parameter sets among the NAL units of one access unit; unreadable and oversized ones are passed over."""
        sets = tuple(nal for nal in nals if nal and nal[0] & 0x1F in (SPS, PPS) and len(nal) <= MAX_PARAMETER_SET)
        if not sets or sets == self._fed:
            return  # nearly always: encoders repeat theirs with every key frame
        self._fed = sets
        for nal in sets:
            is_sps = nal[0] & 0x1F == SPS
            known, most = (self._sps, _MAX_SPS) if is_sps else (self._pps, _MAX_PPS)
            try:
                identifier = _sps_id(nal) if is_sps else _Bits(nal).unsigned()
            except IndexError:
                continue
            if known.get(identifier) != nal and identifier <= most and (identifier in known or len(known) < most):
                known[identifier] = nal
                self._current = None

    @property
    def current(self) -> ParameterSets | None:
        """What a decoder needs to begin here, or None as long as something is missing or unreadable."""
        if self._current is None and self._sps and self._pps:
            sps = tuple(self._sps[key] for key in sorted(self._sps))
            pps = tuple(self._pps[key] for key in sorted(self._pps))
            picture = read_sps(sps[0])
            self._current = ParameterSets(sps, pps, picture) if picture is not None else None
        return self._current


def length_prefixed(nals: tuple[bytes, ...]) -> bytes:
    """The NAL units that belong into an `avc1` sample, each after its length in four bytes."""
    pieces: list[bytes] = []
    for nal in nals:
        if nal and nal[0] & 0x1F in _CARRIED:
            pieces += (len(nal).to_bytes(4, "big"), nal)
    return b"".join(pieces)


def read_sps(nal: bytes) -> Picture | None:
    """Picture size and sample format of a sequence parameter set (section 7.3.2.1.1); None if it cannot be read."""
    if len(nal) > MAX_PARAMETER_SET:
        return None  # reading bit by bit would take its time
    try:
        return _read_sps(nal)
    except IndexError:
        return None


class _Bits:
    """A NAL unit's payload bit by bit, emulation prevention removed (section 7.4.1.1). IndexError at its end."""

    def __init__(self, nal: bytes) -> None:
        payload = nal[1:].replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError("the parameter set ends early")
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """ue(v), section 9.1."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError("not an Exp-Golomb code")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v), section 9.1.1."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _sps_id(nal: bytes) -> int:
    bits = _Bits(nal)
    bits.take(24)  # profile, constraints, level
    return bits.unsigned()


def _read_sps(nal: bytes) -> Picture:
    bits = _Bits(nal)
    profile = bits.take(8)
    bits.take(16)  # constraints, level
    bits.unsigned()  # seq_parameter_set_id
    chroma, luma_depth, chroma_depth = _read_format(bits) if profile in _WITH_CHROMA else (1, 8, 8)
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_order_count(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)  # gaps_in_frame_num_value_allowed_flag
    columns = bits.unsigned() + 1
    rows = bits.unsigned() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)  # mb_adaptive_frame_field_flag
    bits.take(1)  # direct_8x8_inference_flag
    left = right = top = bottom = 0
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
    # Cropping is counted in chroma samples, and in pairs of rows where fields are allowed (equations 7-19 to 7-22).
    across = 2 if chroma in (1, 2) else 1
    down = (2 if chroma == 1 else 1) * (2 - frames_only)
    width = columns * 16 - (left + right) * across
    height = rows * 16 * (2 - frames_only) - (top + bottom) * down
    if not (0 < width <= 0xFFFF and 0 < height <= 0xFFFF):
        raise IndexError("no such picture size")
    return Picture(width, height, chroma, luma_depth, chroma_depth)


def _read_format(bits: _Bits) -> tuple[int, int, int]:
    chroma = bits.unsigned()
    separate_planes = chroma == 3 and bits.take(1)
    luma_depth = 8 + bits.unsigned()
    chroma_depth = 8 + bits.unsigned()
    if chroma > 3 or luma_depth > 14 or chroma_depth > 14:
        raise IndexError("no such sample format")
    bits.take(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.take(1):  # seq_scaling_matrix_present_flag
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return (0 if separate_planes else chroma), luma_depth, chroma_depth


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    """Section 7.3.2.1.1.1: the list ends early when the next scale would be 0."""
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
        bits.take(1)  # delta_pic_order_always_zero_flag
        bits.signed()  # offset_for_non_ref_pic
        bits.signed()  # offset_for_top_to_bottom_field
        count = bits.unsigned()
        if count > 255:
            raise IndexError("too many reference frame offsets")
        for _ in range(count):
            bits.signed()
