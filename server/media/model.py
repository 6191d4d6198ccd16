"""The nouns of the media path. No I/O.

Media time is wall-clock time: integer microseconds since the Unix epoch, UTC. It is what EXT-X-PROGRAM-DATE-TIME says, and
what comments, attendance and replay share. RTP clocks are mapped onto it once, in the ingest; nothing after that counts frames.
"""

import enum
from dataclasses import dataclass
from typing import Protocol

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture: its NAL units in decoding order, without start codes (H.264 section 7.4.1.2.3)."""

    nals: tuple[bytes, ...]
    at: int  # media time in microseconds; strictly increasing within one publishing session
    key: bool  # holds an IDR slice


@dataclass(frozen=True, slots=True)
class OpusPacket:
    """One Opus packet as it came in RTP (RFC 7587); `at` is the media time of its first sample in microseconds."""

    data: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Tracks:
    """What a publisher announced in its offer. At least one of the two is true."""

    video: bool
    audio: bool


class IngestSink(Protocol):
    """Where a publishing session's media goes. All calls come from the event loop; none may block."""

    def begin(self, tracks: Tracks) -> None:
        """A publisher starts, or comes back, or another takes over. Codec state of the one before is void."""
        ...

    def video(self, unit: AccessUnit) -> None: ...

    def audio(self, packet: OpusPacket) -> None: ...

    def pause(self) -> None:
        """The publisher has gone or fallen silent; what is pending is closed, the stream itself goes on waiting."""
        ...


class PublishingEvent(enum.Enum):
    """What happened to a stream's publisher, told to the `MediaAuthority`."""

    STARTED = "started"  # first media of a publishing session arrived
    LOST = "lost"  # no media for 3 s, or the session ended, without the stream having been finished


@dataclass(frozen=True, slots=True)
class PublishGrant:
    """An accepted publish token: who publishes, and whether what they send is recorded and shown."""

    publisher_id: str
    on_air: bool  # False: rehearsal; only the host sees it, nothing is recorded


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """What the studio shows of a stream while it is sent to."""

    publishing: bool
    publisher_id: str | None
    tracks: Tracks | None
    width: int | None
    height: int | None
    frame_rate: float | None
    bitrate: int  # bits per second received over the last two seconds
    loss: float  # share of video packets lost over the last two seconds, 0…1, before retransmission
    last_media_at: int | None  # media time in microseconds
    publishing_fault: str | None  # stable code when the server ended the last publisher: too_much, failed
    recording: bool
    recording_fault: str | None  # stable code when recording stopped: disk_full, folder_unwritable


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """A sealed or still growing recording."""

    started_at: int  # media time in microseconds
    duration: float  # seconds of media
    size: int  # bytes
    sealed: bool
    has_video: bool
