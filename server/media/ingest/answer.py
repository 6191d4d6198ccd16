"""Writing the short offer that aiortc gets, and the answer that the publisher gets (RFC 9725 section 4.4).

Both are written here rather than edited: aiortc's own answer lacks what WHIP demands (`rtcp-mux-only` in each bundled
section) and claims what a receiver does not have. aiortc never sees the real payload types; the receiver tells packets apart
by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aioice import Candidate

from .codecs import Codec
from .sdp import Offer, Section

_TRANSPORT = "UDP/TLS/RTP/SAVPF"
_STAND_IN = {
    "audio": ("96", ["a=rtpmap:96 opus/48000/2"]),
    "video": (
        "97",
        [
            "a=rtpmap:97 H264/90000",
            "a=fmtp:97 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        ],
    ),
}


@dataclass(frozen=True, slots=True)
class Local:
    """Our end of the transport."""

    session: int
    ufrag: str
    password: str
    fingerprint: str  # SHA-256, as written in SDP
    candidates: tuple[Candidate, ...]


def offer_for_aiortc(offer: Offer) -> str:
    """The same transport and sections with stand-in codecs; without candidates, which are added one by one."""
    mids = _mids(offer)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if offer.ice_lite:
        lines.append("a=ice-lite")
    lines.append(f"a=group:BUNDLE {' '.join(mids)}")  # in section order: aiortc stops the transport of any other first one
    for section, mid in zip(offer.sections, mids, strict=True):
        number, codec = _STAND_IN[section.kind]
        lines += [f"m={section.kind} 9 {_TRANSPORT} {number}", "c=IN IP4 0.0.0.0", "a=sendonly", f"a=mid:{mid}", "a=rtcp-mux"]
        lines += codec
        lines += [f"a=ice-ufrag:{offer.ufrag}", f"a=ice-pwd:{offer.password}"]
        lines += [f"a=fingerprint:{name} {digits}" for name, digits in offer.fingerprints]
        lines.append(f"a=setup:{offer.setup}")
    return _document(lines)


def write_answer(offer: Offer, local: Local, start_bitrate: int) -> str:
    """The answer: recvonly, passive where the offer leaves us the choice, with all our candidates in its first section."""
    lines = ["v=0", f"o=- {local.session} 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
    if offer.bundle:
        lines.append(f"a=group:BUNDLE {' '.join(offer.bundle)}")
    first = offer.bundle[0] if offer.bundle else offer.sections[0].mid
    for section in offer.sections:
        lines += _section(offer, section, local, start_bitrate, tagged=section.mid == first)
    return _document(lines)


def _section(offer: Offer, section: Section, local: Local, start_bitrate: int, *, tagged: bool) -> list[str]:
    codec = section.codec
    numbers = [codec.payload_type] + ([codec.rtx] if codec.rtx is not None else [])
    default = next((candidate for candidate in local.candidates if ":" not in candidate.host), None)
    port, host = (default.port, default.host) if default is not None else (9, "0.0.0.0")  # noqa: S104  # "none", RFC 8839
    lines = [
        f"m={section.kind} {port} {_TRANSPORT} {' '.join(map(str, numbers))}",
        f"c=IN IP4 {host}",
        *([f"a=mid:{section.mid}"] if section.mid else []),
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        *(["a=rtcp-rsize"] if section.reduced_size else []),
    ]
    if section.abs_send_time is not None and section.kind == "video":
        lines.append(f"a=extmap:{section.abs_send_time} http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time")
    lines += _codec_lines(section.kind, codec, start_bitrate)
    lines += [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}"]
    if offer.trickle:
        lines.append("a=ice-options:trickle")
    if tagged:
        lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in local.candidates]
        lines.append("a=end-of-candidates")
    lines += [f"a=fingerprint:sha-256 {local.fingerprint}", f"a=setup:{'active' if offer.setup == 'passive' else 'passive'}"]
    return lines


def _codec_lines(kind: str, codec: Codec, start_bitrate: int) -> list[str]:
    number = codec.payload_type
    if kind == "audio":
        # Where the source is stereo, browsers send it only to a receiver that asks.
        fmtp = "minptime=10;useinbandfec=1;stereo=1"
        return [f"a=rtpmap:{number} {codec.name}/48000/2", f"a=fmtp:{number} {fmtp}"]
    lines = [f"a=rtpmap:{number} {codec.name}/90000"]
    kept: dict[str, str] = {
        name: codec.parameters[name]
        for name in ("level-asymmetry-allowed", "packetization-mode", "profile-level-id")
        if name in codec.parameters
    }
    kept["x-google-start-bitrate"] = str(start_bitrate // 1000)
    lines.append(f"a=fmtp:{number} " + ";".join(f"{name}={value}" for name, value in kept.items()))
    lines += [f"a=rtcp-fb:{number} {entry}" for entry in codec.feedback]
    if codec.rtx is not None:
        lines += [f"a=rtpmap:{codec.rtx} rtx/90000", f"a=fmtp:{codec.rtx} apt={number}"]
    return lines


def _mids(offer: Offer) -> list[str]:
    return [section.mid or str(index) for index, section in enumerate(offer.sections)]


def _document(lines: Sequence[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
