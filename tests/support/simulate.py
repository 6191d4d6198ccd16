"""Streams in simulated time: arrivals in order, the packager's own wishes to be woken in between, no clock and no sleep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from server.media.cmaf.packager import Cutting, Packager
from server.media.cmaf.parts import Cut, Part, SegmentEnd
from server.media.cmaf.sound import SoundTranscoder, silent_frame
from server.media.cmaf.timeline import AAC_SAMPLES, ticks
from server.media.hls.playlist import Timing
from server.media.hls.segments import Variant
from server.media.hls.window import Finished, Window
from server.media.model import AccessUnit, OpusPacket, Tracks
from tests.support.coded import START, pictures
from tests.support.hls_rules import MediaPlaylist, parse

Arrival = tuple[int, AccessUnit | list[tuple[int, bytes]]]
BOTH = Tracks(video=True, audio=True)


def parameter_sets(size: tuple[int, int] = (320, 180)) -> tuple[bytes, ...]:
    return tuple(nal for nal in pictures(1, size=size)[0][0] if nal[0] & 0x1F in (7, 8))


def picture(at: int, *, key: bool, number: int, sets: tuple[bytes, ...] | None = None) -> AccessUnit:
    """A picture with a recognisable body; it need not be decodable."""
    body = f"{number:08x}".encode() + b"\xaa" * (400 if key else 40)
    if key:
        return AccessUnit((*(sets or parameter_sets()), b"\x65" + body), at, key)
    return AccessUnit((b"\x41" + body,), at, key)


def film(times: Sequence[int], keys: set[int], *, delay: int = 40_000, jitter: Sequence[int] = (0,)) -> list[Arrival]:
    """Pictures at these media times (microseconds); `keys` are indices. Arrival never overtakes."""
    arrivals: list[Arrival] = []
    newest = 0
    for index, at in enumerate(times):
        newest = max(newest, at + delay + jitter[index % len(jitter)])
        arrivals.append((newest, picture(at, key=index in keys, number=index)))
    return arrivals


def evenly(rate: float, seconds: float, start: int = START) -> list[int]:
    return [start + round(index * 1_000_000 / rate) for index in range(int(rate * seconds))]


def soundtrack(start: int, end: int, *, delay: int = 25_000, silence: Iterable[tuple[int, int]] = ()) -> list[Arrival]:
    """AAC frames as the transcoder gives them for Opus packets of 20 ms: with two frames of lookahead."""
    arrivals: list[Arrival] = []
    gaps = list(silence)
    given = start * 48 // 1000 // AAC_SAMPLES
    for at in range(start, end, 20_000):
        if any(low <= at < high for low, high in gaps):
            continue
        known = (at + 20_000) * 48 // 1000 // AAC_SAMPLES - 2
        given = max(given, at * 48 // 1000 // AAC_SAMPLES - 3)
        if known > given:
            arrivals.append((at + 20_000 + delay, [(number, silent_frame()) for number in range(given, known)]))
            given = known
    return arrivals


def coded_film(units: Sequence[AccessUnit], *, delay: int = 40_000) -> list[Arrival]:
    """Real pictures."""
    return [(unit.at + delay, unit) for unit in units]


def coded_sound(packets: Sequence[OpusPacket], *, delay: int = 25_000) -> list[Arrival]:
    """Real sound, through the real transcoder."""
    transcoder = SoundTranscoder(128_000)
    return [(packet.at + 20_000 + delay, transcoder.feed([packet])) for packet in packets]


@dataclass
class Simulation:
    """One stream from arrivals to playlists. Times are microseconds of the same clock as media time."""

    part_target: float = 0.5
    target_duration: int = 2
    length: float = 30.0
    now: int = START
    published: list[tuple[int, Cut]] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)
    playlists: list[tuple[int, MediaPlaylist, MediaPlaylist]] = field(default_factory=list)
    keep_playlists: bool = False

    def __post_init__(self) -> None:
        cutting = Cutting(ticks(self.part_target), ticks(2), ticks(self.target_duration + 0.4))
        self.packager = Packager(cutting)
        timing = Timing(self.part_target, self.target_duration)
        self.window = Window(folder="folder", timing=timing, length=self.length)

    def begin(self, tracks: Tracks = BOTH) -> None:
        self._take(self.packager.begin(tracks))

    def run(self, *sources: Sequence[Arrival], until: int | None = None) -> None:
        """Let everything arrive; then let time pass to `until`."""
        for at, what in sorted((arrival for source in sources for arrival in source), key=lambda arrival: arrival[0]):
            self._pass_to(at)
            if isinstance(what, AccessUnit):
                self._take(self.packager.video(what, at))
            else:
                self._take(self.packager.sound(what, at))
        if until is not None:
            self._pass_to(until)

    def pause(self) -> None:
        self._take(self.packager.pause())

    def _pass_to(self, moment: int) -> None:
        while (wake := self.packager.wake_at) is not None and wake <= moment:
            self.now = max(self.now, wake)
            self._take(self.packager.tick(self.now))
        self.now = max(self.now, moment)

    def _take(self, cuts: list[Cut]) -> None:
        for cut in cuts:
            self.published.append((self.now, cut))
            self.finished += self.window.publish([cut], self.packager.origin or 0, self.now / 1e6)
            if self.keep_playlists and isinstance(cut, Part):
                self.playlists.append((self.now, self.playlist(Variant.LIVE), self.playlist(Variant.SOUND)))

    @property
    def parts(self) -> list[tuple[int, Part]]:
        return [(at, cut) for at, cut in self.published if isinstance(cut, Part)]

    @property
    def ends(self) -> list[SegmentEnd]:
        return [cut for _, cut in self.published if isinstance(cut, SegmentEnd)]

    def text(self, variant: Variant = Variant.LIVE, *, skip: bool = False, skip_dates: bool = False) -> str:
        return self.window.playlist(variant, skip=skip, skip_dates=skip_dates).decode()

    def playlist(self, variant: Variant = Variant.LIVE) -> MediaPlaylist:
        return parse(self.text(variant))
