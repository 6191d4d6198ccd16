"""A media service that only remembers what it was told; it implements `MediaControl`."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from server.media import RecordingInfo, StreamStatus, Tracks


@dataclass
class FakeDownload:
    state: str = "none"
    progress: float = 0.0
    path: Path | None = None


@dataclass
class FakeStream:
    on_air: bool = False
    sender: str | None = None
    flowing: bool = False

    async def prepared(self, *, on_air: bool) -> None:
        self.on_air = self.on_air or on_air


@dataclass
class FakeMedia:
    streams: dict[str, FakeStream] = field(default_factory=dict)
    recordings: dict[str, RecordingInfo] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    sent_away: list[str] = field(default_factory=list)
    broken: bool = False
    unremovable: bool = False
    unsealable: bool = False

    def send(self, stream_id: str, sender: str) -> None:
        """Somebody sends, and it arrives."""
        stream = self.open(stream_id)
        stream.sender, stream.flowing = sender, True

    def let_in(self, stream_id: str, sender: str) -> None:
        """Somebody is connected, and nothing has arrived yet."""
        self.open(stream_id).sender = sender

    def silence(self, stream_id: str) -> None:
        self.streams[stream_id].sender, self.streams[stream_id].flowing = None, False

    def open(self, stream_id: str) -> FakeStream:
        if self.broken:
            raise OSError("no space left on device")
        return self.streams.setdefault(stream_id, FakeStream())

    async def finish(self, stream_id: str) -> None:
        if self.broken:
            raise OSError("no space left on device")
        stream = self.streams.pop(stream_id)
        self.finished.append(stream_id)
        if stream.on_air:
            self.recordings[stream_id] = RecordingInfo(started_at=0, duration=60.0, size=1000, sealed=True, has_video=True)

    async def close_publisher(self, stream_id: str) -> None:
        self.sent_away.append(stream_id)
        self.silence(stream_id)

    def status(self, stream_id: str) -> StreamStatus | None:
        if (stream := self.streams.get(stream_id)) is None:
            return None
        return StreamStatus(
            publishing=stream.flowing,
            publisher_id=stream.sender,
            tracks=Tracks(video=True, audio=True) if stream.sender else None,
            width=1280,
            height=720,
            frame_rate=25.0,
            bitrate=2_000_000,
            loss=0.0,
            last_media_at=None,
            publishing_fault=None,
            recording=stream.on_air,
            recording_fault=None,
        )

    def stream_ids(self) -> tuple[str, ...]:
        return tuple(self.streams)

    async def recording(self, stream_id: str) -> RecordingInfo | None:
        if self.unsealable:
            raise OSError("read-only file system")
        info = self.recordings.get(stream_id)
        return info if info is None or stream_id in self.streams else replace(info, sealed=True)

    async def discard(self, stream_id: str) -> None:
        if self.unremovable:
            raise OSError("read-only file system")
        self.streams.pop(stream_id, None)
        self.recordings.pop(stream_id, None)

    async def start_download(self, stream_id: str) -> FakeDownload:
        return FakeDownload("preparing")

    async def download(self, stream_id: str) -> FakeDownload:
        return FakeDownload()
