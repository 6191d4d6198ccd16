"""ICE candidates from a publisher, in an offer or trickled (RFC 8839 section 5.1, RFC 8840).

A candidate that cannot be used is dropped without a word and the rest handled, as RFC 9725 section 4.3.2 demands: other
transports than UDP, other components, names. Browsers hide their addresses behind mDNS names; these are not looked up, for the
browser's own checks reach us and show its address. What is no candidate at all makes the whole document malformed.
"""

import ipaddress
import re
from dataclasses import dataclass

from ...core.errors import Invalid, TooLarge, Unprocessable
from ..limits import MAX_CANDIDATES, MAX_FRAGMENT_BYTES

_CANDIDATE = re.compile(
    r"([A-Za-z0-9+/]{1,32}) (\d{1,3}) ([A-Za-z\-]{1,16}) (\d{1,10}) (\S{1,255}) (\d{1,5}) typ ([a-z]{1,16})(?: .*)?\Z"
)
_TYPES = ("host", "srflx", "relay", "prflx")


@dataclass(frozen=True, slots=True)
class RemoteCandidate:
    foundation: str
    priority: int
    address: str
    port: int
    type: str  # host, srflx or relay


@dataclass(frozen=True, slots=True)
class Fragment:
    """A trickle-ice-sdpfrag: the ICE session it speaks of and new candidates for it."""

    ufrag: str | None
    candidates: tuple[RemoteCandidate, ...]


def read_candidate(value: str) -> RemoteCandidate | None:
    """The value of an `a=candidate`; None for one we cannot use. Raises Invalid for what is not a candidate."""
    match = _CANDIDATE.match(value)
    if match is None:
        raise Invalid("candidate_malformed", "ICE 候选地址格式有误")
    foundation, component, transport, priority, address, port, kind = match.groups()
    if component != "1" or transport.lower() != "udp" or kind not in _TYPES or not 0 < int(port) < 65536:
        return None
    try:
        where = ipaddress.ip_address(address)
    except ValueError:
        return None
    if where.is_unspecified or where.is_multicast or int(priority) >= 1 << 32:
        return None
    # A peer never signals peer-reflexive candidates as such; taken as what it is for us, an address to check.
    return RemoteCandidate(foundation, int(priority), str(where), int(port), "host" if kind == "prflx" else kind)


def read_fragment(raw: bytes) -> Fragment:
    """Read an application/trickle-ice-sdpfrag body (RFC 8840 section 9) or raise Invalid, TooLarge or Unprocessable."""
    if len(raw) > MAX_FRAGMENT_BYTES:
        raise TooLarge("fragment_too_large", "ICE 片段过大，最多 16 KiB")
    if raw.count(b"a=candidate:") > MAX_CANDIDATES:
        raise Unprocessable("fragment_too_many_candidates", f"一次最多 {MAX_CANDIDATES} 个候选地址")
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise _malformed() from error
    ufrag: str | None = None
    found: list[RemoteCandidate | None] = []
    useful = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            continue
        if not re.match(r"[a-z]=\S", line):
            raise _malformed()
        name, _, value = line[2:].strip().partition(":")
        if line.startswith("a=") and name == "candidate":
            found.append(read_candidate(value))
            useful = True
        elif line.startswith("a=") and name == "ice-ufrag":
            ufrag = value
            useful = True
        elif line.startswith("a=") and name == "end-of-candidates":
            useful = True
    if not useful:
        raise _malformed()
    return Fragment(ufrag, tuple(candidate for candidate in found if candidate is not None))


def _malformed() -> Invalid:
    return Invalid("fragment_malformed", "ICE 片段格式有误")
