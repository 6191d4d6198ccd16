"""What a row of the audit says, and how it follows from the one before it (see `core.chain`). Pure rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from .. import chain
from ..chain import BEGINNING
from ..clock import rfc3339


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, and by which roles at that time."""

    id: str
    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """`name` is `noun.verb`; `target` says what kind of thing `target_id` is; `scope` is the room it happened in, if in one."""

    name: str
    target: str
    target_id: str
    scope: str | None = None
    reason: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One row as it is kept. `number` and `hash` are the sealer's; None until it has come."""

    id: str
    at: datetime
    actor: Actor
    act: Act
    number: int | None = None
    hash: str | None = None

    def wire(self) -> dict[str, Any]:
        """What the hash covers, and what is shown."""
        return {
            "id": self.id,
            "at": rfc3339(self.at),
            "actor": {"id": self.actor.id, "name": self.actor.name, "roles": list(self.actor.roles)},
            "act": self.act.name,
            "target": self.act.target,
            "target_id": self.act.target_id,
            "scope": self.act.scope,
            "reason": self.act.reason,
            "more": dict(self.act.more),
        }


def link(row: Sealed, number: int, before: str) -> str:
    """The hash of a row that comes `number`-th, after one with the hash `before`."""
    return chain.link(to_json(row.wire()), number, before)


def broken(rows: Iterable[Sealed], *, number: int = 0, before: str = BEGINNING) -> int | None:
    """The number of the first row that does not follow from the one before it; None if all do."""
    for row in rows:
        number += 1
        if row.number != number or row.hash != link(row, number, before):
            return number
        before = row.hash
    return None
