"""From packets to what the sink takes: assembly, order, media time. One `MediaInput` per publishing session; no I/O.

It is told packets and sender reports and calls the sink; `on_media` hears of everything passed on.
"""

from collections.abc import Callable, Sequence

from ...core.clock import Clock
from ..cmaf.h264 import Picture, read_sps
from ..model import MICROS, AccessUnit, IngestSink, OpusPacket, Tracks
from .assembler import Picture as CodedPicture
from .assembler import PictureAssembler
from .h264 import SPS
from .onset import Onset
from .opus import PacketOrder, duration
from .timeline import Timeline

OnMedia = Callable[[float, bool], None]
"""monotonic seconds now; whether it was a key frame"""


class MediaInput:
    """`pictures` counts those passed on, `sound` the seconds that came; `size` is that of the newest picture."""

    def __init__(
        self,
        sink: IngestSink,
        tracks: Tracks,
        clock: Clock,
        known: Sequence[bytes],
        not_before: Callable[[], int],
        on_media: OnMedia,
    ) -> None:
        self._sink = sink
        self._tracks = tracks
        self._monotonic = clock.monotonic
        # Wall-clock time is read once: should it be set while a session lasts, media time goes on evenly.
        self._epoch = clock.now().timestamp() - clock.monotonic()
        self._on_media = on_media
        self._known = known
        self._assembler = PictureAssembler(known)
        self._sound = PacketOrder()
        self._timeline = Timeline(not_before)
        self._onset: Onset[CodedPicture | bytes] = Onset(self._timeline, tracks)
        self._sps: bytes | None = None
        self._begun = False
        self.size: Picture | None = None
        self.pictures = 0
        self.sound = 0.0
        self._earlier_units = 0  # of sources that were replaced

    @property
    def units(self) -> int:
        """See `PictureAssembler.units`."""
        return self._earlier_units + self._assembler.units

    @property
    def wants_key(self) -> bool:
        """Whether pictures are being lost for want of a key frame; reading it clears it."""
        wanted, self._assembler.wants_key = self._assembler.wants_key, False
        return wanted

    @property
    def last_at(self) -> int:
        """Newest media time passed on, in microseconds; -1 before the first."""
        return self._timeline.last_at

    def video_packet(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> bool:
        """Take one packet; True if it shows that others are missing, which should be asked for at once."""
        now = self._monotonic()
        for picture in self._assembler.add(sequence, timestamp, marker, payload, now):
            self._picture(picture, now)
        return self._assembler.found_gap()

    def audio_packet(self, sequence: int, timestamp: int, marker: bool, payload: bytes) -> None:
        now = self._monotonic()
        for packet in self._sound.add(sequence, timestamp, payload, now):
            self._packet(*packet, now)

    def video_report(self, ntp: int, timestamp: int) -> None:
        self._timeline.report_video(ntp, timestamp)

    def audio_report(self, ntp: int, timestamp: int) -> None:
        self._timeline.report_audio(ntp, timestamp)

    def new_video_source(self) -> None:
        """Another SSRC: its sequence numbers have nothing to do with those before."""
        wanted = PictureAssembler(self._known)
        wanted.wants_key = True
        self._earlier_units += self._assembler.units
        self._assembler = wanted

    def new_audio_source(self) -> None:
        self._sound = PacketOrder()

    def missing(self) -> list[int]:
        return self._assembler.missing()

    def expire(self, now: float) -> None:
        """Pass on or give up what has waited too long."""
        for picture in self._assembler.expire(now):
            self._picture(picture, now)
        if self._sound.waiting:
            for packet in self._sound.expire(now):
                self._packet(*packet, now)
        self._pass_on(self._onset.expire(self._micros(now)), now)

    def pause(self) -> None:
        """The publisher is silent. What comes next begins anew: with a key frame, its time taken from its arrival."""
        if self._begun:
            self._begun = False
            self._sink.pause()
        self._assembler.await_key()
        self._onset.restart()

    def _picture(self, picture: CodedPicture, now: float) -> None:
        arrived = self._micros(picture.arrived)
        self._pass_on(self._onset.picture(picture.timestamp, arrived, picture, self._micros(now)), now)

    def _packet(self, timestamp: int, data: bytes, arrived: float, now: float) -> None:
        # A packet leaves the publisher when its last sample has been heard, so its first one is that much older.
        length = duration(data)
        self.sound += length / MICROS
        begun = self._micros(arrived) - length
        self._pass_on(self._onset.sound(timestamp, begun, data, self._micros(now)), now)

    def _pass_on(self, units: Sequence[tuple[CodedPicture | bytes, int]], now: float) -> None:
        for unit, at in units:
            self._begin()
            if isinstance(unit, bytes):
                self._on_media(now, False)
                self._sink.audio(OpusPacket(unit, at))
                continue
            if unit.key:
                self._look_at_size(unit.nals)
            self.pictures += 1
            self._on_media(now, unit.key)
            self._sink.video(AccessUnit(unit.nals, at, unit.key))

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._sink.begin(self._tracks)

    def _micros(self, monotonic: float) -> int:
        return int((self._epoch + monotonic) * MICROS)

    def _look_at_size(self, nals: tuple[bytes, ...]) -> None:
        sps = next((nal for nal in nals if nal[0] & 0x1F == SPS), None)
        if sps is not None and sps != self._sps:
            self._sps = sps
            self.size = read_sps(sps)
