"""How a broadcast looks to one person: the same row, but a rehearsal, a token or a withheld replay only to those concerned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from ..core.clock import Clock
from ..identity import Identity, Member, Person
from ..media import StreamStatus
from .limits import BroadcastSettings
from .links import Links, download_path, live_path, poster_path, replay_path
from .media_control import Download
from .model import ON_AIR, OVER, THROWN_AWAY, Broadcast, Recording, State, Visibility
from .tokens import PublishToken, PublishTokens, token_expiry
from .visibility import Rights, may_discard, may_download, may_watch_live, may_watch_replay, rights, shown_state
from .wire import (
    BroadcastOut,
    CanOut,
    DiscardedBy,
    DownloadOut,
    DownloadState,
    IceServerOut,
    PersonOut,
    PlaybackOut,
    ReplayOut,
    ReplayState,
    StatusOut,
    TracksOut,
    WhipOut,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DOWNLOAD_STATE: TypeAdapter[DownloadState] = TypeAdapter(DownloadState)
LICENCE_WARNING = (
    "向公众开放的时政、社会团体类活动直播须持有《信息网络传播视听节目许可证》，并完成 ICP 备案与公安联网备案；"
    "没有资质时，请改为仅党员或员工可见，或转由持证平台播出。"
)


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    state: DownloadState = "none"
    progress: float = 0.0


def progress_of(download: Download) -> DownloadProgress:
    return DownloadProgress(_DOWNLOAD_STATE.validate_python(download.state), min(max(download.progress, 0.0), 1.0))


class Views:
    def __init__(
        self,
        identity: Identity,
        viewers: Callable[[str], int],
        tokens: PublishTokens,
        settings: BroadcastSettings,
        clock: Clock,
    ) -> None:
        self._identity, self._viewers, self._tokens = identity, viewers, tokens
        self._settings, self._clock = settings, clock

    async def many(self, broadcasts: Sequence[Broadcast], member: Member | None, links: Links) -> list[BroadcastOut]:
        """As in lists: without tokens and without the progress of downloads."""
        names = await self._names(broadcasts)
        return [self._view(each, member, links, names, DownloadProgress()) for each in broadcasts]

    async def one(
        self,
        broadcast: Broadcast,
        member: Member | None,
        links: Links,
        *,
        ticket: str | None = None,
        download: DownloadProgress | None = None,
    ) -> BroadcastOut:
        """With the publish token for those who send, and `ticket` for players that lose cookies."""
        view = self._view(broadcast, member, links, await self._names([broadcast]), download or DownloadProgress())
        if view.playback is not None:
            view.playback.token = ticket
        if view.can.publish and member is not None and broadcast.state not in OVER:
            view.whip = self._whip(broadcast, member, links)
        return view

    def status(self, status: StreamStatus | None, sender: Person | None, viewers: int) -> StatusOut:
        """What the studio shows; a stream that is not open looks like one that nobody sends to."""
        now = self._clock.now()
        if status is None:
            return StatusOut(viewers=viewers, server_time=now)
        at = status.last_media_at
        return StatusOut(
            publishing=status.publishing,
            publisher=PersonOut(id=sender.id, name=sender.name) if sender else None,
            tracks=TracksOut(video=status.tracks.video, audio=status.tracks.audio) if status.tracks else None,
            width=status.width,
            height=status.height,
            frame_rate=status.frame_rate,
            bitrate=status.bitrate,
            loss=status.loss,
            publishing_fault=status.publishing_fault,
            recording=status.recording,
            recording_fault=status.recording_fault,
            last_media_at=EPOCH + timedelta(microseconds=at) if at is not None else None,
            viewers=viewers,
            server_time=now,
        )

    async def _names(self, broadcasts: Sequence[Broadcast]) -> dict[str, str]:
        ids = {publisher.member_id for broadcast in broadcasts for publisher in broadcast.publishers}
        return {person.id: person.name for person in (await self._identity.people(ids)).values()} if ids else {}

    def _whip(self, broadcast: Broadcast, member: Member, links: Links) -> WhipOut | None:
        if (publisher := broadcast.publisher(member.id)) is None:
            return None
        expires_at = token_expiry(broadcast.planned_end, self._settings.token_grace, self._clock.now())
        token = self._tokens.issue(broadcast.id, PublishToken(member.id, publisher.token_version, expires_at))
        ice = [
            IceServerOut(urls=each.url, username=each.username, credential=each.credential)
            for each in self._settings.ice_servers
        ]
        return WhipOut(url=links.whip(broadcast.id), token=token, expires_at=expires_at, ice_servers=ice)

    def _view(
        self,
        broadcast: Broadcast,
        member: Member | None,
        links: Links,
        names: dict[str, str],
        download: DownloadProgress,
    ) -> BroadcastOut:
        now, held = self._clock.now(), rights(broadcast, member)
        people = [PersonOut(id=each.member_id, name=names.get(each.member_id, "")) for each in broadcast.publishers]
        on_air, over = broadcast.state in ON_AIR, broadcast.state in OVER
        plays = broadcast.state is not State.ENDED and may_watch_live(broadcast, member, now, self._settings)
        public = broadcast.visibility is Visibility.PUBLIC
        return BroadcastOut(
            id=broadcast.id,
            title=broadcast.title,
            intro=broadcast.intro,
            starts_at=broadcast.starts_at,
            minutes_planned=broadcast.minutes_planned,
            visibility=broadcast.visibility,
            comment_mode=broadcast.comment_mode,
            orientation=broadcast.orientation,
            muted=broadcast.muted,
            slow_seconds=broadcast.slow_seconds,
            visitors_comment=broadcast.visitors_comment,
            state=shown_state(broadcast, held),
            host=people[0],
            co_hosts=people[1:],
            live_at=broadcast.live_at,
            interrupted_at=broadcast.interrupted_at,
            ended_at=broadcast.ended_at,
            overdue=broadcast.overdue(now, self._settings.overdue_after),
            cut_off_reason=broadcast.cut_off_reason if held.insider else None,
            poster_url=poster_path(broadcast.id, broadcast.poster) if broadcast.poster else None,
            link=links.room(broadcast.id),
            viewers=self._viewers(broadcast.id) if on_air else 0,
            peak_viewers=broadcast.peak_viewers if over and held.insider else None,
            can=CanOut(
                manage=held.manage,
                publish=held.publish,
                moderate=held.moderate,
                discard=broadcast.recording is Recording.SEALED and may_discard(broadcast, member),
            ),
            playback=PlaybackOut(hls=live_path(broadcast.id)) if plays else None,
            replay=self._replay(broadcast, member, held, download),
            whip=None,
            warnings=[LICENCE_WARNING] if public and held.manage else [],
            server_time=now,
        )

    def _replay(self, broadcast: Broadcast, member: Member | None, held: Rights, download: DownloadProgress) -> ReplayOut:
        watches = may_watch_replay(broadcast, member, self._settings)
        allowed = may_download(broadcast, member, self._settings)
        ready = allowed and download.state == "ready"
        state = _replay_state(broadcast, held)
        discarded = state == "discarded"
        return ReplayOut(
            state=state,
            hls=replay_path(broadcast.id) if watches else None,
            duration=broadcast.recorded_seconds if watches else None,
            size=broadcast.recorded_bytes if watches else None,
            has_video=broadcast.recorded_video if watches else None,
            discarded_at=broadcast.discarded_at if discarded else None,
            discarded_by=_discarded_by(broadcast) if discarded else None,
            download=DownloadOut(
                allowed=allowed,
                offered=broadcast.download_allowed,
                state=download.state if allowed else "none",
                progress=download.progress if allowed else 0.0,
                url=download_path(broadcast.id) if ready else None,
            ),
        )


def _replay_state(broadcast: Broadcast, held: Rights) -> ReplayState:
    if broadcast.recording is Recording.NONE or (broadcast.state is State.CUT_OFF and not held.moderate):
        return "none"
    if broadcast.recording in THROWN_AWAY:
        return "discarded"
    if broadcast.recording is Recording.PREPARING:
        return "preparing"
    return "published" if broadcast.replay_published else "withheld"


def _discarded_by(broadcast: Broadcast) -> DiscardedBy:
    return "host" if broadcast.discarded_by == broadcast.host_id else "moderator"
