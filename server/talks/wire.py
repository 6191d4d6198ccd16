"""Talks over HTTP."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from ..core.moments import Moment
from ..core.wire import In
from ..media import IceServer
from .afterwards import Afterwards, hash_of
from .model import MOST_EXTENSIONS, NOTE_MOST, SUMMARY_MOST, ErasedBy, Reason, Side, SummaryState, TalkState
from .service import Figures, Shown


class TalkExtendIn(In):
    """`agree`: ask for ten minutes more, or agree to what the other asked; false declines, or takes back what one asked."""

    agree: bool


class TalkKeepingIn(In):
    """`nothing`: the caller wants nothing kept. When both do, and it is over, all of it is erased at once."""

    nothing: bool


class TalkRatingIn(In):
    stars: Annotated[int, Field(ge=1, le=5)]


class TalkWishIn(In):
    """`again`: the caller would like another talk."""

    again: bool


class TalkNoteIn(In):
    """In the place of the one before; an empty text is none. `due_on`: when the secretary wants to come back to it."""

    text: Annotated[str, Field(max_length=NOTE_MOST)]
    due_on: date | None = None
    done: bool = False


class TalkSummaryIn(In):
    text: Annotated[str, Field(max_length=SUMMARY_MOST)]


class TalkSummaryAgreeIn(In):
    """`hash`: that of the words the caller has read."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TalksQuery(In):
    """One of `due` and `again` at most."""

    after: Annotated[str | None, Field(max_length=36, description="The `next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    due: Annotated[bool, Field(description="The caller's notes that are to be followed up, the most pressing first.")] = False
    again: Annotated[bool, Field(description="Talks after which the member asked the caller for another.")] = False


class TalkPersonOut(BaseModel):
    id: str
    name: str


class TalkExtensionOut(BaseModel):
    """`asked_by`: who waits for an answer."""

    used: int
    most: int
    asked_by: Side | None


class TalkSummaryOut(BaseModel):
    """`text` and `hash` are null where there is none, or it cannot be opened any more."""

    state: SummaryState
    by: Side | None
    text: str | None
    hash: str | None


class TalkErasedOut(BaseModel):
    at: Moment
    by: ErasedBy


class TalkNoteOut(BaseModel):
    text: str
    due_on: date | None
    done: bool


class TalkOut(BaseModel):
    """A talk as one of the two meets it; `side` is the caller's, and `other` who is on the other. `note` is the secretary's
    alone; `stars` the member's; `again` both see. `server_time`: the server's clock at this answer."""

    id: str
    side: Side
    other: TalkPersonOut
    state: TalkState
    minutes: int
    begun_at: Moment
    opened_at: Moment | None
    ends_at: Moment | None
    ended_at: Moment | None
    reason: Reason | None
    extension: TalkExtensionOut
    keep_nothing: list[Side]
    erased: TalkErasedOut | None
    summary: TalkSummaryOut
    stars: int | None
    again: bool
    note: TalkNoteOut | None
    server_time: Moment

    @classmethod
    def of(cls, shown: Shown, afterwards: Afterwards, now: datetime) -> Self:
        talk, side = shown.talk, shown.side
        other, text, note = talk.on(side.other), afterwards.summary(talk), afterwards.note(talk, side)
        erased = None
        if talk.erased_at is not None and talk.erased_by is not None:
            erased = TalkErasedOut(at=talk.erased_at, by=talk.erased_by)
        return cls(
            id=talk.id,
            side=side,
            other=TalkPersonOut(id=other, name=shown.names.get(other, "")),
            state=talk.state,
            minutes=talk.minutes,
            begun_at=talk.begun_at,
            opened_at=talk.opened_at,
            ends_at=talk.ends_at,
            ended_at=talk.ended_at,
            reason=talk.reason,
            extension=TalkExtensionOut(used=talk.extensions, most=MOST_EXTENSIONS, asked_by=talk.asked_by),
            keep_nothing=sorted(talk.keeping),
            erased=erased,
            summary=TalkSummaryOut(
                state=talk.summary_state,
                by=talk.summary_by,
                text=text,
                hash=None if text is None else hash_of(text),
            ),
            stars=talk.stars if side is Side.MEMBER else None,
            again=talk.again,
            note=None if note is None else TalkNoteOut(text=note.text, due_on=note.due_on, done=note.done),
            server_time=now,
        )


class TalkFiguresOut(BaseModel):
    """Of the caller's talks as a secretary. Ratings are shown by fives: `mean` is that of the first `rated` ones."""

    held: int
    rated: int
    mean: float | None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        return cls(held=figures.held, rated=figures.rated, mean=figures.mean)


class IceServerOut(BaseModel):
    """As `RTCIceServer` of WebRTC has it."""

    urls: str
    username: str | None = Field(default=None, exclude_if=lambda value: value is None)
    credential: str | None = Field(default=None, exclude_if=lambda value: value is None)


class TalkIceOut(BaseModel):
    ice_servers: list[IceServerOut]

    @classmethod
    def of(cls, servers: list[IceServer]) -> Self:
        return cls(
            ice_servers=[IceServerOut(urls=each.url, username=each.username, credential=each.credential) for each in servers]
        )
