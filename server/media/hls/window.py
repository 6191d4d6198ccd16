"""The live window: what of a stream can be watched now. Both variants move in step, part by part.

Segments leave the playlists in order when the window is longer than its length without them, and never so that less than three
target durations remain (section 6.2.2). Their bytes stay downloadable for the segment and a whole window longer, and an init
section as long as any segment that needs it.

What has a name never changes. So a part is taken whole or not at all, and only into an open segment: whatever goes wrong while
one is being made, nothing is added to what was complete.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from ..cmaf.fmp4 import AAC_CODEC, init_section
from ..cmaf.h264 import ParameterSets
from ..cmaf.parts import Cut, Part, SegmentEnd, SegmentHead
from ..cmaf.timeline import TICKS
from .playlist import LivePlaylist, Report, Timing, VariantLine, programme_date, render_live, render_multivariant
from .segments import InitSection, ListedPart, Segment, Variant, part_name, segment_name

Body = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Finished:
    """A complete segment in both variants, as the recorder takes it."""

    live: Segment
    sound: Segment
    live_bytes: bytes
    sound_bytes: bytes


class Window:
    """One stream's window. `folder` is the unguessable first part of all names below the stream."""

    def __init__(self, *, folder: str, timing: Timing, length: float) -> None:
        self.folder = folder
        self.timing = timing
        self.ended = False
        self.frame_rate: float | None = None
        self._length = round(max(length, 3 * timing.target_duration) * TICKS)
        self._next_msn = 0
        self._segments: dict[Variant, deque[Segment]] = {variant: deque() for variant in Variant}
        self._pieces: dict[Variant, list[bytes]] = {variant: [] for variant in Variant}
        self._resources: dict[str, Body] = {}
        self._leaving: deque[tuple[float, list[str], list[str]]] = deque()  # when, names, and init sections needed no more
        self._longest = 0  # ticks; what the longest playlist so far has held
        self._inits: Counter[str] = Counter()  # by how many segments each is needed
        self._discontinuities = 0
        self._turns = False
        self._rendered: dict[tuple[object, ...], bytes] = {}
        self._peak: dict[Variant, int] = dict.fromkeys(Variant, 0)

    # What was published

    @property
    def open_msn(self) -> int:
        """The segment that is being filled, or will be."""
        return self._next_msn

    @property
    def open_parts(self) -> int:
        """Parts of the open segment."""
        segments = self._segments[Variant.LIVE]
        return len(segments[-1].parts) if segments and segments[-1].duration is None else 0

    @property
    def playable(self) -> bool:
        """Players refuse a playlist without a complete segment."""
        segments = self._segments[Variant.LIVE]
        return bool(segments) and segments[0].duration is not None

    def contains(self, msn: int, part: int | None) -> bool:
        """Whether the playlist answers `_HLS_msn` and `_HLS_part`. A part beyond a segment's last is the next one's first."""
        if msn < self.open_msn:
            if part is None or msn + 1 < self.open_msn or self.open_parts:
                return True
            last = self._segments[Variant.LIVE][-1] if self._segments[Variant.LIVE] else None
            return last is None or last.msn != msn or part < len(last.parts)
        return part is not None and msn == self.open_msn and part < self.open_parts

    def too_far(self, msn: int, part: int | None) -> bool:
        """Whether a client asks for what cannot come soon (section 6.2.5.2)."""
        last = self.open_msn if self.open_parts else self.open_msn - 1
        if msn > last + 2:
            return True
        advance = ceil(3 / self.timing.part_target) if self.timing.part_target < 1 else 3
        known = next((len(segment.parts) for segment in self._segments[Variant.LIVE] if segment.msn == msn), 0)
        return part is not None and part >= known + advance

    def resource(self, name: str) -> Body | None:
        """The bytes of an init section, a part or a segment by its name below the folder."""
        return self._resources.get(name)

    @property
    def hint(self) -> tuple[int, int]:
        """MSN and number of the part that probably comes next."""
        if self._turns and self.open_parts:
            return self.open_msn + 1, 0
        return self.open_msn, self.open_parts

    def hints(self, name: str) -> bool:
        """Whether `name` is the part that comes next, so that a request for it may wait."""
        return not self.ended and any(name == part_name(variant, *self.hint) for variant in Variant)

    # Publishing

    def restore(self, segments: Iterable[Finished], *, next_msn: int, discontinuities: int) -> None:
        """Fill an empty window with segments of an earlier run; so many discontinuities came before them."""
        self._discontinuities = discontinuities
        self._next_msn = next_msn
        for finished in segments:
            for variant, segment, data in (
                (Variant.LIVE, finished.live, finished.live_bytes),
                (Variant.SOUND, finished.sound, finished.sound_bytes),
            ):
                self._list(variant, segment)
                if not segment.gap:
                    self._resources[segment_name(variant, segment.msn)] = data
                    self._note_rate(variant, segment)
        self._rendered.clear()

    def publish(self, cuts: Iterable[Cut], origin: int, now: float) -> list[Finished]:
        """Take the packager's cuts; give the segments that became complete. `now` is monotonic, in seconds."""
        finished: list[Finished] = []
        for cut in cuts:
            if isinstance(cut, Part):
                self._add_part(cut, origin)
            else:
                finished.append(self._close(cut, now))
        self._rendered.clear()
        self.expire(now)
        return finished

    def end(self) -> None:
        """No more will come."""
        self.ended = True
        self._rendered.clear()

    def expire(self, now: float) -> None:
        """Forget bytes whose time is over."""
        while self._leaving and self._leaving[0][0] <= now:
            _, names, inits = self._leaving.popleft()
            self._inits.subtract(inits)
            for name in names + [init for init in inits if not self._inits[init]]:
                self._resources.pop(name, None)

    def break_off(self, now: float) -> Finished | None:
        """What should have come next will not: what was published of the open segment is all of it."""
        segment = self._segments[Variant.LIVE][-1] if self.open_parts else None
        if segment is None:
            return None
        sound = self._segments[Variant.SOUND][-1]
        finished = self._close(SegmentEnd(segment.start + segment.length, sound.start + sound.length), now)
        self._rendered.clear()
        return finished

    def _add_part(self, part: Part, origin: int) -> None:
        if (part.head is None) != (self.open_parts > 0):
            raise ValueError("a part belongs into an open segment, or opens the next one")
        if part.head is not None:
            self._open(part.head, origin)
        self._turns = part.turns
        live = part.sound if part.muxed is None else part.muxed
        for variant, data in ((Variant.LIVE, live), (Variant.SOUND, part.sound)):
            segment = self._segments[variant][-1]
            name = part_name(variant, segment.msn, len(segment.parts))
            independent = part.independent or variant is Variant.SOUND
            segment.parts.append(ListedPart(part.duration, independent, len(data)))
            segment.size += len(data)
            self._pieces[variant].append(data)
            self._resources[name] = data

    def _open(self, head: SegmentHead, origin: int) -> None:
        # All that may fail comes before the first change.
        live = video_init(head.sets) if head.sets is not None else sound_init()
        opened = [
            (variant, Segment(self._next_msn, start, programme_date(origin, start), init, head.discontinuity))
            for variant, init, start in ((Variant.LIVE, live, head.start), (Variant.SOUND, sound_init(), head.sound_start))
        ]
        for variant, segment in opened:
            self._list(variant, segment)

    def _list(self, variant: Variant, segment: Segment) -> None:
        self._segments[variant].append(segment)
        self._resources.setdefault(segment.init.name, segment.init.data)
        self._inits[segment.init.name] += 1

    def _close(self, end: SegmentEnd, now: float) -> Finished:
        if not self.open_parts:
            raise ValueError("no segment is open")
        bodies: dict[Variant, bytes] = {}
        for variant, stop in ((Variant.LIVE, end.end), (Variant.SOUND, end.sound_end)):
            segment = self._segments[variant][-1]
            segment.duration = stop - segment.start
            body = bodies[variant] = b"".join(self._pieces[variant])
            self._pieces[variant].clear()
            self._resources[segment_name(variant, segment.msn)] = body
            offset = 0
            for number, part in enumerate(segment.parts):
                # The same memory serves the part and the segment.
                self._resources[part_name(variant, segment.msn, number)] = memoryview(body)[offset : offset + part.size]
                offset += part.size
            self._note_rate(variant, segment)
        self._next_msn += 1
        live, sound = self._segments[Variant.LIVE][-1], self._segments[Variant.SOUND][-1]
        self._trim(now)
        return Finished(live, sound, bodies[Variant.LIVE], bodies[Variant.SOUND])

    def _note_rate(self, variant: Variant, segment: Segment) -> None:
        if segment.duration:
            self._peak[variant] = max(self._peak[variant], segment.size * 8 * TICKS // segment.duration)

    def _trim(self, now: float) -> None:
        """Take segments off the front, from both variants alike; their bytes go later: after the segment's length and that of
        the longest playlist that listed it (draft-pantos-hls-rfc8216bis section 6.2.2)."""
        lists = self._segments
        total = sum(segment.length for segment in lists[Variant.LIVE])
        self._longest = max(self._longest, total)
        while total - lists[Variant.LIVE][0].length >= self._length:
            first = lists[Variant.LIVE][0]
            total -= first.length
            self._discontinuities += first.discontinuity
            names: list[str] = []
            inits: list[str] = []
            for variant in Variant:
                segment = lists[variant].popleft()
                inits.append(segment.init.name)
                names.append(segment_name(variant, segment.msn))
                names += [part_name(variant, segment.msn, number) for number in range(len(segment.parts))]
            self._leaving.append((now + (self._longest + first.length) / TICKS, names, inits))

    # Rendering

    def playlist(self, variant: Variant, *, skip: bool = False, skip_dates: bool = False, query: str = "") -> bytes:
        """The media playlist as it stands, rendered once for all who ask for the same."""
        key = (variant, skip, skip_dates, query)
        known = self._rendered.get(key)
        if known is None:
            text = render_live(self._view(variant), skip=skip, skip_dates=skip_dates, query=query)
            known = text.encode()
            if len(self._rendered) < 64:  # many different tokens must not fill the memory
                self._rendered[key] = known
        return known

    def _view(self, variant: Variant) -> LivePlaylist:
        segments = self._segments[variant]
        other = self._segments[variant.other]
        report = None
        if other:
            last = other[-1]
            report = Report(variant.other, last.msn, len(last.parts) - 1 if last.parts else None)
        return LivePlaylist(
            variant=variant,
            timing=self.timing,
            folder=self.folder,
            segments=segments,
            discontinuity_sequence=self._discontinuities,
            ended=self.ended,
            hint=self.hint,
            report=report,
        )

    def multivariant(self, query: str = "") -> bytes:
        """The multivariant playlist: picture and sound, then sound alone; only the latter where there is no picture."""
        lines: list[VariantLine] = []
        for variant in Variant:
            segments = self._segments[variant]
            newest = segments[-1] if segments else None
            if newest is None or (variant is Variant.LIVE and newest.init.size is None):
                continue
            seconds = sum(segment.length for segment in segments) / TICKS
            average = round(sum(segment.size for segment in segments) * 8 / seconds) if seconds else 0
            lines.append(
                VariantLine(
                    uri=f"{variant.value}.m3u8",
                    codecs=newest.init.codecs,
                    peak_rate=max(self._peak[variant], average, 1) * 5 // 4,
                    average_rate=average,
                    size=newest.init.size,
                    frame_rate=self.frame_rate if newest.init.size else None,
                )
            )
        return render_multivariant(lines, query=query).encode()


@lru_cache(maxsize=32)
def video_init(sets: ParameterSets) -> InitSection:
    """The init section of picture and sound."""
    picture = sets.picture
    return _named(init_section(sets, sound=True), f"{sets.codec},{AAC_CODEC}", (picture.width, picture.height))


@lru_cache(maxsize=1)
def sound_init() -> InitSection:
    return _named(init_section(None, sound=True), AAC_CODEC, None)


def _named(data: bytes, codecs: str, size: tuple[int, int] | None) -> InitSection:
    return InitSection(f"init-{hashlib.sha256(data).hexdigest()[:16]}.mp4", data, codecs, size)
