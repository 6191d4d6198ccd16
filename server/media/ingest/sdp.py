"""Reading an SDP offer (RFC 8866, RFC 9429), strictly and before aiortc sees any of it.

aiortc takes an empty offer, garbage, one without a fingerprint and a recvonly one without a word, and a long one blocks the
event loop. So the size is counted first, then only the lines that matter are read into an `Offer`, and aiortc is given a short
offer made from it. Nothing is accepted in part (RFC 9725 section 4.4.3): one bad media section refuses the whole offer.

A refusal is an AppError: 400 for what cannot be read, 413 for what is too large, 422 for what is read and cannot be taken.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...core.errors import Invalid, TooLarge, Unprocessable
from ..limits import MAX_CANDIDATES, MAX_MEDIA_SECTIONS, MAX_OFFER_BYTES
from .candidates import RemoteCandidate, read_candidate
from .codecs import Codec, choose_audio, choose_video, read_codecs

_LINE = re.compile(r"([a-z])=(.*)\Z")
_MEDIA = re.compile(r"(\w+) (\d{1,5})(?:/\d+)? ([A-Z/]+) ([\w\-]+(?: [\w\-]+)*)\Z")
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}\Z")  # RFC 8839 section 5.4
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}\Z")
_FINGERPRINT = re.compile(r"([a-z0-9\-]+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+)\Z", re.IGNORECASE)
_TOKEN = re.compile(r"[\x21-\x7e]{1,64}\Z")
_SSRC = re.compile(r"[0-9]{1,10}\Z")
_HASHES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_DIRECTIONS = ("sendonly", "sendrecv", "recvonly", "inactive")
_ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"


@dataclass(frozen=True, slots=True)
class Section:
    """One accepted media section and the one codec chosen in it."""

    kind: str  # audio or video
    mid: str
    codec: Codec
    ssrc: int | None
    abs_send_time: int | None  # id of the header extension, for the bandwidth estimate
    reduced_size: bool  # a=rtcp-rsize, RFC 5506


@dataclass(frozen=True, slots=True)
class Offer:
    """What a publisher offers, as far as it matters. Sections are in the order of the offer."""

    sections: tuple[Section, ...]
    bundle: tuple[str, ...]  # mids; empty when a single section came without a group
    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str  # actpass, active or passive
    ice_lite: bool
    trickle: bool
    candidates: tuple[RemoteCandidate, ...]

    def section(self, kind: str) -> Section | None:
        return next((section for section in self.sections if section.kind == kind), None)


@dataclass(slots=True)
class _Block:
    """The attributes of the session or of one media section, as written."""

    media: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def every(self, name: str) -> Iterator[str]:
        return (value for key, value in self.attributes if key == name)

    def has(self, *names: str) -> str | None:
        return next((key for key, _ in self.attributes if key in names), None)


def read_offer(raw: bytes) -> Offer:
    """Read an offer or raise Invalid, TooLarge or Unprocessable."""
    check_size(raw)
    session, blocks = _split(raw)
    if not blocks:
        raise _malformed("没有任何媒体描述")
    _check_kinds(blocks)
    sections = tuple(_section(block, session) for block in blocks)
    _check_one_stream(blocks)
    bundle = _bundle(session, sections)
    tagged = blocks[[section.mid for section in sections].index(bundle[0])] if bundle else blocks[0]
    ufrag, password = _ice(tagged, session)
    return Offer(
        sections=sections,
        bundle=bundle,
        ufrag=ufrag,
        password=password,
        fingerprints=_fingerprints(tagged, session),
        setup=_setup(tagged, session),
        ice_lite=session.has("ice-lite") is not None,
        trickle="trickle" in (tagged.first("ice-options") or session.first("ice-options") or "").split(),
        candidates=_candidates([tagged]) or _candidates(blocks),  # bundled away, those of other sections lead nowhere
    )


def check_size(raw: bytes) -> None:
    """Refuse what is too large to be worth reading; costs microseconds whatever the size."""
    if len(raw) > MAX_OFFER_BYTES:
        raise TooLarge("offer_too_large", "SDP 过大，最多 64 KiB")
    if raw.count(b"\nm=") > MAX_MEDIA_SECTIONS:
        raise Unprocessable("offer_too_many_sections", f"SDP 中的媒体描述最多 {MAX_MEDIA_SECTIONS} 个")
    if raw.count(b"a=candidate:") > MAX_CANDIDATES:
        raise Unprocessable("offer_too_many_candidates", f"SDP 中的候选地址最多 {MAX_CANDIDATES} 个")


def _malformed(what: str) -> Invalid:
    return Invalid("sdp_malformed", f"SDP 格式有误：{what}")


def _split(raw: bytes) -> tuple[_Block, list[_Block]]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("不是 UTF-8 文本") from error
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if not lines or lines[0] != "v=0":
        raise _malformed("须以 v=0 开头")
    session, blocks = _Block(), []
    current = session
    for line in lines[1:]:
        match = _LINE.match(line)
        if match is None:
            raise _malformed("有不成行的内容")
        letter, value = match.groups()
        if letter == "m":
            current = _Block(media=value)
            blocks.append(current)
        elif letter == "a":
            name, _, rest = value.partition(":")
            current.attributes.append((name, rest.strip()))
    return session, blocks


def _check_kinds(blocks: list[_Block]) -> None:
    kinds = [block.media.split(" ", 1)[0] for block in blocks]
    if any(kind not in ("audio", "video") for kind in kinds):
        raise Unprocessable("tracks_unsupported", "只接收一路声音和一路画面，不接收数据通道等其他内容")
    if len(set(kinds)) != len(kinds):
        raise Unprocessable("tracks_unsupported", "声音和画面各只能有一路")


def _section(block: _Block, session: _Block) -> Section:
    match = _MEDIA.match(block.media)
    if match is None:
        raise _malformed("媒体描述无法识别")
    kind, port, profile, formats = match.groups()
    if "RTP/SAVPF" not in profile:
        raise Unprocessable("profile_unsupported", "只接收经 DTLS 加密的 RTP（UDP/TLS/RTP/SAVPF）")
    direction = block.has(*_DIRECTIONS) or session.has(*_DIRECTIONS) or "sendrecv"
    if direction not in ("sendonly", "sendrecv") or (port == "0" and block.has("bundle-only") is None):
        raise Unprocessable("direction_unsupported", "媒体方向须为 sendonly 或 sendrecv，这里只能推送直播")
    if block.has("rtcp-mux") is None:
        raise Unprocessable("rtcp_mux_needed", "RTP 与 RTCP 须共用端口（a=rtcp-mux）")
    codecs = read_codecs(formats.split(), list(block.attributes))
    return Section(
        kind=kind,
        mid=_mid(block),
        codec=choose_video(codecs) if kind == "video" else choose_audio(codecs),
        ssrc=_ssrc(block),
        abs_send_time=_abs_send_time(block),
        reduced_size=block.has("rtcp-rsize") is not None,
    )


def _mid(block: _Block) -> str:
    mid = block.first("mid") or ""
    if mid and not _TOKEN.match(mid):
        raise _malformed("a=mid 无法识别")
    return mid


def _ssrc(block: _Block) -> int | None:
    """The SSRC of the stream itself: the first of a FID group (RFC 4588 section 8.4), else the first named."""
    for group in block.every("ssrc-group"):
        words = group.split()
        if len(words) == 3 and words[0] == "FID" and _SSRC.match(words[1]):
            return int(words[1]) & 0xFFFFFFFF
    first = (block.first("ssrc") or "").partition(" ")[0]
    return int(first) & 0xFFFFFFFF if _SSRC.match(first) else None


def _abs_send_time(block: _Block) -> int | None:
    for value in block.every("extmap"):
        number, _, rest = value.partition(" ")
        identifier = number.partition("/")[0]
        if rest.partition(" ")[0] == _ABS_SEND_TIME and re.fullmatch(r"\d{1,2}", identifier) and 0 < int(identifier) < 15:
            return int(identifier)
    return None


def _check_one_stream(blocks: list[_Block]) -> None:
    """One MediaStream: where msid is given, all sections name the same stream (RFC 9725 section 4.4.2)."""
    streams = {value.split()[0] for block in blocks for value in block.every("msid") if value}
    if len(streams) > 1:
        raise Unprocessable("one_stream_needed", "声音和画面须属于同一个媒体流")


def _bundle(session: _Block, sections: tuple[Section, ...]) -> tuple[str, ...]:
    mids = [section.mid for section in sections]
    group = next((value.split()[1:] for value in session.every("group") if value.split()[:1] == ["BUNDLE"]), [])
    if not group and len(sections) == 1:
        return ()
    if "" in mids or len(set(mids)) != len(mids):
        raise _malformed("a=mid 缺失或重复")
    if set(group) != set(mids):
        raise Unprocessable("bundle_needed", "声音和画面须合并在同一传输通道（a=group:BUNDLE）")
    used = [number for section in sections for number in (section.codec.payload_type, section.codec.rtx) if number is not None]
    if len(set(used)) != len(used):
        raise _malformed("载荷类型重复")
    return tuple(group)


def _ice(tagged: _Block, session: _Block) -> tuple[str, str]:
    ufrag = tagged.first("ice-ufrag") or session.first("ice-ufrag") or ""
    password = tagged.first("ice-pwd") or session.first("ice-pwd") or ""
    if not _UFRAG.match(ufrag) or not _PASSWORD.match(password):
        raise Invalid("ice_missing", "SDP 中缺少有效的 ICE 用户名或密码")
    return ufrag, password


def _fingerprints(tagged: _Block, session: _Block) -> tuple[tuple[str, str], ...]:
    """Those of a hash we can check; a peer must match every one of them."""
    written = list(tagged.every("fingerprint")) or list(session.every("fingerprint"))
    if not written:
        raise Invalid("fingerprint_missing", "SDP 中缺少 DTLS 证书指纹（a=fingerprint）")
    usable = []
    for value in written:
        match = _FINGERPRINT.match(value)
        if match is None:
            raise Invalid("fingerprint_missing", "SDP 中的 DTLS 证书指纹无法识别")
        name, digits = match[1].lower(), match[2].upper()
        if name in _HASHES and digits.count(":") == _HASHES[name] - 1:
            usable.append((name, digits))
    if not usable:
        raise Unprocessable("fingerprint_unsupported", "DTLS 证书指纹须为 SHA-256 或更强")
    return tuple(usable)


def _setup(tagged: _Block, session: _Block) -> str:
    setup = tagged.first("setup") or session.first("setup") or ""
    if setup not in ("actpass", "active", "passive"):
        raise Unprocessable("setup_unsupported", "SDP 中的 a=setup 须为 actpass、active 或 passive")
    return setup


def _candidates(blocks: Iterable[_Block]) -> tuple[RemoteCandidate, ...]:
    """All usable candidates of these sections, once each."""
    found = (read_candidate(value) for block in blocks for value in block.every("candidate"))
    return tuple(dict.fromkeys(candidate for candidate in found if candidate is not None))
