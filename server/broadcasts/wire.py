"""What goes over the wire. Requests forbid fields they do not know; texts are trimmed, in NFC and free of controls."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from ..core.clock import rfc3339
from ..core.http import PageQuery
from ..core.wire import In
from .limits import MAX_CO_HOSTS, MAX_INTRO, MAX_MINUTES, MAX_REASON, MAX_SLOW, MAX_TITLE
from .model import CommentMode, Orientation, State, Visibility

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _lines(text: str) -> str:
    """Paragraphs stay; trailing blanks go."""
    return "\n".join(line.rstrip() for line in _clean(text).splitlines()).strip()


def _clean(text: str) -> str:
    """Control and formatting characters can hide or turn round what is read; joiners of scripts and emoji stay."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    kept = ("\n", "\u200d", "\u200c")
    return "".join(each for each in plain if each in kept or unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co"))


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _sane(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("must lie between the years 2000 and 2100")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def _at_most(most: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"must have at most {most} characters")
        return text

    return AfterValidator(check)


_RAW = Field(max_length=4 * MAX_INTRO)  # before cleaning, so that cleaning is never fed a novel
Title = Annotated[str, _RAW, AfterValidator(_line), AfterValidator(_not_empty), _at_most(MAX_TITLE)]
Intro = Annotated[str, _RAW, AfterValidator(_lines), _at_most(MAX_INTRO)]
Reason = Annotated[str, _RAW, AfterValidator(_line), AfterValidator(_not_empty), _at_most(MAX_REASON)]
StartsAt = Annotated[AwareDatetime, AfterValidator(_sane)]
Minutes = Annotated[int, Field(ge=5, le=MAX_MINUTES)]
CoHosts = Annotated[list[Annotated[str, Field(max_length=36)]], Field(max_length=MAX_CO_HOSTS)]
Time = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, "serialization"),
]


ReplayState = Literal["none", "preparing", "withheld", "published", "discarded"]
DiscardedBy = Literal["host", "moderator"]
DownloadState = Literal["none", "preparing", "ready", "failed"]


class BroadcastIn(In):
    title: Title
    starts_at: StartsAt
    visibility: Visibility
    comment_mode: CommentMode
    intro: Intro = ""
    minutes_planned: Minutes = 60
    orientation: Orientation = Orientation.LANDSCAPE
    co_hosts: CoHosts = []


class BroadcastPatch(In):
    """Only the fields given are changed; null counts as not given."""

    title: Title | None = None
    starts_at: StartsAt | None = None
    visibility: Visibility | None = None
    comment_mode: CommentMode | None = None
    intro: Intro | None = None
    minutes_planned: Minutes | None = None
    orientation: Orientation | None = None
    co_hosts: CoHosts | None = None


class RoomPatch(In):
    """How the room is kept in order. Only the fields given are changed; null counts as not given."""

    comment_mode: CommentMode | None = None
    muted: bool | None = Field(default=None, description="Only hosts, moderators and secretaries may write.")
    slow_seconds: int | None = Field(
        default=None, ge=0, le=MAX_SLOW, description="Seconds between two comments of one person; 0 for no bound."
    )
    visitors_comment: bool | None = Field(
        default=None, description="Visitors of a public broadcast may write; what they write is reviewed first."
    )


class CutOffIn(In):
    reason: Reason


class ReplayIn(In):
    published: bool
    download: bool = False


class ListQuery(PageQuery):
    state: str = Field(default="", max_length=100, description="One or several states, separated by commas; all if absent.")
    mine: bool = Field(default=False, description="Only those the caller hosts or co-hosts.")
    replay: Literal["", "published"] = Field(default="", description="`published`: only those whose replay is published.")
    overdue: bool = Field(default=True, description="`false`: without those that are overdue, as a list of what is to come is.")


class HostsQuery(In):
    q: str = Field(default="", max_length=40, description="A part of the name.")


