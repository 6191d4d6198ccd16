"""Publications on the wire. Amounts are integers, in tenths of a point."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from ..core.http.paging import Page, PageQuery
from ..core.moments import Moment
from ..core.signing import Certificate
from ..core.wire import In
from .model import Aspect, band
from .printing import MOST_PRINTED
from .publication import Publication, PublicationState, Published
from .publishing import Heading
from .wire import CreditOut


class PublicationIn(In):
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
    """`publishes`: whether the caller may start one. `waiting` and `late` as in one publication, of all of them."""

    items: list[PublicationOut]
    publishes: bool
    waiting: int | None
    late: int | None


class PublishedBranchOut(BaseModel):
    """`number` and `hash`: of the newest row of its chain that is in the publication; 0 and null if it had none."""

    id: str
    name: str
    members: int
    number: int
    hash: str | None


class PublishedQuery(PageQuery):
    """`branch`: one of those the publication names, "" for members without one. `q`: a part of a name, looked for in all
    branches instead."""

    branch: Annotated[str, Field(max_length=36)] = ""
    q: Annotated[str, Field(max_length=40)] = ""


class PublishedOut(BaseModel):
    """`added`: what each aspect adds. `score` is null for who is not compared (不参评), and 0 after a veto."""

    member: str
    name: str
    branch: str
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
            branch=row.branch_id,
            added=dict(row.added),
            deducted=row.deducted,
            score=None if row.exempt else row.score,
            band=None if row.exempt or row.vetoed else band(publication.scale, row.score).label,
            vetoed=row.vetoed,
            exempt=row.exempt,
        )


class SignatureOut(BaseModel):
    """How the PDF is signed: SHA-256 of the certificate, in hexadecimal. `whole`: whether all branches fit into one file."""

    fingerprint: str
    self_signed: bool
    whole: bool


class PublicationHeadOut(PublicationOut):
    """`own`: the caller's own row. `waiting`: how many objections the caller has to answer, `late` of how many the day has
    passed; null for who answers none. `signature` is null while nothing can be signed."""

    base: int
    most: dict[Aspect, int]
    branches: list[PublishedBranchOut]
    own: PublishedOut | None
    waiting: int | None
    late: int | None
    signature: SignatureOut | None

    @classmethod
    def headed(cls, heading: Heading, waiting: tuple[int, int] | None, certificate: Certificate | None) -> "PublicationHeadOut":
        publication = heading.publication
        signature = certificate and SignatureOut(
            fingerprint=certificate.fingerprint,
            self_signed=certificate.self_signed,
            whole=publication.total <= MOST_PRINTED,
        )
        branches = [
            PublishedBranchOut(id=each.id, name=each.name, members=each.members, number=each.number, hash=each.hash)
            for each in heading.branches
        ]
        return cls(
            **dict(PublicationOut.of(publication)),
            base=publication.scale.base,
            most=dict(publication.scale.most),
            branches=branches,
            own=None if heading.own is None else PublishedOut.of(heading.own, publication),
            waiting=None if waiting is None else waiting[0],
            late=None if waiting is None else waiting[1],
            signature=signature,
        )


class PublishedPage(Page[PublishedOut]):
    """By name."""


class PublishedDetailOut(Page[CreditOut]):
    """One published member. The rows that the sums consist of are for the member and for who answers for the branch (`shown`);
    what has become of them since is said too, and changes nothing of what was published."""

    row: PublishedOut
    shown: bool
