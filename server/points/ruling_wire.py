"""The rules on the wire. Amounts are integers, in tenths of a point."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from ..core.moments import Moment
from ..core.wire import In
from .model import Aspect, Indicator, Kind, Scale, Window
from .preview import Change, Preview
from .rules_store import Version
from .ruling import Edit, ScaleEdit

_Amount = Annotated[int, Field(ge=-100_000, le=100_000)]
_Code = Annotated[str, Field(max_length=8)]


class EditIn(In):
    """An indicator as it is to count. `caps`: by window; one that is not named has no bound. `retired`: counts no more."""

    code: _Code
    name: Annotated[str, Field(max_length=100)]
    value: _Amount
    caps: dict[Window, _Amount]
    trigger: Annotated[str, Field(max_length=400)]
    retired: bool = False

    def read(self) -> Edit:
        return Edit(self.code, self.name, self.value, self.caps, self.trigger, self.retired)


class ScaleIn(In):
    """What a year begins with, and what each aspect may add."""

    base: _Amount
    most: dict[Aspect, _Amount]

    def read(self) -> ScaleEdit:
        return ScaleEdit(self.base, self.most)


class RulesPreviewIn(In):
    indicators: Annotated[list[EditIn], Field(max_length=200, default_factory=list)]
    scale: ScaleIn | None = None


class RulesIn(RulesPreviewIn):
    """`since`: the day from which it counts, tomorrow at the earliest."""

    since: date
    reason: Annotated[str, Field(max_length=1000)]


class RuleOut(BaseModel):
    code: str
    aspect: Aspect
    name: str
    kind: Kind
    value: int
    caps: dict[Window, int]
    trigger: str
    automatic: bool
    applies_to: str
    retired: bool

    @classmethod
    def of(cls, rule: Indicator) -> "RuleOut":
        return cls(
            code=rule.code,
            aspect=rule.aspect,
            name=rule.name,
            kind=rule.kind,
            value=rule.value,
            caps=dict(rule.caps),
            trigger=rule.trigger,
            automatic=rule.confirm == "automatic",
            applies_to=rule.applies_to,
            retired=rule.retired,
        )


class ScaleOut(BaseModel):
    base: int
    most: dict[Aspect, int]

    @classmethod
    def of(cls, scale: Scale) -> "ScaleOut":
        return cls(base=scale.base, most=dict(scale.most))


class VersionOut(BaseModel):
    """One version of an indicator (`after`, with what it replaced as `before`) or of the scale."""

    code: str | None
    since: date
    by: str
    reason: str
    made_at: Moment
    before: RuleOut | None = None
    after: RuleOut | None = None
    scale_before: ScaleOut | None = None
    scale_after: ScaleOut | None = None


class RulesOut(BaseModel):
    """As they count today; `versions`: every change, the newest first, also those of a day to come. `edits`: whether the caller
    may write some; `earliest`: the first day from which a change can count."""

    indicators: list[RuleOut]
    scale: ScaleOut
    versions: list[VersionOut]
    edits: bool
    earliest: date

    @classmethod
    def of(cls, versions: list[Version], people: Mapping[str, str], today: date, earliest: date, *, edits: bool) -> "RulesOut":
        newest: dict[str | None, Version] = {}
        changes: list[VersionOut] = []
        current: dict[str | None, Version] = {}
        for each in versions:
            before = newest.get(each.code)
            if before is not None:
                changes.append(_change(before, each, people))
            newest[each.code] = each
            if each.since <= today:
                current[each.code] = each
        rules = [each.rule for each in current.values() if isinstance(each.rule, Indicator)]
        scale = next(each.rule for each in current.values() if isinstance(each.rule, Scale))
        return cls(
            indicators=[RuleOut.of(each) for each in sorted(rules, key=lambda each: each.code)],
            scale=ScaleOut.of(scale),
            versions=changes[::-1],
            edits=edits,
            earliest=earliest,
        )


def _change(before: Version, after: Version, people: Mapping[str, str]) -> VersionOut:
    made = VersionOut(
        code=after.code,
        since=after.since,
        by=people.get(after.by or "", ""),
        reason=after.reason,
        made_at=after.made_at,
    )
    if isinstance(before.rule, Indicator) and isinstance(after.rule, Indicator):
        return made.model_copy(update={"before": RuleOut.of(before.rule), "after": RuleOut.of(after.rule)})
    if isinstance(before.rule, Scale) and isinstance(after.rule, Scale):
        return made.model_copy(update={"scale_before": ScaleOut.of(before.rule), "scale_after": ScaleOut.of(after.rule)})
    return made


class ChangeOut(BaseModel):
    """`rows`: of the quarter; `changed` of them would hold another amount. `before` and `after`: what they add up to."""

    key: str
    rows: int
    changed: int
    before: int
    after: int

    @classmethod
    def of(cls, key: str, change: Change) -> "ChangeOut":
        return cls(key=key, rows=change.rows, changed=change.changed, before=change.before, after=change.after)


class RulesPreviewOut(BaseModel):
    """What the last quarter would have come to. `aspects` by aspect; `indicators`: those that would differ, by code."""

    first: date
    last: date
    members: int
    touched: int
    rows: int
    changed: int
    aspects: list[ChangeOut]
    indicators: list[ChangeOut]

    @classmethod
    def of(cls, preview: Preview) -> "RulesPreviewOut":
        return cls(
            first=preview.first,
            last=preview.last,
            members=preview.members,
            touched=preview.touched,
            rows=preview.rows,
            changed=preview.changed,
            aspects=[ChangeOut.of(aspect.value, change) for aspect, change in preview.aspects.items()],
            indicators=[ChangeOut.of(code, each) for code, each in sorted(preview.indicators.items()) if each.changed],
        )
