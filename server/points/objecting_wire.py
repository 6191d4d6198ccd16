"""Objections on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.http.paging import Page, PageQuery
from ..core.moments import Moment
from ..core.wire import In
from ..identity import Member
from .entry import Entry
from .model import Aspect, Kind
from .objecting import Objected
from .objecting_model import MOST_AWARDS, Missing, ObjectionState, may_answer
from .wire import Id

_Text = Annotated[str, Field(max_length=1000)]


class ObjectionsQuery(PageQuery):
    """`own`: only those one has said, and those about oneself."""

    own: bool = False


class ObjectionIn(In):
    """`about`: whose row; `entry`: the row of the ledger that is meant, where one is. `evidence`: what proves it, in words."""

    about: Id
    text: _Text
    evidence: _Text = ""
    entry: Id | None = None


class MissingIn(In):
    """What should have been credited: an indicator, and the day it is for."""

    indicator: Annotated[str, Field(max_length=8)]
    day: date

    def read(self) -> Missing:
        return Missing(self.indicator, self.day)


class AnswerIn(In):
    """`reverse`: rows of the ledger that were wrong, `award`: what was missing; only where the objection is upheld."""

    state: Literal["upheld", "rejected"]
    text: _Text
    reverse: Annotated[list[Id], Field(max_length=20)] = []
    award: Annotated[list[MissingIn], Field(max_length=MOST_AWARDS)] = []


class ObjectedRowOut(BaseModel):
    """The row of the ledger that an objection is about."""

    id: str
    day: date
    name: str
    title: str
    aspect: Aspect
    kind: Kind
    amount: int

    @classmethod
    def of(cls, entry: Entry, names: Mapping[str, str]) -> "ObjectedRowOut":
        return cls(
            id=entry.id,
            day=entry.day,
            name=names.get(entry.indicator, ""),
            title=entry.title,
            aspect=entry.aspect,
            kind=entry.kind,
            amount=entry.amount,
        )


class ObjectionOut(BaseModel):
    """`due_on`: the day by which it is answered. `by` is null for the one it is about, if somebody else has said it. `row`: the
    row of the ledger that is meant. `corrections`: the rows that were reversed; `awards`: those that were added. `may_answer`:
    whether the caller may, `mine`: whether the caller has said it."""

    id: str
    publication: str
    publication_title: str
    about: str
    about_name: str
    branch: str
    by: str | None
    by_name: str
    entry: str | None
    row: ObjectedRowOut | None
    text: str
    evidence: str
    at: Moment
    due_on: date
    state: ObjectionState
    answer: str
    answered_by: str | None
    answered_at: Moment | None
    corrections: list[str]
    awards: list[str]
    mine: bool
    may_answer: bool

    @classmethod
    def of(cls, shown: Objected, member: Member, people: Mapping[str, str], names: Mapping[str, str]) -> "ObjectionOut":
        objection = shown.objection
        hidden = member.id == objection.about_id and member.id != objection.by_id
        return cls(
            id=objection.id,
            publication=objection.publication_id,
            publication_title=shown.title,
            about=objection.about_id,
            about_name=people.get(objection.about_id, ""),
            branch=objection.branch_id,
            by=None if hidden else objection.by_id,
            by_name="" if hidden else people.get(objection.by_id, ""),
            entry=objection.entry_id,
            row=ObjectedRowOut.of(shown.row, names) if shown.row is not None else None,
            text=objection.text,
            evidence=objection.evidence,
            at=objection.at,
            due_on=objection.due_on,
            state=objection.state,
            answer=objection.answer,
            answered_by=None if objection.answered_by is None else people.get(objection.answered_by, ""),
            answered_at=objection.answered_at,
            corrections=list(objection.corrections),
            awards=list(objection.awards),
            mine=member.id == objection.by_id,
            may_answer=may_answer(member, objection),
        )


class ObjectionsOut(Page[ObjectionOut]):
    pass
