"""One row of the ledger, and how it follows from the one before it in its branch's chain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic_core import to_json

from ..core.chain import link
from ..core.clock import rfc3339
from .model import Aspect, Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` is what counts, `full` what its indicator was worth without the caps, both in tenths. A row that `reverses`
    another has that one's kind, day and aspect, and its amount with the other sign."""

    id: str
    member_id: str
    branch_id: str
    indicator: str
    aspect: Aspect
    kind: Kind
    source: str
    day: date
    full: int
    amount: int
    at: datetime
    recorded_at: datetime
    reverses: str | None = None
    by: str | None = None
    reviewer: str | None = None
    title: str = ""
    link: str = ""
    reason: str = ""
    number: int | None = None
    hash: str | None = None

    @property
    def year(self) -> int:
        return self.day.year

    @property
    def event(self) -> str:
        return self.source.partition("/")[0]

    def said(self) -> dict[str, Any]:
        """What the hash covers."""
        return {
            "id": self.id,
            "member": self.member_id,
            "branch": self.branch_id,
            "indicator": self.indicator,
            "aspect": self.aspect,
            "kind": self.kind,
            "source": self.source,
            "day": self.day.isoformat(),
            "full": self.full,
            "amount": self.amount,
            "at": rfc3339(self.at),
            "recorded_at": rfc3339(self.recorded_at),
            "reverses": self.reverses,
            "by": self.by,
            "reviewer": self.reviewer,
            "title": self.title,
            "link": self.link,
            "reason": self.reason,
        }


def sealed_as(entry: Entry, number: int, before: str) -> str:
    """The hash of a row that comes `number`-th in its branch, after one with the hash `before`."""
    return link(to_json(entry.said()), number, before)


def broken(entries: Iterable[Entry], *, number: int, before: str) -> int | None:
    """The number of the first row that does not follow from the one before it; None if all do. The first follows `number`."""
    for entry in entries:
        number += 1
        if entry.number != number or entry.hash != sealed_as(entry, number, before):
            return number
        before = entry.hash
    return None
