"""Mutes, reports and the audit over HTTP."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ..core.http import PageQuery
from ..core.wire import In
from .acts import Told
from .limits import MOST_MINUTES
from .model import Mute
from .reporting_model import Case
from .wire import DecidedOut, HitOut, NameOut, Reason


class MuteIn(In):
    """`minutes` null: until it is lifted. `reason` is told to whom it is about."""

    member: Annotated[str, Field(max_length=36)]
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = None
    reason: Reason = ""


class MuteOut(BaseModel):
    """`scope`: the id of the room; null for everywhere."""

    id: str
    scope: str | None
    member: NameOut
    at: str
    until: str | None
    reason: str
    by: NameOut

    @classmethod
    def of(cls, mute: Mute) -> "MuteOut":
        return cls.model_validate(mute.for_desk())


class CaseOut(BaseModel):
    """Something said that `count` people have reported, or in which a list has marked `hits`. `urgent`: so many that it
    stands at the top."""

    id: str
    scope: str
    kind: str
    author: NameOut
    text: str
    at: str
    media_at: str | None
    hits: list[HitOut]
    count: int
    reasons: dict[str, int]
    urgent: bool
    state: Literal["open", "dismissed", "removed"]
    decided: DecidedOut | None

    @classmethod
    def of(cls, case: Case, *, to_top: int) -> "CaseOut":
        return cls.model_validate(case.for_desk(to_top=to_top))


class ReportsQuery(PageQuery):
    state: Literal["open", "all"] = "open"


class AuditQuery(PageQuery):
    """The newest first; of one room, of one actor, of one act."""

    scope: Annotated[str | None, Field(max_length=36)] = None
    actor: Annotated[str | None, Field(max_length=36)] = None
    act: Annotated[str | None, Field(max_length=40)] = None


class ActorOut(BaseModel):
    id: str
    name: str
    roles: list[str]


class ActOut(BaseModel):
    """`number` and `hash`: its place in the chain; null until it has been sealed, some seconds later. The chain does not hold
    `room`, `person` and `text`: what the scope is called now, whom it was about, what was said, where that is still kept."""

    id: str
    at: str
    actor: ActorOut
    act: str
    target: str
    target_id: str
    scope: str | None
    reason: str
    more: dict[str, Any]
    room: str | None
    person: NameOut | None
    text: str | None
    number: int | None
    hash: str | None

    @classmethod
    def of(cls, told: Told) -> "ActOut":
        person = None if told.person is None else {"id": told.person[0], "name": told.person[1]}
        resolved = {"room": told.room, "person": person, "text": told.text}
        return cls.model_validate({**told.row.wire(), **resolved, "number": told.row.number, "hash": told.row.hash})
