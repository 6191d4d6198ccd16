"""What is held, over HTTP."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator

from ..core.http import PageQuery
from ..core.wire import In
from .holding import Outcome
from .model import Held

MOST_AT_ONCE = 100
MOST_DESKS = 50
Reason = Annotated[str, Field(max_length=200)]


State = Literal["held", "approved", "rejected", "withdrawn"]


class HitOut(BaseModel):
    """A listed word in the text, from `start` to before `end`, in code points."""

    list: str
    word: str
    action: Literal["refuse", "hold", "mark"]
    start: int
    end: int


class NameOut(BaseModel):
    id: str
    name: str
    badge: str | None = None


class DecidedOut(BaseModel):
    at: str
    by: NameOut


class HeldOut(BaseModel):
    """`scope`: the id of its room. `why`: what held it. `state`: `withdrawn` by its author."""

    id: str
    scope: str
    kind: str
    text: str
    at: str
    media_at: str | None
    reply_to: str | None
    reply_name: str | None
    state: State
    reason: str
    author: NameOut
    why: Literal["words", "pre_moderated"]
    hits: list[HitOut]
    decided: DecidedOut | None

    @classmethod
    def of(cls, held: Held) -> "HeldOut":
        return cls.model_validate(held.for_desk())


class HeldQuery(PageQuery):
    state: Annotated[State, Field(description="Those in this state; the oldest first.")] = "held"
    kind: Annotated[str | None, Field(max_length=20)] = None
    newest: Annotated[bool, Field(description="The newest first instead.")] = False


class HeldPage(BaseModel):
    """`waiting`: how many wait in this room, on whatever page."""

    items: list[HeldOut]
    next: str | None
    waiting: int


class DesksQuery(In):
    rooms: Annotated[str, Field(max_length=MOST_DESKS * 37, description="Ids of rooms, separated by commas; 50 at most.")]

    @field_validator("rooms")
    @classmethod
    def _few(cls, rooms: str) -> str:
        if rooms.count(",") >= MOST_DESKS:
            raise ValueError(f"must name at most {MOST_DESKS} rooms")
        return rooms


class DeskOut(BaseModel):
    """`waiting` for a decision; `reported`: open cases, by people or by a list."""

    scope: str
    waiting: int
    reported: int


class DesksOut(BaseModel):
    """Of the rooms asked for, in that order; what is no room has nothing waiting."""

    items: list[DeskOut]


class ReasonIn(In):
    """`reason` is told to the author where something of theirs is rejected."""

    reason: Reason = ""


class DecisionsIn(In):
    """Several at once, each decided for itself."""

    ids: Annotated[list[str], Field(min_length=1, max_length=MOST_AT_ONCE)]
    decision: Literal["approve", "reject", "restore"]
    reason: Reason = ""


class DecisionOut(BaseModel):
    """`held` as it is now, or why nothing was done: `code` and `message` as an error has them, with `decided` by whom."""

    id: str
    held: HeldOut | None = None
    code: str | None = None
    message: str | None = None
    state: str | None = None
    by: NameOut | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> "DecisionOut":
        if (refusal := outcome.refusal) is not None:
            more: dict[str, Any] = refusal.extra
            return cls(id=outcome.id, code=refusal.code, message=refusal.detail, state=more.get("state"), by=more.get("by"))
        return cls(id=outcome.id, held=None if outcome.held is None else HeldOut.of(outcome.held))


class DecisionsOut(BaseModel):
    items: list[DecisionOut]
