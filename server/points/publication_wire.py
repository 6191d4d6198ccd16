"""Publications and objections on the wire. Amounts are integers, in tenths of a point."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.http.paging import Page, PageQuery
from .model import Aspect, band
from .publication import Objection, ObjectionState, Publication, PublicationState, Published
from .publishing import Heading
from .wire import Moment

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PublicationIn(_In):
    year: Annotated[int, Field(ge=2000, le=2100)]
    quarter: Annotated[int, Field(ge=1, le=4)]


class PublicationOut(BaseModel):
    """`until`: the last day that counts. While it is `preparing`, `prepared` of `total` members are done. `closes_on`: the last
    day for objections; `deadline_sure` is false where a year's holidays were not announced yet."""

    id: str
    title: str
    year: int
    quarter: int
    until: date
    state: PublicationState
    total: int
    prepared: int
    made_at: Moment
    opened_at: Moment | None
    closes_on: date | None
    deadline_sure: bool

    @classmethod
    def of(cls, publication: Publication) -> "PublicationOut":
        names = [name for name in cls.model_fields if hasattr(publication, name)]
        return cls(**{name: getattr(publication, name) for name in names})


class PublicationsOut(BaseModel):
    items: list[PublicationOut]


class PublishedBranchOut(BaseModel):
    """`hash`: the newest of its chain that is in the publication, null if it had no rows."""

    id: str
    name: str
    members: int
    hash: str | None


class PublicationHeadOut(PublicationOut):
    base: int
    most: dict[Aspect, int]
    branches: list[PublishedBranchOut]

    @classmethod
    def headed(cls, heading: Heading) -> "PublicationHeadOut":
        shown = PublicationOut.of(heading.publication)
        scale = heading.publication.scale
        branches = [
            PublishedBranchOut(id=each.id, name=each.name, members=each.members, hash=each.hash) for each in heading.branches
        ]
        return cls(**dict(shown), base=scale.base, most=dict(scale.most), branches=branches)


class PublishedQuery(PageQuery):
    """`branch`: one of those the publication names, "" for members without one."""

    branch: Annotated[str, Field(max_length=36)] = ""


class PublishedOut(BaseModel):
    """`added`: what each aspect adds. `score` is null for who is not compared (不参评), and 0 after a veto."""

    member: str
    name: str
    added: dict[Aspect, int]
    deducted: int
    score: int | None
    band: str | None
    vetoed: bool
    exempt: bool

    @classmethod
    def of(cls, row: Published, publication: Publication) -> "PublishedOut":
        return cls(
            member=row.member_id,
            name=row.name,
            added=dict(row.added),
            deducted=row.deducted,
            score=None if row.exempt else row.score,
            band=None if row.exempt or row.vetoed else band(publication.scale, row.score).label,
            vetoed=row.vetoed,
            exempt=row.exempt,
        )


class PublishedPage(Page[PublishedOut]):
    """By name."""


class ObjectionIn(_In):
    """`about`: whose row; `entry`: the row of the ledger that is meant, where one is."""

    about: Id
    text: Annotated[str, Field(max_length=1000)]
    entry: Id | None = None


class ObjectionOut(BaseModel):
    """`due_on`: the day by which it is answered. `corrections`: the rows that were reversed."""

    id: str
    publication: str
    about: str
    about_name: str
    by: str
    by_name: str
    entry: str | None
    text: str
    at: Moment
    due_on: date
    state: ObjectionState
    answer: str
    answered_by: str | None
    answered_at: Moment | None
    corrections: list[str]

    @classmethod
    def of(cls, objection: Objection, names: dict[str, str]) -> "ObjectionOut":
        return cls(
            id=objection.id,
            publication=objection.publication_id,
            about=objection.about_id,
            about_name=names.get(objection.about_id, ""),
            by=objection.by_id,
            by_name=names.get(objection.by_id, ""),
            entry=objection.entry_id,
            text=objection.text,
            at=objection.at,
            due_on=objection.due_on,
            state=objection.state,
            answer=objection.answer,
            answered_by=None if objection.answered_by is None else names.get(objection.answered_by, ""),
            answered_at=objection.answered_at,
            corrections=list(objection.corrections),
        )


class ObjectionsOut(BaseModel):
    items: list[ObjectionOut]


class AnswerIn(_In):
    """`reverse`: rows of the ledger that were wrong; only where the objection is upheld."""

    state: Literal["upheld", "rejected"]
    text: Annotated[str, Field(max_length=1000)]
    reverse: Annotated[list[Id], Field(max_length=20)] = []
