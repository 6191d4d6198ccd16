"""What a confirmation earns, where the rulebook names it. Each call is the last of its transaction."""

from collections.abc import Iterable

from ..core.db import Session
from ..points import Cause, Ledger
from .model import CountsAs, Part, Task

_EVENTS = {CountsAs.PLEDGE: "pledge.signed", CountsAs.INTEGRITY_PLEDGE: "integrity.pledge.signed"}
_TITLE_MOST = 120


class Credits:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def confirmed(self, session: Session, task: Task, title: str, parts: Iterable[Part]) -> None:
        if causes := [cause for part in parts if (cause := _cause(task, title, part)) is not None]:
            await self._ledger.award(session, causes)

    async def taken_back(self, session: Session, task: Task, title: str, part: Part, *, by: str, reason: str) -> None:
        """`part` as it was."""
        if (cause := _cause(task, title, part)) is not None:
            await self._ledger.revoke(session, cause, by=by, reason=reason)


def _cause(task: Task, title: str, part: Part) -> Cause | None:
    """It counts for the day of the confirmation. One that was taken back and came true after all is a cause of its own, named
    as `Ledger.renew` names them. What a task counts as is settled when it is given."""
    if task.terms.counts_as is None or part.confirmed_at is None:
        return None
    again = f"#{part.withdrawn + 1}" if part.withdrawn else ""
    return Cause(
        part.member_id,
        _EVENTS[task.terms.counts_as],
        f"{task.id}{again}",
        part.confirmed_at,
        title=title[:_TITLE_MOST],
        link=f"/tasks/{task.id}",
        by=part.by,
        reason=part.reason,
    )
