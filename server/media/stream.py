"""One stream: its output, its publisher, and what is told of them. It outlives publishers: who comes back goes on in it.

The stream is the sink of its publishing session. It hands everything to the current output; when a broadcast goes live the
recorded output takes over from the rehearsal at the next key frame, while the publisher notices nothing. What the output throws
ends this publisher and nobody else.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from ..core.tasks import Tasks
from .authority import MediaAuthority
from .ingest.session import PublishingSession
from .limits import MediaSettings
from .model import AccessUnit, IngestSink, OpusPacket, PublishingEvent, StreamStatus, Tracks

log = structlog.get_logger(__name__)


# Ends of which a publisher cannot know why, and would only come again in the same way.
_OUR_DOING = ("too_much", "failed")


class Output(IngestSink, Protocol):
    """Where a stream's media ends: cut into parts, served, and recorded or not."""

    @property
    def recording(self) -> bool:
        """Whether media is being written to disk now."""
        ...

    @property
    def recording_fault(self) -> str | None: ...

    @property
    def reached(self) -> int:
        """Media time in microseconds that an earlier run of the same stream may have shown; -1 for none."""
        ...

    async def open(self) -> None:
        """Before anything else. A recording of the same stream goes on where it was."""
        ...

    async def finish(self) -> None:
        """The stream is over: seal the recording. What there is can still be read."""
        ...

    async def discard(self) -> None:
        """Nobody reads any more: free everything."""
        ...


MakeOutput = Callable[[str, bool], Output]
"""(stream id, whether it is recorded)"""


