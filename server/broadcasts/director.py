"""Makes the media service agree with the database, which is the truth of what should be.

After each use case at once, every second for all that is under way, and at the start: a broadcast that was live when the
process died is interrupted, its stream is opened on the recording it already has, and so the host comes back into the same
broadcast with the same token and address while viewers go on. Whatever fails for one broadcast is logged and tried again.
"""

import asyncio
from collections.abc import Callable, Iterable
from weakref import WeakValueDictionary

import structlog

from ..core.clock import Clock
from ..core.pulse import Pulse
from ..identity import Identity
from ..media import PublishingEvent
from . import model, store
from .authority import may_send
from .limits import BroadcastSettings
from .media_control import MediaControl
from .model import BEFORE_AIR, ON_AIR, OVER, Broadcast, Recording, State
from .registry import Registry

log = structlog.get_logger(__name__)

# A publisher that is being replaced is silent for up to three seconds and yet not lost; media says so when it is.
_SILENCE_NOT_TOLD = 6.0
_RIGHTS_EVERY = 3.0
_DISK_AGAIN = 60.0
# A browser calls itself connected before its first picture has got through; hosts press at that moment.
_ARRIVES_WITHIN = 5.0


class Director:
    def __init__(
        self,
        registry: Registry,
        identity: Identity,
        media: MediaControl,
        settings: BroadcastSettings,
        clock: Clock,
    ) -> None:
        self._registry, self._identity, self._media = registry, identity, media
        self._settings, self._clock = settings, clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._silent_since: dict[str, float] = {}
        self._refused: dict[str, float] = {}  # recordings the disk would not seal or remove, and when it is asked again
        # Broadcasts whose first media somebody waits for; gone when nobody does.
        self._arrivals: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._rights_at = 0.0
        self._running = False

    async def start(self) -> None:
        """Take up what a process before this one left; `join` goes on from here.

        A process that only serves the web has media attached and never started: there the row changes, and the process that
        carries the stream sees it in its next round.
        """
        self._running = True
        for broadcast in await self._registry.in_states({State.LIVE, State.REHEARSAL}):
            await self._change(broadcast.id, lambda each: model.media_lost(each, self._clock.now()))
        await self.reconcile()

    def join(self, pulse: Pulse) -> None:
        """Where all that is under way is compared every second."""
        pulse.add(
            "broadcasts",
            store.any_under_way(),
            self.reconcile,
            due=lambda found: found or bool(self._media.stream_ids()),
            every=self._settings.reconcile_every,
        )

    async def close(self) -> None:
        self._running = False

    async def publishing_changed(self, stream_id: str, event: PublishingEvent) -> None:
        """Media's news. Only the row changes here: media may hold its own locks while it tells."""
        if event is PublishingEvent.STARTED:
            status = self._media.status(stream_id)
            sender = status.publisher_id if status else None
            await self._change(stream_id, lambda each: model.media_started(each, sender))
            if arrival := self._arrivals.get(stream_id):
                arrival.set()
        else:
            await self._change(stream_id, lambda each: model.media_lost(each, self._clock.now()))

    async def media_arrives(self, broadcast_id: str) -> None:
        """Wait a few seconds for the first media of a publisher who has been let in; not at all where there is none."""
        status = self._media.status(broadcast_id)
        if status is None or status.publisher_id is None:
            return
        arrival = self._arrivals.setdefault(broadcast_id, asyncio.Event())
        try:
            async with asyncio.timeout(_ARRIVES_WITHIN):
                await arrival.wait()
        except TimeoutError:
            log.warning("publisher_let_in_and_silent", broadcast_id=broadcast_id)

    async def settle(self, broadcast_id: str) -> None:
        """Make media agree with one broadcast now. Never raises: what fails is tried again by the next round."""
        if not self._running:
            return
        lock = self._locks.setdefault(broadcast_id, asyncio.Lock())
        async with lock:
            try:
                broadcast = await self._registry.load(broadcast_id)
                if broadcast is not None:
                    await self._settle(broadcast)
            except Exception:
                log.exception("settle_failed", broadcast_id=broadcast_id)

    async def reconcile(self) -> None:
        """Compare everything that is under way, in the database or in media."""
        active = {each.id: each for each in await self._registry.in_states({State.REHEARSAL, *ON_AIR})}
        strays = [stream_id for stream_id in self._media.stream_ids() if stream_id not in active]
        for broadcast in await self._registry.by_ids(strays):
            active[broadcast.id] = broadcast
        for broadcast in await self._registry.unsettled():
            active[broadcast.id] = broadcast
        for broadcast in active.values():
            try:
                await self._hear(broadcast)
                await self._give_up(broadcast)
            except Exception:
                log.exception("reconcile_failed", broadcast_id=broadcast.id)
            await self.settle(broadcast.id)
        await self._check_rights(active.values())

    async def send_away(self, broadcast_id: str, member_id: str) -> None:
        """End the publishing of one sender, if it is he or she who sends."""
        status = self._media.status(broadcast_id)
        if status is not None and status.publisher_id == member_id:
            await self._media.close_publisher(broadcast_id)

    async def _settle(self, broadcast: Broadcast) -> None:
        if broadcast.state in ON_AIR:
            await self._media.open(broadcast.id).prepared(on_air=True)
        elif broadcast.state in OVER:
            if broadcast.id in self._media.stream_ids():
                await self._media.finish(broadcast.id)
            self._silent_since.pop(broadcast.id, None)
            if broadcast.recording is Recording.PREPARING:
                await self._seal(broadcast)
            elif broadcast.recording is Recording.DISCARDING:
                await self._remove(broadcast)

    async def _seal(self, broadcast: Broadcast) -> None:
        """Until then the replay is being prepared: a disk that refuses now must not cost it for good."""
        if self._clock.monotonic() < self._refused.get(broadcast.id, 0.0):
            return
        try:
            info = await self._media.recording(broadcast.id)
        except OSError as error:
            self._ask_again(broadcast, "recording_not_sealed", error)
            return
        self._refused.pop(broadcast.id, None)
        if info is not None and not info.sealed:
            return  # somebody still writes to it; the next round asks again
        seconds, size, has_video = (info.duration, info.size, info.has_video) if info else (0.0, 0, False)
        await self._change(
            broadcast.id, lambda each: model.recording_sealed(each, seconds=seconds, size=size, has_video=has_video)
        )

    async def _remove(self, broadcast: Broadcast) -> None:
        """Nobody is shown the recording any more; a disk that refuses to let go of it is asked again after a while."""
        if self._clock.monotonic() < self._refused.get(broadcast.id, 0.0):
            return
        try:
            await self._media.discard(broadcast.id)
        except OSError as error:
            self._ask_again(broadcast, "recording_not_removed", error)
            return
        self._refused.pop(broadcast.id, None)
        await self._change(broadcast.id, model.recording_removed)
        log.info("recording_removed", broadcast_id=broadcast.id)

    def _ask_again(self, broadcast: Broadcast, what: str, error: OSError) -> None:
        self._refused[broadcast.id] = self._clock.monotonic() + _DISK_AGAIN
        log.error(what, alarm=True, broadcast_id=broadcast.id, reason=str(error))

    async def _hear(self, broadcast: Broadcast) -> None:
        """News that were missed: told to a process that died, or lost on a database that was away."""
        status = self._media.status(broadcast.id)
        if status is not None and status.publishing:
            self._silent_since.pop(broadcast.id, None)
            sender = status.publisher_id
            if broadcast.state in (State.SCHEDULED, State.INTERRUPTED):
                await self._change(broadcast.id, lambda each: model.media_started(each, sender))
        elif broadcast.state in (State.LIVE, State.REHEARSAL):
            since = self._silent_since.setdefault(broadcast.id, self._clock.monotonic())
            if self._clock.monotonic() - since >= _SILENCE_NOT_TOLD:
                await self._change(broadcast.id, lambda each: model.media_lost(each, self._clock.now()))
        else:
            self._silent_since.pop(broadcast.id, None)

    async def _give_up(self, broadcast: Broadcast) -> None:
        now, limit = self._clock.now(), self._settings.interrupted_limit
        if model.give_up(broadcast, now, limit) is not broadcast:
            await self._change(broadcast.id, lambda each: model.give_up(each, now, limit))

    async def _check_rights(self, active: Iterable[Broadcast]) -> None:
        """A publisher who has been disabled, is no red host any more or no longer named is sent away, and cannot come back."""
        if self._clock.monotonic() < self._rights_at:
            return
        self._rights_at = self._clock.monotonic() + _RIGHTS_EVERY
        senders = {
            broadcast.id: (broadcast, status.publisher_id)
            for broadcast in active
            if broadcast.state in BEFORE_AIR | ON_AIR
            and (status := self._media.status(broadcast.id)) is not None
            and status.publisher_id is not None
        }
        if not senders:
            return
        people = await self._identity.people({sender for _, sender in senders.values()})
        for broadcast, sender in senders.values():
            if not may_send(broadcast, people.get(sender)):
                log.warning("publisher_sent_away", broadcast_id=broadcast.id, member_id=sender)
                await self._media.close_publisher(broadcast.id)

    async def _change(self, broadcast_id: str, decide: Callable[[Broadcast], Broadcast]) -> None:
        before: list[State] = []

        def note(broadcast: Broadcast) -> Broadcast:
            before[:] = [broadcast.state]
            return decide(broadcast)

        after = await self._registry.change(broadcast_id, note)
        if after is not None and before != [after.state]:
            log.info("broadcast_state", broadcast_id=broadcast_id, before=before[0].value, after=after.state.value)
