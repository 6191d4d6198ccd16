"""The media service: streams by id, and what the outside can ask of them.

Media knows stream ids and tokens, no broadcasts. Who may publish is the authority's to say; what it answers when a publisher
comes also decides whether the stream is recorded. Each stream is its own island: what fails in one is logged there and ends
there.
"""

import asyncio
import functools
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from ..core.clock import Clock
from ..core.errors import AppError, Conflict, NotFound, TooMany, Unauthenticated, Unavailable, Unprocessable
from ..core.ids import digest
from ..core.tasks import Tasks
from .authority import MediaAuthority
from .ingest.candidates import Fragment
from .ingest.hooks import check_hooks
from .ingest.rate import RateLimit
from .ingest.sdp import read_offer
from .ingest.session import Hooks, Owner, PublishingSession
from .limits import MediaSettings
from .model import PublishGrant, RecordingInfo, StreamStatus
from .output import StreamOutput
from .outputs import Outputs
from .recording.downloads import Download
from .recording.store import Recordings
from .stream import MakeOutput, Stream

log = structlog.get_logger(__name__)
_check_hooks_once = functools.cache(check_hooks)  # what is installed does not change under a process

LINGER = 90.0  # seconds for which a finished stream can still be read: players are some seconds behind


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher is told: the SDP answer and how to speak of the session from now on."""

    session_id: str
    etag: str
    answer: str


class MediaService:
    """One per process. `start` before use, `close` at the end; both are awaited."""

    def __init__(
        self, settings: MediaSettings, authority: MediaAuthority, clock: Clock, *, make_output: MakeOutput | None = None
    ) -> None:
        self.settings = settings
        self.authority = authority
        self.clock = clock
        self._outputs = Outputs(settings, clock)
        self._make_output: MakeOutput = make_output or self._outputs.make
        self._tasks = Tasks("media")
        self._streams: dict[str, Stream] = {}
        self._leaving: set[Stream] = set()  # no longer found by id, and not closed yet
        self._arriving: dict[Stream, str] = {}  # who is being let in, by address
        self._posts = RateLimit(settings.post_burst, settings.post_per_second)
        self._touches = RateLimit(6 * settings.post_burst, 10 * settings.post_per_second)
        self._open = False

    async def start(self) -> None:
        """Raise HookMoved when aiortc or aioice are not what the ingest was written for."""
        _check_hooks_once()
        self._open = True

    async def close(self) -> None:
        """End all publishers, close all recordings; what was not finished can be taken up again. Safe to call twice."""
        self._open = False
        await self._tasks.aclose()
        self._leaving.update(self._streams.values())
        self._streams.clear()
        for stream in list(self._leaving):
            await self._close_quietly(stream)
        await self._outputs.close()

    # ---- what the owner of streams asks --------------------------------------------------------------------------------

    def open(self, stream_id: str) -> Stream:
        """The stream of this id, made if there is none. One that was finished makes way for a new one, which opens its output
        when the old one has let go of the recording."""
        stream = self._streams.get(stream_id)
        if stream is None or stream.finished:
            before = None
            if stream is not None:
                self._leaving.add(stream)
                before = self._tasks.spawn(self._close_quietly(stream), f"forget {stream_id}")
            stream = Stream(stream_id, self.settings, self.authority, self._make_output, after=before)
            self._streams[stream_id] = stream
        return stream

    async def go_live(self, stream_id: str) -> None:
        """From rehearsal to air: recorded from the next key frame on. Raises Conflict when nothing is being received."""
        stream = self._streams.get(stream_id)
        if stream is None:
            raise _nothing_received()
        async with stream.lock:
            if stream.session is None or not stream.session.is_flowing:
                raise _nothing_received()
            await stream.prepared(on_air=True)

    async def finish(self, stream_id: str) -> None:
        """The stream is over: end its publisher, seal its recording. Unknown streams are over already."""
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        async with stream.lock:
            over = stream.finished
            try:
                await stream.finish()
            finally:
                if self._open and not over:
                    self._tasks.spawn(self._forget(stream), f"forget {stream_id}")

    async def close_publisher(self, stream_id: str) -> None:
        """Send the publisher away at once, if there is one; the stream goes on waiting."""
        stream = self._streams.get(stream_id)
        if stream is None:
            return
        async with stream.lock:
            if stream.session is not None:
                await stream.session.close("sent_away")

    def status(self, stream_id: str) -> StreamStatus | None:
        """None for a stream that is not open in this process."""
        stream = self._streams.get(stream_id)
        return stream.status() if stream is not None else None

    def live(self, stream_id: str, *, rehearsal: bool = False) -> StreamOutput | None:
        """What viewers of the stream read, also for a while after its end; None when there is nothing (yet).

        `rehearsal`: the reader may see one. Nobody else does, whatever is known elsewhere of the stream's being on air: that
        is written down before the recorded output is there, and some key frames away from taking over.
        """
        stream = self._streams.get(stream_id)
        if stream is None or (stream.rehearses and not rehearsal):
            return None
        return stream.output if isinstance(stream.output, StreamOutput) else None

    @property
    def recordings(self) -> Recordings:
        return self._outputs.recordings

    async def recording(self, stream_id: str) -> RecordingInfo | None:
        """What is recorded of a stream; None if nothing is. What a crash has left open is sealed, unless the stream is open.

        Raise OSError if the disk refuses that; asked again later it may succeed, and nothing is lost by waiting.
        """
        stream = self._streams.get(stream_id)
        output = stream.output if stream is not None else None
        in_use = (stream is not None and not stream.finished) or (isinstance(output, StreamOutput) and output.holds_recording)
        return await self.recordings.info(stream_id, in_use=in_use)

    async def discard(self, stream_id: str) -> None:
        """Remove all that was recorded of a stream, and all that can still be read of it. Raises OSError."""
        await self.finish(stream_id)
        stream = self._streams.pop(stream_id, None)
        if stream is not None:
            await self._close_quietly(stream)
        await self.recordings.discard(stream_id)

    async def start_download(self, stream_id: str) -> Download:
        """See that the sealed recording is being made into one MP4 file; a second call joins the first."""
        return await self.recordings.start_download(stream_id)

    async def download(self, stream_id: str) -> Download:
        """How far the MP4 file is."""
        return await self.recordings.download(stream_id)

    def stream_ids(self) -> tuple[str, ...]:
        """Streams that are open and not finished."""
        return tuple(stream_id for stream_id, stream in self._streams.items() if not stream.finished)

    # ---- what publishers ask -------------------------------------------------------------------------------------------

    async def publish(self, stream_id: str, token: str, offer: bytes, *, takeover: bool, address: str) -> Published:
        """Let a publisher in.

        Raises what `MediaAuthority.publisher` and `read_offer` raise; Conflict `publisher_active` while another is really
        sending, `stream_finished` where the end has come while the token was looked at; TooMany for knocking too often;
        Unavailable when the house is full.
        """
        if not self._open:
            raise _stopping()
        grant = await self._admit(stream_id, token, address)
        wanted = read_offer(offer)
        if not self._open:  # meanwhile
            raise _stopping()
        known = self._streams.get(stream_id)
        if known is not None and known.finished:
            raise _finished()
        stream = self.open(stream_id)
        owner = Owner(stream_id, grant.publisher_id, digest(token), address)
        async with stream.lock:
            if stream.finished:
                raise _finished()
            if stream.session is not None and stream.session.is_sending and not takeover:
                raise _publisher_active()
            with self._room(stream, address):
                hooks = Hooks(stream.flowing, stream.ended, lambda: stream.last_at)
                session = PublishingSession(owner, wanted, stream, self.settings, self.clock, hooks)
                try:
                    await stream.prepared(on_air=grant.on_air)
                    answer = await session.answer()
                except BaseException:
                    await session.close("refused")
                    raise
                before = stream.adopt(session, grant.publisher_id)
            if before is not None:
                await before.close("replaced")
        log.info(
            "publisher_accepted", stream=stream_id, publisher=grant.publisher_id, session=session.id[:8], takeover=takeover
        )
        return Published(session.id, session.etag, answer)

    def admit(self, stream_id: str, session_id: str, token: str, address: str) -> str:
        """Let the holder of a session's token touch it; gives its ETag. Raises NotFound, Unauthenticated, TooMany.

        As with knocking, only what is refused is charged to the address; a session has a count of its own.
        """
        try:
            session = self._session(stream_id, session_id, token)
        except AppError:
            self._limit(self._touches, f"address {address}")
            raise
        self._limit(self._touches, f"session {session.id}")
        return session.etag

    def _limit(self, limit: RateLimit, address: str) -> None:
        wait = limit.take(address, self.clock.monotonic())
        if wait:
            raise TooMany("too_many_attempts", "请求过于频繁，请稍后再试", retry_after=wait)

    async def _admit(self, stream_id: str, token: str, address: str) -> PublishGrant:
        """Knocking is charged to the address only while the token is wrong, so that no neighbour can lock a host out."""
        try:
            grant = await self.authority.publisher(stream_id, token)
        except AppError:
            self._limit(self._posts, f"address {address}")
            raise
        self._limit(self._posts, f"publisher {grant.publisher_id}")
        return grant

    async def trickle(self, stream_id: str, session_id: str, token: str, fragment: Fragment, *, restart: bool) -> None:
        """Add candidates to a session. Raises NotFound, Unauthenticated; Unprocessable for an ICE restart."""
        session = self._session(stream_id, session_id, token)
        if restart or (fragment.ufrag is not None and fragment.ufrag != session.ufrag):
            raise Unprocessable("ice_restart_unsupported", "不支持 ICE 重启，请重新推流")
        await session.trickle(fragment.candidates)

    async def unpublish(self, stream_id: str, session_id: str, token: str) -> None:
        """End a session at its publisher's wish. Raises NotFound (also for one that has ended) and Unauthenticated."""
        await self._session(stream_id, session_id, token).close("deleted")

    def _session(self, stream_id: str, session_id: str, token: str) -> PublishingSession:
        stream = self._streams.get(stream_id)
        session = stream.session if stream is not None else None
        if session is None or not hmac.compare_digest(session.id, session_id):
            raise NotFound("session_not_found", "推流会话不存在或已结束")
        if not hmac.compare_digest(session.owner.token_digest, digest(token)):
            raise Unauthenticated("token_refused", "推流凭证无效")
        return session

    @contextmanager
    def _room(self, stream: Stream, address: str) -> Iterator[None]:
        """A place for one more publisher, kept from the moment it is seen to be free. Raise Unavailable when there is none."""
        taken = [self._addresses(other) for other in self._streams.values() if other is not stream]
        taken = [addresses for addresses in taken if addresses]
        if len(taken) >= self.settings.max_sessions:
            raise Unavailable("media_full", "同时推流的人数已满，请稍后再试", retry_after=30)
        if sum(address in addresses for addresses in taken) >= self.settings.max_sessions_per_address:
            raise Unavailable("address_full", "同一网络地址的推流数已满，请稍后再试", retry_after=30)
        self._arriving[stream] = address
        try:
            yield
        finally:
            del self._arriving[stream]

    def _addresses(self, stream: Stream) -> set[str]:
        """Whence a stream is sent to, or about to be."""
        found = {self._arriving[stream]} if stream in self._arriving else set()
        return found if stream.session is None else found | {stream.session.owner.address}

    # ---- housekeeping --------------------------------------------------------------------------------------------------

    async def _forget(self, stream: Stream) -> None:
        await asyncio.sleep(LINGER)
        if self._streams.get(stream.id) is stream:
            del self._streams[stream.id]
        await self._close_quietly(stream)

    async def _close_quietly(self, stream: Stream) -> None:
        self._leaving.add(stream)
        try:
            await stream.close()
        except Exception:
            log.exception("stream_close_failed", stream=stream.id)
        self._leaving.discard(stream)


def _stopping() -> Unavailable:
    return Unavailable("media_stopped", "媒体服务正在停止，请稍后再试", retry_after=5)


def _finished() -> Conflict:
    return Conflict("stream_finished", "直播已经结束")


def _nothing_received() -> Conflict:
    return Conflict("nothing_received", "还没有收到画面或声音，请先开始推流")


def _publisher_active() -> Conflict:
    return Conflict(
        "publisher_active",
        "已有人正在推流；如需由您接替，请使用“接替推流”",
        headers={"Retry-After": "3"},
    )
