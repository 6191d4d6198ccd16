"""What people report, and what word lists mark: one case for each thing said. Pure rules."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..core.clock import rfc3339
from ..core.journal import Author


class ReportReason(enum.StrEnum):
    """Why somebody reports something; `label` is what people read."""

    SPAM = "spam"
    ABUSE = "abuse"
    ILLEGAL = "illegal"
    FALSE = "false"
    PRIVACY = "privacy"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    ReportReason.SPAM: "广告引流",
    ReportReason.ABUSE: "辱骂攻击",
    ReportReason.ILLEGAL: "违法违规",
    ReportReason.FALSE: "不实信息",
    ReportReason.PRIVACY: "泄露隐私",
    ReportReason.OTHER: "其他",
}


class CaseState(enum.StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"  # somebody has looked and lets it stand
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said, as it was when it was reported."""

    id: str
    scope: str
    kind: str
    author: Author
    text: str
    at: datetime
    media_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """`count` people have reported it, for `reasons`; `hits` are the words that a list has marked."""

    said: Said
    hits: Sequence[Mapping[str, Any]] = ()
    count: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    state: CaseState = CaseState.OPEN
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_name: str | None = None

    @property
    def id(self) -> str:
        return self.said.id

    def for_desk(self, *, to_top: int) -> dict[str, Any]:
        """As those who moderate see it. `urgent`: so many have reported it that it stands at the top."""
        decided = None
        if self.decided_at is not None:
            decided = {"at": rfc3339(self.decided_at), "by": {"id": self.decided_by, "name": self.decided_name}}
        said = self.said
        return {
            "id": said.id,
            "scope": said.scope,
            "kind": said.kind,
            "author": said.author.wire(),
            "text": said.text,
            "at": rfc3339(said.at),
            "media_at": None if said.media_at is None else rfc3339(said.media_at),
            "hits": list(self.hits),
            "count": self.count,
            "reasons": dict(self.reasons),
            "urgent": self.count >= to_top,
            "state": self.state.value,
            "decided": decided,
        }