class Stream:
    """All state of one stream, owned here. `lock` is held while a publisher is let in or sent away.

    `after`: the end of an earlier stream of the same id, which may still be sealing the recording; no output opens before it.
    """

    def __init__(
        self,
        stream_id: str,
        settings: MediaSettings,
        authority: MediaAuthority,
        make_output: MakeOutput,
        *,
        after: "asyncio.Task[None] | None" = None,
    ) -> None:
        self.id = stream_id
        self.lock = asyncio.Lock()
        self.finished = False
        self.publisher_id: str | None = None
        self.session: PublishingSession | None = None
        self.output: Output | None = None
        self.fault: str | None = None  # why we ended the last publisher, while nobody sends: `too_much`, `failed`
        self.rehearses = False  # whether `output` is for the host alone, and recorded by nobody
        self._following: Output | None = None  # takes over at the next key frame
        self._on_air = False  # what is wanted
        self._recorded: bool | None = None  # what the newest output is; None before the first
        self._opening = asyncio.Lock()
        self._after = after
        self._settings = settings
        self._authority = authority
        self._make_output = make_output
        self._tasks = Tasks(f"stream:{stream_id}")
        self._events: asyncio.Queue[PublishingEvent] = asyncio.Queue()
        self._told: PublishingEvent | None = None
        self._tracks: Tracks | None = None
        self._last_at = -1
        self._tasks.spawn(self._tell(), "events")

    # ---- publisher -----------------------------------------------------------------------------------------------------

    @property
    def last_at(self) -> int:
        """Newest media time of the stream in microseconds; -1 before the first. Each session begins after it."""
        return self._last_at

    def adopt(self, session: PublishingSession, publisher_id: str) -> PublishingSession | None:
        """Make `session` the publisher; returns the one before, which the caller closes."""
        before, self.session = self.session, session
        self.publisher_id = publisher_id
        if self._told is PublishingEvent.STARTED:
            self._tasks.spawn(self._expect(session), "replacement")
        return before

    def flowing(self, session: PublishingSession, flows: bool) -> None:
        """Media of `session` has begun, resumed or stopped coming."""
        if session is self.session:
            self.fault = None
            self._say(PublishingEvent.STARTED if flows else PublishingEvent.LOST)

    def ended(self, session: PublishingSession, reason: str) -> None:
        """`session` is over. One that was replaced is no loss; its successor is given the time of a silence to begin."""
        if session is not self.session:
            return
        self.session = None
        self.fault = reason if reason in _OUR_DOING else None
        self._say(PublishingEvent.LOST)

    def _say(self, event: PublishingEvent) -> None:
        if event is PublishingEvent.LOST and (self.finished or self._told is not PublishingEvent.STARTED):
            return
        self._told = event
        self._events.put_nowait(event)

    async def _expect(self, session: PublishingSession) -> None:
        await asyncio.sleep(self._settings.silent_after)
        if self.session is session and not session.is_flowing:
            self._say(PublishingEvent.LOST)

    async def _tell(self) -> None:
        """Tell the authority one event after the other; what it throws is its own fault and stays there."""
        while True:
            event = await self._events.get()
            try:
                await self._authority.publishing_changed(self.id, event)
            except Exception:
                log.exception("event_not_taken", stream=self.id, publishing=event.value)

    # ---- output --------------------------------------------------------------------------------------------------------

    def prepare(self, *, on_air: bool) -> None:
        """See that there is an output of that kind, soon. From rehearsal to air there is a way, back there is none."""
        self._on_air = self._on_air or on_air
        if self._lacks_output and not self._opening.locked():
            self._tasks.spawn(self.prepared(on_air=on_air), "output")

    async def prepared(self, *, on_air: bool) -> None:
        """Like `prepare`, but the output is there on return."""
        self._on_air = self._on_air or on_air
        async with self._opening:
            if self._after is not None:
                await asyncio.wait([self._after])
                self._after = None
            while self._lacks_output and not self.finished:
                recorded = self._on_air
                output = self._make_output(self.id, recorded)
                await output.open()
                # The wall clock may be behind what was recorded; media time still goes on from there.
                self._last_at = max(self._last_at, output.reached)
                self._recorded = recorded
                if not self._place(output):
                    await output.discard()

    @property
    def _lacks_output(self) -> bool:
        return self._recorded is None or (self._on_air and not self._recorded)

    def _place(self, output: Output) -> bool:
        """Put an opened output where it belongs; False when the stream was finished meanwhile."""
        if self.finished:
            return False
        if self.output is None:
            self.output, self.rehearses = output, not self._recorded
        else:
            self._following = output
            if self.session is not None:
                self.session.ask_key_frame()
        return True

    def begin(self, tracks: Tracks) -> None:
        self._tracks = tracks
        if self._following is not None:
            self._take_over()
        elif self.output is not None:
            self._guarded(self.output.begin, tracks)

    def video(self, unit: AccessUnit) -> None:
        if self._following is not None and unit.key:
            self._take_over()
        self._last_at = max(self._last_at, unit.at)
        if self.output is not None:
            self._guarded(self.output.video, unit)

    def audio(self, packet: OpusPacket) -> None:
        if self._following is not None and self._tracks is not None and not self._tracks.video:
            self._take_over()
        self._last_at = max(self._last_at, packet.at)
        if self.output is not None:
            self._guarded(self.output.audio, packet)

    def pause(self) -> None:
        if self.output is not None:
            self._guarded(self.output.pause)

    def _take_over(self) -> None:
        rehearsal, self.output, self._following = self.output, self._following, None
        self.rehearses = False
        if rehearsal is not None:
            self._guarded(rehearsal.pause)
            self._tasks.spawn(rehearsal.discard(), "rehearsal")
        if self.output is not None and self._tracks is not None:
            self._guarded(self.output.begin, self._tracks)

    def _guarded(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception:
            log.exception("output_failed", stream=self.id)
            if self.session is not None:
                self.session.fail()

    # ---- the whole -----------------------------------------------------------------------------------------------------

    def status(self) -> StreamStatus:
        session, output = self.session, self.output
        size = session.media.size if session is not None else None
        figures = session.figures if session is not None and session.is_flowing else None
        return StreamStatus(
            publishing=session is not None and session.is_flowing,
            publisher_id=self.publisher_id if session is not None else None,
            tracks=session.tracks if session is not None else None,
            width=size.width if size is not None else None,
            height=size.height if size is not None else None,
            frame_rate=figures.frame_rate if figures is not None else None,
            bitrate=figures.bitrate if figures is not None else 0,
            loss=figures.loss if figures is not None else 0.0,
            last_media_at=self._last_at if self._last_at >= 0 else None,
            publishing_fault=self.fault,
            recording=output is not None and output.recording,
            recording_fault=output.recording_fault if output is not None else None,
        )

    async def finish(self) -> None:
        """End the publisher and seal what was recorded. The output stays readable until `close`. Safe to call twice.

        A rehearsal does not stay: viewers may read for a while after the end, and it was never for them. The end may find one
        even on air, where no key frame has come since.
        """
        self.finished = True
        if self.session is not None:
            await self.session.close("finished")
        async with self._opening:
            following, self._following = self._following, None
            if following is not None:
                await following.discard()
            output = self.output
            if output is not None and self.rehearses:
                self.output = None
                await output.discard()
            elif output is not None:
                await output.finish()

    async def close(self) -> None:
        """Free everything. A stream that was not finished is not ended by this: its recording can be taken up again.

        Safe to call twice.
        """
        async with self.lock:
            self.finished = True
            if self.session is not None:
                await self.session.close("stopping")
            async with self._opening:
                for output in (self._following, self.output):
                    if output is not None:
                        await output.discard()
                self._following = None
        await self._tasks.aclose()
