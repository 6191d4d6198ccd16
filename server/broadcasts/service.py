"""What people do with broadcasts. Each use case: may they, decide (model), commit, make media agree, answer.

Whoever may not see a broadcast is told what those are told who ask for one that does not exist. Whoever may see it and may
not do the thing is told so. The service is built before media, which needs its `authority`, and completed by `attach`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import AppError, Conflict, Forbidden, NotFound, Unprocessable
from ..core.ids import new_id
from ..core.journal import Journal
from ..core.pulse import Pulse
from ..identity import Identity, Member, Person, Role
from ..media import StreamStatus
from ..moderation import is_moderator
from . import model, store
from .access import Access, refused
from .audience import Audience, Nobody
from .authority import BroadcastAuthority
from .director import Director
from .hosting import Hosting
from .limits import BroadcastSettings
from .media_control import Download, MediaControl
from .model import ON_AIR, THROWN_AWAY, Broadcast, Changes, Order, Plan, State, Visibility
from .posters import Posters
from .registry import Along, Decide, Registry
from .retention import Purge, Retention
from .store import Scope, Wanted
from .tickets import Tickets
from .tokens import PublishTokens
from .views import Views
from .visibility import may_discard, may_download, may_see, open_to, rights

log = structlog.get_logger(__name__)

_HOSTS_SHOWN = 20


class BroadcastService:
    """One per process. `attach` media, then `start`; `close` at the end."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        settings: BroadcastSettings,
        clock: Clock,
        journal: Journal,
        *,
        secret: bytes,
        data_dir: Path,
    ) -> None:
        self.settings, self._identity, self._clock = settings, identity, clock
        self._journal = journal
        self._registry = Registry(database, journal)
        self._audience: Audience = Nobody()
        self._tokens = PublishTokens(secret)
        sessions = identity.sessions
        self.access = Access(settings, clock, Tickets(secret), sessions.find_by_id, sessions.recall, self._registry.load)
        self._registry.tell(self.access.changed)
        self.authority = BroadcastAuthority(self._registry, identity, self._tokens, self.access, clock)
        self.views = Views(identity, self.viewers, self._tokens, settings, clock)
        self.posters = Posters(data_dir / "posters")
        self._hosting: Hosting | None = None
        self._attached: tuple[MediaControl, Director] | None = None

    # Wiring

    def retention(self, purges: Sequence[Purge]) -> Retention:
        """The job that deletes rooms whose time is over, with what each feature keeps of them."""
        return Retention(self._registry, self._journal, self.settings, self._clock, purges)

    def attach(self, media: MediaControl) -> None:
        """The second step: media has been built on `authority`."""
        director = Director(self._registry, self._identity, media, self.settings, self._clock)
        self._attached = (media, director)
        self.authority.report_to(director.publishing_changed)

    def attach_audience(self, audience: Audience) -> None:
        """Who counts the people in the rooms; until then there are none."""
        self._audience = audience

    def attach_hosting(self, hosting: Hosting) -> None:
        """What hosting earns, once a second person approves it; until then nothing."""
        self._hosting = hosting

    async def start(self) -> None:
        """Take up broadcasts that were under way when the process before this one died. Media must have started."""
        await self._director.start()

    def join(self, pulse: Pulse) -> None:
        """See `Director.join`."""
        self._director.join(pulse)

    async def close(self) -> None:
        if self._attached is not None:
            await self._director.close()

    @property
    def _media(self) -> MediaControl:
        if self._attached is None:
            raise RuntimeError("media is not attached")
        return self._attached[0]

    @property
    def _director(self) -> Director:
        if self._attached is None:
            raise RuntimeError("media is not attached")
        return self._attached[1]

    # Reading

    async def find(self, member: Member | None, broadcast_id: str) -> Broadcast:
        """Raise NotFound, or Unauthenticated for visitors, unless it exists and the caller may see it."""
        return self._require_seen(await self._registry.load(broadcast_id), member)

    async def find_now(self, member: Member | None, broadcast_id: str) -> Broadcast:
        """As `find`, on what is remembered for some seconds: for what is asked thousands of times a second."""
        return self._require_seen(await self.access.recall(broadcast_id), member)

    async def present(self, ids: Iterable[str]) -> list[Broadcast]:
        """As the database has them now, for what the server does in nobody's name."""
        return await self._registry.by_ids(ids)

    async def on_air(self) -> list[Broadcast]:
        """All that are on air now, interrupted ones too; for what the server does in nobody's name."""
        return await self._registry.in_states(ON_AIR)

    async def find_ready(self, member: Member | None, broadcast_id: str, check: Callable[[Broadcast], None]) -> Broadcast:
        """As `find_now`, if `check` does not raise. Before what is remembered refuses anybody, it is looked at anew: the
        broadcast may just have gone on air."""
        try:
            broadcast = await self.find_now(member, broadcast_id)
            check(broadcast)
        except AppError:
            broadcast = await self.find(member, broadcast_id)
            check(broadcast)
        return broadcast

    async def page(
        self,
        member: Member | None,
        *,
        states: frozenset[State],
        mine: bool,
        published: bool = False,
        overdue: bool = True,
        after: str | None,
        limit: int,
    ) -> tuple[list[Broadcast], str | None]:
        """Those the caller may see. `mine`: those he or she is named in; `published`: those with a published replay; without
        `overdue`: none that never went on air and whose time is long past."""
        if mine and member is None:
            raise refused(member)
        scope = Scope(
            visibilities=open_to(member, allow_public=self.settings.allow_public),
            member_id=member.id if member else None,
            everything=is_moderator(member),
        )
        ends_since = None if overdue else self._clock.now() - self.settings.overdue_after
        wanted = Wanted(states=states, mine=mine, published=published, ends_since=ends_since)
        return await self._registry.page(scope, wanted, after=after, limit=limit)

    async def hosts(self, q: str) -> list[Person]:
        """Red hosts by a part of their name, to pick co-hosts from. Mobiles are none of a host's business, so not searched."""
        found = await self._identity.find_people(role=Role.RED_HOST, limit=1000)
        return [person for person in found if q.strip().casefold() in person.name.casefold()][:_HOSTS_SHOWN]

    async def name_of(self, member_id: str) -> str:
        people = await self._identity.people([member_id])
        return people[member_id].name if member_id in people else ""

    def now(self) -> datetime:
        return self._clock.now()

    async def status(self, member: Member, broadcast_id: str) -> tuple[StreamStatus | None, Person | None, int]:
        """What is being received now, from whom, and how many watch; for host and co-hosts."""
        self._require_sender(await self.find(member, broadcast_id), member)
        status = self._media.status(broadcast_id)
        sender = status.publisher_id if status else None
        people = await self._identity.people([sender]) if sender else {}
        return status, people.get(sender or ""), self.viewers(broadcast_id)

    def viewers(self, broadcast_id: str) -> int:
        """People in its room now."""
        return self._audience.count(broadcast_id)

    async def note_viewers(self, session: Session, most: Mapping[str, int]) -> None:
        """The most people at once that rooms have had, in the caller's transaction; kept where it is more than ever."""
        await store.raise_peaks(session, most)

    # Before the air

    async def schedule(self, member: Member, plan: Plan) -> Broadcast:
        """Raise Conflict `public_off`, Unprocessable `co_host_unknown`. The caller, a red host, becomes the host."""
        self._check_public(plan.visibility)
        await self._check_hosts(plan.co_hosts)
        broadcast = model.schedule(plan, broadcast_id=new_id(), host_id=member.id, now=self._clock.now())
        await self._registry.add(broadcast)
        log.info("broadcast_scheduled", broadcast_id=broadcast.id, by=member.id, visibility=plan.visibility.value)
        return broadcast

    async def edit(self, member: Member, broadcast_id: str, changes: Changes) -> Broadcast:
        """Raise Conflict `public_off`, `on_air`, `broadcast_over`; Unprocessable `co_host_unknown`."""
        before = await self.find(member, broadcast_id)
        self._require_host(before, member)
        if "visibility" in changes and changes["visibility"] is not before.visibility:
            self._check_public(changes["visibility"])
        if "co_hosts" in changes:
            await self._check_hosts([each for each in changes["co_hosts"] if before.publisher(each) is None])

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_host(broadcast, member)
            return model.edit(broadcast, changes)

        after = await self._change(member, broadcast_id, decide)
        log.info("broadcast_edited", broadcast_id=broadcast_id, by=member.id, fields=sorted(changes))
        return after

    async def keep_order(self, member: Member, broadcast_id: str, order: Order) -> Broadcast:
        """By whoever sends it and by moderators, on air too. Raise Conflict `broadcast_over`, Forbidden `keeper_needed`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            if not rights(broadcast, member).insider:
                raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以管理直播间")
            return model.keep_order(broadcast, order)

        after = await self._change(member, broadcast_id, decide)
        log.info("room_order_kept", broadcast_id=broadcast_id, by=member.id, **order)
        return after

    async def cancel(self, member: Member, broadcast_id: str) -> Broadcast:
        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_host(broadcast, member)
            return model.cancel(broadcast, self._clock.now())

        return await self._settled(member, broadcast_id, decide, "broadcast_cancelled")

    async def renew_token(self, member: Member, broadcast_id: str) -> Broadcast:
        """Make the caller's own token void; whoever is sending with it is sent away."""

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_sender(broadcast, member)
            return model.renew_token(broadcast, member.id)

        after = await self._change(member, broadcast_id, decide)
        await self._director.send_away(broadcast_id, member.id)
        log.info("publish_token_renewed", broadcast_id=broadcast_id, by=member.id)
        return after

    # On air

    async def go_live(self, member: Member, broadcast_id: str) -> Broadcast:
        """Media that is just about to arrive is waited for. Raise Conflict `nothing_received`, `broadcast_over`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_sender(broadcast, member)
            status = self._media.status(broadcast_id)
            receiving = status is not None and status.publishing
            return model.go_live(broadcast, self._clock.now(), receiving=receiving)

        try:
            return await self._settled(member, broadcast_id, decide, "broadcast_live")
        except Conflict as refusal:
            if refusal.code != "nothing_received":
                raise
        await self._director.media_arrives(broadcast_id)
        return await self._settled(member, broadcast_id, decide, "broadcast_live")

    async def end(self, member: Member, broadcast_id: str) -> Broadcast:
        """By the host or a co-host: who may put it on air may take it off. Raise Conflict `not_on_air`, `broadcast_over`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_sender(broadcast, member)
            return model.end(broadcast, self._clock.now())

        return await self._settled(member, broadcast_id, decide, "broadcast_ended")

    async def cut_off(self, member: Member, broadcast_id: str, reason: str) -> Broadcast:
        """By a moderator, at once. Raise Conflict `not_on_air`, `broadcast_over`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            if not rights(broadcast, member).moderate:
                raise Forbidden("moderator_needed", "只有审核员、党委书记或管理员可以中止直播")
            return model.cut_off(broadcast, self._clock.now(), by=member.id, reason=reason)

        return await self._settled(member, broadcast_id, decide, "broadcast_cut_off")

    # Afterwards

    async def set_replay(self, member: Member, broadcast_id: str, *, published: bool, download: bool) -> Broadcast:
        """Raise Conflict `cut_off`, `replay_not_ready`, `no_recording`, `recording_discarded`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_host(broadcast, member)
            return model.set_replay(broadcast, self._clock.now(), published=published, download=download)

        after = await self._change(member, broadcast_id, decide, along=self._replay_set(member))
        log.info("replay_set", broadcast_id=broadcast_id, by=member.id, published=published, download=download)
        return after

    async def discard_recording(self, member: Member, broadcast_id: str) -> Broadcast:
        """Throw the recording away for good. The row is changed first, so that from then on nobody is shown anything; the files
        follow at once, or by the director's next round. Raise Conflict `replay_not_ready`, `no_recording`."""

        def decide(broadcast: Broadcast) -> Broadcast:
            if not may_discard(broadcast, member):
                if rights(broadcast, member).manage:
                    raise Forbidden("moderator_needed", "被中止的直播，录像由管理人员留存，主播不能删除")
                raise Forbidden("host_needed", "只有这场直播的主播和管理人员可以删除录像")
            return model.discard_recording(broadcast, self._clock.now(), by=member.id)

        return await self._settled(member, broadcast_id, decide, "recording_discarded", along=self._replay_set(member))

    async def download(self, broadcast: Broadcast, member: Member | None, *, start: bool = False) -> Download:
        """How far the MP4 is; `start` has it made. Raise Conflict `download_off`, `no_recording`, `recording_discarded`."""
        if not may_download(broadcast, member, self.settings):
            if broadcast.recording in THROWN_AWAY:
                raise Conflict("recording_discarded", "这场直播的录像已经删除，不能下载")
            if rights(broadcast, member).publish:
                raise Conflict("no_recording", "录像尚未就绪，暂时不能下载")
            raise Conflict("download_off", "主播没有开放下载")
        if start:
            return await self._media.start_download(broadcast.id)
        return await self._media.download(broadcast.id)

    # Poster

    async def require_host(self, member: Member, broadcast_id: str) -> None:
        """Raise as every use case of the host does; before a large body is read."""
        self._require_host(await self.find(member, broadcast_id), member)

    async def set_poster(self, member: Member, broadcast_id: str, data: bytes | None) -> Broadcast:
        """Keep a new picture, or none. Raise as `Posters.keep` does."""
        self._require_host(await self.find(member, broadcast_id), member)
        name = await self.posters.keep(broadcast_id, data) if data is not None else None
        before: list[str | None] = []

        def decide(broadcast: Broadcast) -> Broadcast:
            self._require_host(broadcast, member)
            before.append(broadcast.poster)
            return replace(broadcast, poster=name)

        after = await self._change(member, broadcast_id, decide)
        if before[-1] is not None and before[-1] != name:
            await self.posters.drop(broadcast_id, before[-1])
        return after

    async def poster(self, member: Member | None, broadcast_id: str) -> tuple[Path, str]:
        """The file and the name of its content. Raise NotFound without one."""
        broadcast = await self.find(member, broadcast_id)
        if broadcast.poster is None:
            raise NotFound("poster_not_found", "这场直播没有封面")
        return self.posters.path(broadcast_id, broadcast.poster), broadcast.poster

    # Inside

    def _replay_set(self, member: Member) -> Along | None:
        if (hosting := self._hosting) is None:
            return None

        async def along(session: Session, after: Broadcast) -> None:
            await hosting.replay_set(session, after, member)

        return along

    async def _change(self, member: Member, broadcast_id: str, decide: Decide, *, along: Along | None = None) -> Broadcast:
        def seen(broadcast: Broadcast) -> Broadcast:
            return decide(self._require_seen(broadcast, member))

        return self._require_seen(await self._registry.change(broadcast_id, seen, along=along), member)

    async def _settled(
        self, member: Member, broadcast_id: str, decide: Decide, event: str, *, along: Along | None = None
    ) -> Broadcast:
        """Change, make media agree, and answer the broadcast as it is then."""
        after = await self._change(member, broadcast_id, decide, along=along)
        log.info(event, broadcast_id=broadcast_id, by=member.id)
        await self._director.settle(broadcast_id)
        return await self._registry.load(broadcast_id) or after

    def _require_seen(self, broadcast: Broadcast | None, member: Member | None) -> Broadcast:
        if broadcast is None or not may_see(broadcast, member, allow_public=self.settings.allow_public):
            raise refused(member)
        return broadcast

    def _require_host(self, broadcast: Broadcast, member: Member) -> None:
        if not rights(broadcast, member).manage:
            raise Forbidden("host_needed", "只有这场直播的主播可以操作")

    def _require_sender(self, broadcast: Broadcast, member: Member) -> None:
        if not rights(broadcast, member).publish:
            raise Forbidden("host_needed", "只有这场直播的主播和联合主播可以操作")

    def _check_public(self, visibility: Visibility) -> None:
        if visibility is Visibility.PUBLIC and not self.settings.allow_public:
            raise Conflict("public_off", "本系统未开放面向公众的直播，请选择仅党员或员工可见")

    async def _check_hosts(self, ids: Sequence[str]) -> None:
        people = await self._identity.people(ids) if ids else {}
        known = [people[each] for each in ids if each in people]
        if len(known) < len(ids) or any(each.disabled or Role.RED_HOST not in each.roles for each in known):
            raise Unprocessable("co_host_unknown", "联合主播须是在册的红色主播")
