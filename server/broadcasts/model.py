"""A broadcast and the rules of its life. Every action is a pure function: it refuses, or gives the broadcast as it
is afterwards.

    scheduled ⇄ rehearsal → live ⇄ interrupted → ended | cut_off        scheduled | rehearsal → cancelled

Rehearsal means that the publisher is sending but is not on air. What media reports never fails: a report that comes late, or
twice, changes nothing. What people ask for is answered the same the second time, and refused with a reason where it cannot be.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict

from ..core.errors import Conflict


class State(enum.StrEnum):
    SCHEDULED = "scheduled"
    REHEARSAL = "rehearsal"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    CUT_OFF = "cut_off"
    CANCELLED = "cancelled"


class Visibility(enum.StrEnum):
    MEMBERS = "members"
    EMPLOYEES = "employees"
    PUBLIC = "public"


class CommentMode(enum.StrEnum):
    POST_MODERATED = "post_moderated"
    PRE_MODERATED = "pre_moderated"
    OFF = "off"


class Orientation(enum.StrEnum):
    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


class Recording(enum.StrEnum):
    """What there is of the recording once the broadcast is over."""

    NONE = "none"
    PREPARING = "preparing"
    SEALED = "sealed"
    DISCARDING = "discarding"  # thrown away for good; its files are still being removed
    DISCARDED = "discarded"


BEFORE_AIR = frozenset({State.SCHEDULED, State.REHEARSAL})
ON_AIR = frozenset({State.LIVE, State.INTERRUPTED})
OVER = frozenset({State.ENDED, State.CUT_OFF, State.CANCELLED})
THROWN_AWAY = frozenset({Recording.DISCARDING, Recording.DISCARDED})


@dataclass(frozen=True, slots=True)
class Publisher:
    """The host (first) or a named co-host. A token is good only with the present version."""

    member_id: str
    token_version: int


@dataclass(frozen=True, slots=True)
class Broadcast:
    id: str
    title: str
    intro: str
    starts_at: datetime
    minutes_planned: int
    visibility: Visibility
    comment_mode: CommentMode
    orientation: Orientation
    publishers: tuple[Publisher, ...]  # the host first
    created_at: datetime
    state: State = State.SCHEDULED
    live_at: datetime | None = None
    interrupted_at: datetime | None = None
    ended_at: datetime | None = None
    cut_off_reason: str | None = None
    cut_off_by: str | None = None
    publisher_id: str | None = None
    peak_viewers: int = 0  # the most people in its room at once while on air; grows in the database alone
    revision: int = 0
    token_count: int = 0
    recording: Recording = Recording.NONE
    recorded_seconds: float | None = None
    recorded_bytes: int | None = None
    recorded_video: bool | None = None
    discarded_at: datetime | None = None
    discarded_by: str | None = None
    replay_published: bool = False
    replay_published_at: datetime | None = None
    download_allowed: bool = False
    poster: str | None = None
    muted: bool = False  # only those who keep the room may write
    slow_seconds: int = 0  # between two comments of one person; 0 for no such bound
    purged_at: datetime | None = None  # when what was said and done in its room was deleted
    visitors_comment: bool = False  # visitors of a public broadcast may write, each of them held for review

    @property
    def host_id(self) -> str:
        return self.publishers[0].member_id

    @property
    def planned_end(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes_planned)

    def overdue(self, now: datetime, grace: timedelta) -> bool:
        """Whether it never went on air and its planned end is longer ago than `grace`. Only a word for lists: it can still be
        edited, cancelled and put on air. The clock alone decides; that somebody rehearses is nobody else's affair."""
        return self.state in BEFORE_AIR and self.planned_end + grace < now

    def publisher(self, member_id: str) -> Publisher | None:
        """The named sender with that id, host or co-host."""
        return next((publisher for publisher in self.publishers if publisher.member_id == member_id), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host says of a broadcast to be."""

    title: str
    intro: str
    starts_at: datetime
    minutes_planned: int
    visibility: Visibility
    comment_mode: CommentMode
    orientation: Orientation
    co_hosts: Sequence[str] = ()


class Changes(TypedDict, total=False):
    """What a host may edit. Only the keys given are changed."""

    title: str
    intro: str
    starts_at: datetime
    minutes_planned: int
    visibility: Visibility
    comment_mode: CommentMode
    orientation: Orientation
    co_hosts: Sequence[str]


class Order(TypedDict, total=False):
    """How a room is kept in order; only the keys given are changed, at any time until the broadcast is over."""

    comment_mode: CommentMode
    muted: bool
    slow_seconds: int
    visitors_comment: bool


def schedule(plan: Plan, *, broadcast_id: str, host_id: str, now: datetime) -> Broadcast:
    empty = Broadcast(
        id=broadcast_id,
        title=plan.title,
        intro=plan.intro,
        starts_at=plan.starts_at,
        minutes_planned=plan.minutes_planned,
        visibility=plan.visibility,
        comment_mode=plan.comment_mode,
        orientation=plan.orientation,
        publishers=(),
        created_at=now,
    )
    return name_publishers(empty, host_id, plan.co_hosts)


def name_publishers(broadcast: Broadcast, host_id: str, co_hosts: Sequence[str]) -> Broadcast:
    """Set who may send. Whoever stays keeps the token; whoever comes (again) gets a version never given before."""
    wanted = list(dict.fromkeys([host_id, *co_hosts]))
    count = broadcast.token_count
    publishers: list[Publisher] = []
    for member_id in wanted:
        known = broadcast.publisher(member_id)
        if known is None:
            count += 1
        publishers.append(known or Publisher(member_id, count))
    return replace(broadcast, publishers=tuple(publishers), token_count=count)


def edit(broadcast: Broadcast, changes: Changes) -> Broadcast:
    """Apply what really differs. Raise Conflict `broadcast_over`, or `on_air` for more than the words in mid-air."""
    plain = {name: value for name, value in changes.items() if name != "co_hosts"}
    edited = replace(broadcast, **plain)  # type: ignore[arg-type]  # the keys of Changes are fields of Broadcast
    if "co_hosts" in changes:
        edited = name_publishers(edited, broadcast.host_id, changes["co_hosts"])
    if edited == broadcast:
        return broadcast
    if broadcast.state in OVER:
        raise refuse_over(broadcast)
    spoken = replace(broadcast, title=edited.title, intro=edited.intro)
    if broadcast.state in ON_AIR and edited != spoken:
        raise Conflict("on_air", "直播进行中只能修改标题和简介")
    return replace(edited, revision=broadcast.revision + 1)


def keep_order(broadcast: Broadcast, order: Order) -> Broadcast:
    """Raise Conflict `broadcast_over`. It counts as no edit: a calendar says nothing of it."""
    kept = replace(broadcast, **order)
    if kept != broadcast and broadcast.state in OVER:
        raise refuse_over(broadcast)
    return kept


def renew_token(broadcast: Broadcast, member_id: str) -> Broadcast:
    """Make the present token of one sender void. Raise Conflict `broadcast_over` when there is nothing left to send to."""
    if broadcast.state in OVER:
        raise refuse_over(broadcast)
    count = broadcast.token_count + 1
    publishers = tuple(
        Publisher(member_id, count) if publisher.member_id == member_id else publisher for publisher in broadcast.publishers
    )
    return replace(broadcast, publishers=publishers, token_count=count)


def media_started(broadcast: Broadcast, publisher_id: str | None) -> Broadcast:
    """The first media of a publishing session has come."""
    if broadcast.state in OVER:
        return broadcast
    sender = publisher_id or broadcast.publisher_id
    if broadcast.state in BEFORE_AIR:
        return replace(broadcast, state=State.REHEARSAL, publisher_id=sender)
    return replace(broadcast, state=State.LIVE, interrupted_at=None, publisher_id=sender)


def media_lost(broadcast: Broadcast, now: datetime) -> Broadcast:
    """The publisher has left or fallen silent. The same is true of every publisher when the process starts."""
    if broadcast.state is State.REHEARSAL:
        return replace(broadcast, state=State.SCHEDULED)
    if broadcast.state is State.LIVE:
        return replace(broadcast, state=State.INTERRUPTED, interrupted_at=now)
    return broadcast


def go_live(broadcast: Broadcast, now: datetime, *, receiving: bool) -> Broadcast:
    """Raise Conflict `nothing_received` without media, `broadcast_over` when it is too late."""
    if broadcast.state in OVER:
        raise refuse_over(broadcast)
    if broadcast.state in ON_AIR:
        return broadcast
    if broadcast.state is not State.REHEARSAL or not receiving:
        raise Conflict("nothing_received", "还没有收到画面或声音，请先开始推流再开播")
    return replace(broadcast, state=State.LIVE, live_at=now)


def end(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Raise Conflict `not_on_air` before, `broadcast_over` when it was cut off or cancelled."""
    if broadcast.state is State.ENDED:
        return broadcast
    _require_on_air(broadcast)
    return _close(broadcast, State.ENDED, now)


def give_up(broadcast: Broadcast, now: datetime, limit: timedelta) -> Broadcast:
    """End a broadcast that has been interrupted for `limit` or longer; otherwise nothing."""
    since = broadcast.interrupted_at
    if broadcast.state is not State.INTERRUPTED or since is None or now - since < limit:
        return broadcast
    return _close(broadcast, State.ENDED, now)


def cut_off(broadcast: Broadcast, now: datetime, *, by: str, reason: str) -> Broadcast:
    """A moderator stops it. The first reason stays. Raise Conflict as `end` does."""
    if broadcast.state is State.CUT_OFF:
        return broadcast
    _require_on_air(broadcast)
    return replace(_close(broadcast, State.CUT_OFF, now), cut_off_by=by, cut_off_reason=reason)


def cancel(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Raise Conflict `on_air` in mid-air, `broadcast_over` afterwards."""
    if broadcast.state is State.CANCELLED:
        return broadcast
    if broadcast.state in ON_AIR:
        raise Conflict("on_air", "直播进行中不能取消，请结束直播")
    if broadcast.state in OVER:
        raise refuse_over(broadcast)
    return replace(broadcast, state=State.CANCELLED, ended_at=now, revision=broadcast.revision + 1)


def recording_sealed(broadcast: Broadcast, *, seconds: float, size: int, has_video: bool) -> Broadcast:
    """The recording is complete. `size` in bytes; nothing recorded (zero seconds) leaves no replay."""
    if broadcast.recording is not Recording.PREPARING:
        return broadcast
    if seconds <= 0:
        return replace(broadcast, recording=Recording.NONE)
    return replace(
        broadcast, recording=Recording.SEALED, recorded_seconds=seconds, recorded_bytes=size, recorded_video=has_video
    )


def set_replay(broadcast: Broadcast, now: datetime, *, published: bool, download: bool) -> Broadcast:
    """Publish or withdraw the replay. Raise Conflict `cut_off`, `replay_not_ready`, `no_recording` or `recording_discarded`."""
    if broadcast.state is State.CUT_OFF:
        raise Conflict("cut_off", "直播被中止，录像仅作留存，不能发布")
    if broadcast.state is not State.ENDED:
        raise Conflict("replay_not_ready", "直播结束后才能发布回看")
    if broadcast.recording is Recording.PREPARING:
        raise Conflict("replay_not_ready", "回看正在生成，请稍候")
    _require_recording(broadcast)
    since = (broadcast.replay_published_at if broadcast.replay_published else now) if published else None
    return replace(broadcast, replay_published=published, replay_published_at=since, download_allowed=download)


def discard_recording(broadcast: Broadcast, now: datetime, *, by: str) -> Broadcast:
    """Throw the recording away for good; its files go afterwards. Raise Conflict `replay_not_ready` or `no_recording`."""
    if broadcast.recording in THROWN_AWAY:
        return broadcast
    if broadcast.state not in OVER:
        raise Conflict("replay_not_ready", "直播结束后才能删除录像")
    if broadcast.recording is Recording.PREPARING:
        raise Conflict("replay_not_ready", "录像正在生成，请稍候再删除")
    _require_recording(broadcast)
    return replace(
        broadcast,
        recording=Recording.DISCARDING,
        discarded_at=now,
        discarded_by=by,
        replay_published=False,
        replay_published_at=None,
        download_allowed=False,
    )


def recording_removed(broadcast: Broadcast) -> Broadcast:
    """The files of a recording that was thrown away are gone."""
    if broadcast.recording is not Recording.DISCARDING:
        return broadcast
    return replace(broadcast, recording=Recording.DISCARDED)


def outlived(broadcast: Broadcast, now: datetime, *, keep: timedelta, with_replay: bool) -> bool:
    """Whether what was said in the room has to go: its time is over, and with `with_replay` no recording holds it."""
    if broadcast.state not in OVER or broadcast.ended_at is None or broadcast.purged_at is not None:
        return False
    held = with_replay and broadcast.recording not in (Recording.NONE, Recording.DISCARDED)
    return not held and now - broadcast.ended_at >= keep


def _require_recording(broadcast: Broadcast) -> None:
    if broadcast.recording in THROWN_AWAY:
        raise Conflict("recording_discarded", "这场直播的录像已经删除")
    if broadcast.recording is Recording.NONE:
        raise Conflict("no_recording", "这场直播没有录像")


def _close(broadcast: Broadcast, state: State, now: datetime) -> Broadcast:
    return replace(broadcast, state=state, ended_at=now, interrupted_at=None, recording=Recording.PREPARING)


def _require_on_air(broadcast: Broadcast) -> None:
    if broadcast.state in BEFORE_AIR:
        raise Conflict("not_on_air", "直播尚未开始")
    if broadcast.state in OVER:
        raise refuse_over(broadcast)


def refuse_over(broadcast: Broadcast) -> Conflict:
    """Why nothing can be done with a broadcast that is over, in words."""
    words = {
        State.ENDED: "这场直播已经结束",
        State.CUT_OFF: "这场直播已被中止",
        State.CANCELLED: "这场直播已经取消",
    }
    return Conflict("broadcast_over", words[broadcast.state])
