"""Which codec of an offer is taken: H.264 for the picture (RFC 6184), Opus for the sound (RFC 7587), one of each.

Nothing is decoded, so any H.264 profile will do; the publisher's own order decides, packetization mode 1 before 0. Mode 2
(interleaved) is not understood. Retransmission (RFC 4588) is taken where it is offered for the chosen codec.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...core.errors import Invalid, Unprocessable

_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9\-_.]{1,32})/(\d{1,6})(?:/(\d))?\Z")
_PAYLOAD_TYPE = re.compile(r"[0-9]{1,3}\Z")  # no longer: int() raises for thousands of digits, and is slow for hundreds
_RTCP_LIKE = range(64, 96)  # payload types that look like RTCP on a shared port (RFC 5761 section 4)
_FEEDBACK = ("nack", "nack pli", "goog-remb")
_WAYS_OUT = (
    "发送端没有提供 H.264 画面。请换用新版 Chrome、Edge 或 Safari，"
    "或用 OBS 并把视频编码器设为 x264/H.264；也可以关闭摄像头，只送声音"
)


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as offered. `rtx` is the payload type of its retransmissions."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    rtx: int | None = None


def read_codecs(formats: Sequence[str], attributes: Sequence[tuple[str, str]]) -> list[Codec]:
    """The codecs of one media section in the offer's order. Raises Invalid where numbers are missing or out of range."""
    maps: dict[int, tuple[str, int, int]] = {}
    parameters: dict[int, dict[str, str]] = {}
    feedback: dict[str, list[str]] = {}
    for name, value in attributes:
        if name == "rtpmap":
            match = _RTPMAP.match(value)
            if match is None:
                raise Invalid("sdp_malformed", "SDP 格式有误：a=rtpmap 无法识别")
            maps[int(match[1])] = (match[2], int(match[3]), int(match[4] or 1))
        elif name == "fmtp":
            number, _, rest = value.partition(" ")
            if _PAYLOAD_TYPE.match(number):
                parameters[int(number)] = _parameters(rest)
        elif name == "rtcp-fb":
            number, _, rest = value.partition(" ")
            feedback.setdefault(number, []).append(rest.strip())
    rtx = {parameters.get(number, {}).get("apt"): number for number, entry in maps.items() if entry[0].lower() == "rtx"}
    codecs: list[Codec] = []
    for payload_type in _payload_types(formats):
        if payload_type in maps:
            encoding, clock_rate, channels = maps[payload_type]
            wanted = feedback.get(str(payload_type), []) + feedback.get("*", [])
            codecs.append(
                Codec(
                    payload_type=payload_type,
                    name=encoding,
                    clock_rate=clock_rate,
                    channels=channels,
                    parameters=parameters.get(payload_type, {}),
                    feedback=tuple(entry for entry in _FEEDBACK if entry in wanted),
                    rtx=rtx.get(str(payload_type)),
                )
            )
    return codecs


def choose_video(codecs: Sequence[Codec]) -> Codec:
    """The first H.264 in packetization mode 1, else in mode 0. Raises Unprocessable `h264_needed`."""
    h264 = [codec for codec in codecs if codec.name.upper() == "H264" and codec.clock_rate == 90_000]
    for mode in ("1", "0"):
        for codec in h264:
            if codec.parameters.get("packetization-mode", "0") == mode:
                return codec
    offered = sorted({codec.name for codec in codecs if codec.name.lower() not in ("rtx", "red", "ulpfec", "flexfec-03")})
    raise Unprocessable("h264_needed", _WAYS_OUT, extra={"offered": offered})


def choose_audio(codecs: Sequence[Codec]) -> Codec:
    """Opus. Raises Unprocessable `opus_needed`."""
    for codec in codecs:
        if codec.name.lower() == "opus" and codec.clock_rate == 48_000:
            return codec
    raise Unprocessable("opus_needed", "发送端没有提供 Opus 声音，请把音频编码器设为 Opus")


def parameter_sets(codec: Codec) -> tuple[bytes, ...]:
    """The SPS and PPS an offer carries out of band in `sprop-parameter-sets` (RFC 6184 section 8.1); () if none or garbled."""
    sets = []
    for word in codec.parameters.get("sprop-parameter-sets", "").split(","):
        try:
            nal = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            return ()
        if nal:
            sets.append(nal)
    return tuple(sets)


def _payload_types(formats: Sequence[str]) -> list[int]:
    numbers = []
    for word in formats:
        if not _PAYLOAD_TYPE.match(word) or int(word) > 127:
            raise Invalid("sdp_malformed", "SDP 格式有误：载荷类型超出范围")
        if int(word) not in _RTCP_LIKE:
            numbers.append(int(word))
    return numbers


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
