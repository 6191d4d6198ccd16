"""H.264 access units from RTP packets (RFC 6184: single NAL units, STAP-A, FU-A), as soon as their last packet is there.

A picture is complete at its marker bit, not one picture later. Packets may come in any order and the missing ones are waited
for while the publisher sends them again; those given up cost everything up to the next key frame, for a picture that refers to
a lost one must never be shown. `wants_key` then asks for that key frame.

A picture of too many bytes or NAL units, or with a parameter set that cannot be one, is not read to its end: it counts as
spoilt, like one with a hole. What a publisher can put into one call is bounded so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..cmaf.h264 import MAX_PARAMETER_SET
from .h264 import IDR, PPS, SLICE, SPS, begins_picture
from .sequence import Lost, Resequencer

PATIENCE = 0.4  # seconds; a retransmission takes a round trip and at most one repeated request
CAPACITY = 2048  # packets; a key frame of 2 MB
MAX_PICTURE = 8 << 20  # bytes; whoever sends more under one timestamp is filling our memory
MAX_UNITS = 1024  # NAL units in one picture; a slice for each packet of a key frame is honest, millions are a bomb
_SET_UNITS = 32  # a parameter set counts as so many: it is read bit by bit, and remembered

_STAP_A = 24
_FU_A = 28
_DROPPED = frozenset({9, 10, 11, 12})  # access unit delimiters, ends, filler: they mean nothing in fMP4


@dataclass(slots=True)
class Picture:
    """One complete picture with its RTP timestamp and the time (as given to `add`) at which its first packet arrived."""

    nals: tuple[bytes, ...]
    timestamp: int
    key: bool
    arrived: float


Packet = tuple[int, bool, bytes, float]  # timestamp, marker, payload, arrival


class PictureAssembler:
    """Packets in, pictures out. `known` are parameter sets from the offer, for encoders that do not repeat them in band."""

    def __init__(self, known: Sequence[bytes] = (), patience: float = PATIENCE, capacity: int = CAPACITY) -> None:
        self._order: Resequencer[Packet] = Resequencer(patience, capacity)
        self._sets: list[bytes] = []  # parameter sets last seen together
        if len(known) * _SET_UNITS <= MAX_UNITS and all(0 < len(nal) <= MAX_PARAMETER_SET for nal in known):
            self._sets = list(known)
        self._nals: list[bytes] = []
        self._fragments: list[bytes] = []
        self._size = self._count = 0  # bytes and NAL units of the picture in hand
        self._timestamp: int | None = None
        self._arrived = 0.0
        self._broken = False
        self._need_key = True
        self._after_loss = False  # packets were given up just before the picture in hand
        self._sets_in_band = False  # the last key frame brought its parameter sets along
        self.wants_key = False
        self._units = 0

    def add(self, sequence: int, timestamp: int, marker: bool, payload: bytes, now: float) -> list[Picture]:
        """Take one packet; return the pictures it completes, mostly none or one."""
        ready = self._order.add(sequence, (timestamp, marker, payload, now), now)
        return self._take(ready) if ready else []

    def expire(self, now: float) -> list[Picture]:
        """Give up on packets waited for too long. Call it every tenth of a second."""
        return self._take(self._order.expire(now))

    def missing(self) -> list[int]:
        """Sequence numbers to ask for again."""
        return self._order.missing()

    @property
    def units(self) -> int:
        """NAL units read so far, the dropped ones too, and packets that were missed: what else there is to do than packets."""
        return self._units + self._order.missed

    def found_gap(self) -> bool:
        """Whether packets were found missing since the last call."""
        found, self._order.gap_opened = self._order.gap_opened, False
        return found

    def await_key(self) -> None:
        """Pass nothing on until the next key frame: the one before was of another time."""
        self._need_key = True

    def _take(self, packets: Sequence[Packet | Lost]) -> list[Picture]:
        out: list[Picture] = []
        for packet in packets:
            if isinstance(packet, Lost):
                self._give_up()
                continue
            timestamp, marker, payload, arrived = packet
            if timestamp != self._timestamp:
                if self._nals or self._fragments or self._broken:  # the sender sets no marker, or its marker packet was empty
                    self._finish(out)
                self._timestamp, self._arrived = timestamp, arrived
            if payload:
                self._unpack(payload)
            if marker and (self._nals or self._fragments or self._broken):
                self._finish(out)
        return out

    def _unpack(self, payload: bytes) -> None:
        if self._broken:
            return  # whatever comes, the picture is lost
        self._size += len(payload)
        if self._size > MAX_PICTURE:
            self._spoil()
            return
        kind = payload[0] & 0x1F
        if kind == _FU_A:
            self._fragment(payload)
        elif 0 < kind < _STAP_A:
            self._keep(payload)
        elif kind == _STAP_A:
            self._aggregate(payload)
        else:
            self._broken = True

    def _spoil(self) -> None:
        """The picture in hand will not be shown; nothing of it is kept."""
        self._nals, self._fragments, self._broken = [], [], True

    def _fragment(self, payload: bytes) -> None:
        """FU-A, RFC 6184 section 5.8: an indicator, a header with start and end bits, a piece."""
        if len(payload) < 3:
            self._broken = True
            return
        header = payload[1]
        if header & 0x80:
            self._broken = self._broken or bool(self._fragments)
            self._fragments = [bytes((payload[0] & 0xE0 | header & 0x1F,)), payload[2:]]
        elif self._fragments:
            self._fragments.append(payload[2:])
        else:
            self._broken = True
        if header & 0x40 and self._fragments:
            nal = b"".join(self._fragments)
            self._fragments = []
            self._keep(nal)

    def _aggregate(self, payload: bytes) -> None:
        """STAP-A, RFC 6184 section 5.7.1: NAL units of the same time, each after its 16-bit size."""
        position, end = 1, len(payload)
        while position + 2 <= end and not self._broken:
            size = payload[position] << 8 | payload[position + 1]
            position += 2
            if not size or position + size > end:
                self._broken = True
                return
            self._keep(payload[position : position + size])
            position += size
        self._broken = self._broken or position != end

    def _keep(self, nal: bytes) -> None:
        kind = nal[0] & 0x1F
        is_set = kind in (SPS, PPS)
        weight = _SET_UNITS if is_set else 1
        self._count += weight
        self._units += weight
        if self._count > MAX_UNITS or (is_set and len(nal) > MAX_PARAMETER_SET):
            self._spoil()
        elif kind not in _DROPPED:
            self._nals.append(nal)

    def _finish(self, out: list[Picture]) -> None:
        nals, broken, after_loss = self._nals, self._broken or bool(self._fragments), self._after_loss
        self._begin(after_loss=False)
        first = next((nal for nal in nals if SLICE <= nal[0] & 0x1F <= IDR), None)
        if first is None and not broken:
            self._remember(nals)
            return  # parameter sets alone are no picture
        if broken or first is None or not begins_picture(first):
            self._lose()
            return
        key = first[0] & 0x1F == IDR
        if key:
            in_band = self._remember(nals)
            if after_loss and self._sets_in_band and not in_band:
                self._lose()  # the lost packet may have held new ones
                return
            self._sets_in_band = in_band
            if not in_band:
                nals = self._sets + nals
        if self._need_key and not (key and self._sets):
            self.wants_key = True
            return
        self._need_key = False
        out.append(Picture(tuple(nals), self._timestamp or 0, key, self._arrived))

    def _begin(self, *, after_loss: bool) -> None:
        self._nals, self._fragments, self._broken, self._after_loss = [], [], False, after_loss
        self._size = self._count = 0

    def _remember(self, nals: list[bytes]) -> bool:
        """Keep the parameter sets, for key frames that come without theirs; True if there are any."""
        sets = [nal for nal in nals if nal[0] & 0x1F in (SPS, PPS)]
        found = any(nal[0] & 0x1F == SPS for nal in sets)
        if found:
            self._sets = sets
        return found

    def _give_up(self) -> None:
        self._begin(after_loss=True)
        # What follows until the marker belongs to a picture whose beginning is lost; its slices are recognised as such, or,
        # not starting at the first macroblock, refused. Either way nothing but a key frame is taken now.
        self._lose()

    def _lose(self) -> None:
        self._need_key = True
        self.wants_key = True
