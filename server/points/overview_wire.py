"""The branches' ledgers on the wire. Amounts are integers, in tenths of a point."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.http.paging import Page, PageQuery
from .model import Aspect, Scale, Sum, band, score
from .overview import BranchLedger, Line
from .wire import CreditOut, Year


class BranchLedgerOut(BaseModel):
    """How far a branch's chain has come: `number` rows, the newest with this `hash` (null without any); `waiting` more are
    being sealed."""

    id: str
    name: str
    members: int
    number: int
    hash: str | None
    waiting: int

    @classmethod
    def of(cls, branch: BranchLedger) -> "BranchLedgerOut":
        return cls(**{name: getattr(branch, name) for name in cls.model_fields})


class BranchLedgersOut(BaseModel):
    """Those the caller answers for; `own` is the caller's own branch, if it is among them."""

    items: list[BranchLedgerOut]
    own: str | None


class LinesQuery(PageQuery):
    """Without `year`: this one. `branch` "": members without one."""

    branch: Annotated[str, Field(max_length=36)] = ""
    year: Year | None = None


class LineOut(BaseModel):
    """`added`: what each aspect adds, up to its bound. `score` is null for who is not compared (不参评), and 0 after a veto."""

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
    def of(cls, line: Line, scale: Scale) -> "LineOut":
        vetoed = any(each.vetoes for each in line.sums.values())
        points = score(scale, line.sums)
        return cls(
            member=line.who.id,
            name=line.who.name,
            branch=line.who.branch_id,
            added={aspect: min(scale.most[aspect], line.sums.get(aspect, Sum()).awarded) for aspect in Aspect},
            deducted=sum(each.deducted for each in line.sums.values()),
            score=None if line.exempt else points,
            band=None if line.exempt or vetoed else band(scale, points).label,
            vetoed=vetoed,
            exempt=line.exempt,
        )


class LinesOut(Page[LineOut]):
    """By name."""

    year: int
    base: int
    most: dict[Aspect, int]


class MemberRowsQuery(PageQuery):
    """Without `year`: this one."""

    year: Year | None = None
    aspect: Literal["de", "neng", "qin", "ji", "lian"] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None


class MemberRowsOut(Page[CreditOut]):
    """A member's rows, the newest first."""

    member: str
    name: str
    year: int
