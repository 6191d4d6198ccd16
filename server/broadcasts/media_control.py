"""What broadcasts need of the media service; `server.media.MediaService` fits, and so does the small fake of the unit tests."""

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from ..media import RecordingInfo, StreamStatus


class OpenStream(Protocol):
    async def prepared(self, *, on_air: bool) -> None:
        """See that there is an output of that kind; the recorded one goes on in the recording the stream already has."""
        ...


class MediaControl(Protocol):
    def open(self, stream_id: str) -> OpenStream:
        """The stream of that id, made if there is none."""
        ...

    async def finish(self, stream_id: str) -> None:
        """The stream is over: its publisher ends, its recording is sealed."""
        ...

    async def close_publisher(self, stream_id: str) -> None:
        """Send the publisher away; the stream goes on waiting."""
        ...

    def status(self, stream_id: str) -> StreamStatus | None: ...

    def stream_ids(self) -> Collection[str]:
        """Streams that are open and not finished."""
        ...

    async def recording(self, stream_id: str) -> RecordingInfo | None:
        """What is recorded of the stream so far; None if nothing is. One that nobody writes to any more is sealed by this.
        Raise OSError when the disk refuses; it may be asked again."""
        ...

    async def discard(self, stream_id: str) -> None:
        """Remove all that was recorded of a stream that is over, and all that can still be read of it. Raise OSError when the
        disk refuses; nothing recorded is fine."""
        ...

    async def start_download(self, stream_id: str) -> "Download":
        """See that the sealed recording is being made into one MP4 file; a second call joins the first."""
        ...

    async def download(self, stream_id: str) -> "Download": ...


class Download(Protocol):
    """The MP4 of a recording. `state` is none, preparing, ready or failed; `progress` goes from 0 to 1."""

    @property
    def state(self) -> str: ...

    @property
    def progress(self) -> float: ...

    @property
    def path(self) -> Path | None:
        """The file, once it is ready."""
        ...
