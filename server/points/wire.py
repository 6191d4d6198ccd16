"""Points on the wire. Amounts are integers, in tenths of a point."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.http.paging import Page, PageQuery
from ..core.moments import Moment
from .entry import Entry
from .model import Aspect, Kind, Window, band, score
from .proposing_model import Appeal, AppealState, appealable_until
from .service import Standing, Statement

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Year = Annotated[int, Field(ge=2000, le=2100)]


class PointsQuery(PageQuery):
    """Without `year`: this one."""

    year: Year | None = None
    aspect: Literal["de", "neng", "qin", "ji", "lian"] | None = None


class AspectOut(BaseModel):
    """`most`: what its awards may add in a year."""

    aspect: Aspect
    awarded: int
    deducted: int
    most: int


class AppealOut(BaseModel):
    """`words`: the answer."""

    id: str
    entry: str
    text: str
    made_at: Moment
    state: AppealState
    words: str
    answered_at: Moment | None

    @classmethod
    def of(cls, appeal: Appeal) -> "AppealOut":
        return cls(
            id=appeal.id,
            entry=appeal.entry_id,
            text=appeal.text,
            made_at=appeal.made_at,
            state=appeal.state,
            words=appeal.words,
            answered_at=appeal.answered_at,
        )


class CreditOut(BaseModel):
    """One row of the ledger. `full` is what its indicator is worth, `amount` what the caps left of it. `reverses`: the row that
    it takes back; `reversed_by`: the one that took it back. `number` and `hash` are its place in its branch's chain, null
    until it has one. `appealable_until`: a deduction may be appealed against so long; null for what cannot be."""

    id: str
    day: date
    at: Moment
    indicator: str
    name: str
    aspect: Aspect
    kind: Kind
    amount: int
    full: int
    title: str
    link: str
    reason: str
    reverses: str | None
    reversed_by: str | None
    number: int | None
    hash: str | None
    appeal: AppealOut | None
    appealable_until: Moment | None

    @classmethod
    def of(cls, entry: Entry, name: str, reversed_by: str | None, appeal: Appeal | None) -> "CreditOut":
        open_ = entry.kind is not Kind.AWARD and entry.reverses is None and reversed_by is None and appeal is None
        return cls(
            id=entry.id,
            day=entry.day,
            at=entry.at,
            indicator=entry.indicator,
            name=name,
            aspect=entry.aspect,
            kind=entry.kind,
            amount=entry.amount,
            full=entry.full,
            title=entry.title,
            link=entry.link,
            reason=entry.reason,
            reverses=entry.reverses,
            reversed_by=reversed_by,
            number=entry.number,
            hash=entry.hash,
            appeal=None if appeal is None else AppealOut.of(appeal),
            appealable_until=appealable_until(entry.recorded_at) if open_ else None,
        )


class PointsOut(Page[CreditOut]):
    """A member's year, and the newest rows of it. `score`: the base, what each aspect adds up to its bound, less what was
    deducted; 0 after a veto. `exempt`: not compared (不参评), for `exempt_reason`."""

    year: int
    base: int
    score: int
    band: str
    exempt: bool
    exempt_reason: str
    vetoed: bool
    aspects: list[AspectOut]

    @classmethod
    def of(cls, statement: Statement, items: list[CreditOut], following: str | None) -> "PointsOut":
        points = score(statement.scale, statement.sums)
        return cls(
            items=items,
            next=following,
            year=statement.year,
            base=statement.scale.base,
            score=points,
            band=band(statement.scale, points).label,
            exempt=statement.exempt is not None,
            exempt_reason=statement.exempt or "",
            vetoed=any(each.vetoes for each in statement.sums.values()),
            aspects=[
                AspectOut(aspect=aspect, awarded=each.awarded, deducted=each.deducted, most=statement.scale.most[aspect])
                for aspect, each in statement.sums.items()
            ],
        )


class CapOut(BaseModel):
    """`held`: what the caller has in this window by now."""

    window: Window
    most: int
    held: int


class IndicatorOut(BaseModel):
    """`trigger`: what it takes. `applies_to`: `all_members`, or whom alone it is meant for (`branch_committee`)."""

    code: str
    aspect: Aspect
    name: str
    kind: Kind
    value: int
    trigger: str
    automatic: bool
    applies_to: str
    caps: list[CapOut]

    @classmethod
    def of(cls, standing: Standing) -> "IndicatorOut":
        indicator = standing.indicator
        return cls(
            code=indicator.code,
            aspect=indicator.aspect,
            name=indicator.name,
            kind=indicator.kind,
            value=indicator.value,
            trigger=indicator.trigger,
            automatic=indicator.confirm == "automatic",
            applies_to=indicator.applies_to,
            caps=[CapOut(window=window, most=most, held=standing.held[window]) for window, most in indicator.caps.items()],
        )


class IndicatorsOut(BaseModel):
    items: list[IndicatorOut]