class PersonOut(BaseModel):
    id: str
    name: str


class CanOut(BaseModel):
    manage: bool = Field(description="Edit, cancel, publish the replay.")
    publish: bool = Field(description="Send, go on air, end.")
    moderate: bool = Field(description="Cut off.")
    discard: bool = Field(description="Throw away the recording that there is.")


class PlaybackOut(BaseModel):
    hls: str = Field(description="Multivariant playlist. The answer to reading one broadcast also sets the cookie it needs.")
    token: str | None = Field(default=None, description="For players that lose cookies: append `?token=…`. Ten minutes.")


class DownloadOut(BaseModel):
    """The replay as one MP4 file, made when somebody first asks for it."""

    allowed: bool = Field(description="Whether the caller may have it.")
    offered: bool = Field(description="Whether the host lets everybody who may watch have it.")
    state: DownloadState
    progress: float = Field(ge=0, le=1)
    url: str | None


class DownloadStatusOut(BaseModel):
    state: DownloadState
    progress: float = Field(ge=0, le=1)
    url: str | None


class ReplayOut(BaseModel):
    state: ReplayState
    hls: str | None
    duration: float | None = Field(description="Seconds.")
    size: int | None = Field(description="Bytes.")
    has_video: bool | None
    discarded_at: Time | None
    discarded_by: DiscardedBy | None
    download: DownloadOut


class IceServerOut(BaseModel):
    """As WebRTC's `RTCIceServer`. A relay (TURN) has user and password."""

    urls: str
    username: str | None
    credential: str | None


class WhipOut(BaseModel):
    url: str
    token: str
    expires_at: Time
    ice_servers: list[IceServerOut] = Field(description="For the connection of whoever sends, from the first attempt on.")


class BroadcastOut(BaseModel):
    id: str
    title: str
    intro: str
    starts_at: Time
    minutes_planned: int
    visibility: Visibility
    comment_mode: CommentMode
    orientation: Orientation
    muted: bool = Field(description="Only hosts, moderators and secretaries may write.")
    slow_seconds: int = Field(description="Between two comments of one person; 0 for no bound.")
    visitors_comment: bool = Field(description="Visitors may write; what they write is reviewed first.")
    state: State
    host: PersonOut
    co_hosts: list[PersonOut]
    live_at: Time | None
    interrupted_at: Time | None
    ended_at: Time | None
    overdue: bool = Field(description="Never went on air, and its planned end is more than an hour ago. It may still begin.")
    cut_off_reason: str | None
    poster_url: str | None
    link: str
    viewers: int = Field(description="People in its room now.")
    peak_viewers: int | None = Field(description="The most at once on air; told to those who send, once it is over.")
    can: CanOut
    playback: PlaybackOut | None
    replay: ReplayOut
    whip: WhipOut | None = Field(description="To those who send, while it can be sent to; never in lists.")
    warnings: list[str] = Field(description="For the host to read, in Chinese.")
    server_time: Time


class TracksOut(BaseModel):
    video: bool
    audio: bool


class StatusOut(BaseModel):
    """What the studio shows."""

    publishing: bool = False
    publisher: PersonOut | None = None
    tracks: TracksOut | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    bitrate: int = Field(default=0, description="Bits per second, over the last two seconds.")
    loss: float = Field(default=0.0, description="Share of video packets lost before retransmission, 0…1.")
    publishing_fault: str | None = Field(
        default=None,
        description="too_much (more than the server takes of one stream), failed: the server has ended the last publisher.",
    )
    recording: bool = False
    recording_fault: str | None = Field(
        default=None, description="disk_full, folder_unwritable, …: recording has stopped, the stream goes on."
    )
    last_media_at: Time | None = None
    viewers: int
    server_time: Time


class HostOut(BaseModel):
    id: str
    name: str
    branch: str | None


class HostsOut(BaseModel):
    items: list[HostOut]
