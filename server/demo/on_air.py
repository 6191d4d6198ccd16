"""The demo's host: keeps one broadcast on air as long as the server runs.

Uses the use cases that a host's own clicks reach. The picture comes from a publisher process, which is started here and ends
with us; one that dies is started again. Whoever ends or cuts off the demo broadcast sees it end; a new one follows a little
later.

A demo may be left running for weeks and must not fill the disk: a broadcast ends after half an hour, its replay is published,
and the recordings of all demo broadcasts before it are thrown away. There is never more than the one on air, the one before
and, where somebody asked for it, that one's MP4: an hour and a half of recording. All of it is decided from the database, so a
restart in between changes nothing. What was cut off stays, as evidence; only moderators may throw that away.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import structlog

from server.broadcasts import Broadcast, BroadcastService, CommentMode, Links, Orientation, Plan, Recording, State, Visibility
from server.core.clock import Clock
from server.core.errors import AppError, Conflict
from server.core.files import write_atomically
from server.identity import Member

log = structlog.get_logger(__name__)

TITLE = "演示直播：红船时钟"
INTRO = (
    "这是随演示数据自动开播的直播，画面由程序生成：一只红船，一只走得很准的钟。\n"
    "钟面与服务器时间一致，可以用来看直播延迟；每到整秒有一声轻响，可以用来听音画是否同步。"
)
LENGTH = timedelta(minutes=30)
_LOOK_EVERY = 1.0
_REST = 3.0  # seconds between the end of one demo broadcast and the next, and before a dead publisher is started again
_STOP_TIMEOUT = 5.0
_SEALED_WITHIN = 10.0
_OPEN = frozenset({State.SCHEDULED, State.REHEARSAL, State.LIVE, State.INTERRUPTED})


class DemoHost:
    def __init__(
        self,
        service: BroadcastService,
        host: Member,
        clock: Clock,
        *,
        links: Links,
        whip_base: str,
        data_dir: Path,
        length: timedelta = LENGTH,
    ) -> None:
        self._service, self._host, self._clock, self._length = service, host, clock, length
        self._links, self._whip_base, self._data_dir = links, whip_base, data_dir
        self._token_file = data_dir / "demo" / "token"
        self._publisher: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """For ever; cancel it to stop, which ends the publisher too."""
        try:
            while True:
                try:
                    await self._tidy()
                    await self._one_broadcast()
                except (AppError, OSError) as problem:
                    log.warning("demo_broadcast_failed", problem=str(problem))
                await self._stop_publisher()
                await asyncio.sleep(_REST)
        finally:
            await self._stop_publisher()

    async def _one_broadcast(self) -> None:
        """Find or schedule the demo broadcast, send to it, put it on air; return when it is over or the publisher died."""
        broadcast = await self._find() or await self._schedule()
        await self._start_publisher(broadcast)
        while broadcast.state in _OPEN:
            if self._publisher is None or self._publisher.returncode is not None:
                log.warning("demo_publisher_ended")
                return
            if broadcast.state is State.REHEARSAL:
                # Media may have stopped again in between; the next look will tell.
                with contextlib.suppress(Conflict):
                    broadcast = await self._service.go_live(self._host, broadcast.id)
            if broadcast.live_at is not None and self._clock.now() - broadcast.live_at >= self._length:
                broadcast = await self._service.end(self._host, broadcast.id)
                continue
            await asyncio.sleep(_LOOK_EVERY)
            broadcast = await self._service.find(self._host, broadcast.id)

    async def _tidy(self) -> None:
        """Of the demo broadcasts that are over publish the newest and throw away the recordings of all others."""
        newest = True
        async for over in self._demos(frozenset({State.ENDED})):
            broadcast = await self._sealed(over) if newest else over
            if broadcast.recording is not Recording.SEALED:
                continue
            if not newest:
                await self._service.discard_recording(self._host, broadcast.id)
            elif not broadcast.replay_published:
                await self._service.set_replay(self._host, broadcast.id, published=True, download=True)
            newest = False

    async def _sealed(self, broadcast: Broadcast) -> Broadcast:
        """The same, as soon as its recording is complete; after a few seconds as it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SEALED_WITHIN):
                while broadcast.recording is Recording.PREPARING:
                    await asyncio.sleep(_LOOK_EVERY)
                    broadcast = await self._service.find(self._host, broadcast.id)
        return broadcast

    async def _find(self) -> Broadcast | None:
        """The one that an earlier start of the server left open."""
        return await anext(self._demos(_OPEN), None)

    async def _demos(self, states: frozenset[State]) -> AsyncIterator[Broadcast]:
        """Those of the demo, the newest first where they are over."""
        after: str | None = None
        while True:
            mine, after = await self._service.page(self._host, states=states, mine=True, after=after, limit=100)
            for broadcast in mine:
                if broadcast.title == TITLE:
                    yield broadcast
            if after is None:
                return

    async def _schedule(self) -> Broadcast:
        plan = Plan(
            title=TITLE,
            intro=INTRO,
            starts_at=self._clock.now().replace(microsecond=0),
            minutes_planned=max(1, round(self._length.total_seconds() / 60)),
            visibility=Visibility.EMPLOYEES,
            comment_mode=CommentMode.POST_MODERATED,
            orientation=Orientation.LANDSCAPE,
        )
        return await self._service.schedule(self._host, plan)

    async def _start_publisher(self, broadcast: Broadcast) -> None:
        whip = (await self._service.views.one(broadcast, self._host, self._links)).whip
        if whip is None:
            raise Conflict("broadcast_over", "演示直播不能推流")
        self._token_file.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(write_atomically, self._token_file, whip.token.encode(), mode=0o600)
        url = f"{self._whip_base}/whip/{broadcast.id}"
        command = ["-m", "server", "demo", "publish", "--url", url, "--token-file", str(self._token_file)]
        self._publisher = await asyncio.create_subprocess_exec(sys.executable, *command, "--data", str(self._data_dir))

    async def _stop_publisher(self) -> None:
        process, self._publisher = self._publisher, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
