"""Open reports on the desk, in the order of what was said."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.fanout import Part, State
from ..core.journal import Entry
from . import store_reports as store
from .reporting import FILED, SETTLED


def reports_part(to_top: int) -> Part:
    """`to_top`: so many people's reports make one urgent."""

    async def snapshot(session: AsyncSession, key: str) -> State:
        return {"open": [case.for_desk(to_top=to_top) for case in await store.open_of(session, key)]}

    return Part("reports", snapshot, _apply)


def _apply(state: State, entry: Entry) -> State:
    if entry.type not in (FILED, SETTLED):
        return state
    others: list[Any] = [each for each in state["open"] if each["id"] != entry.data["id"]]
    if entry.type == SETTLED:
        return {"open": others}
    return {"open": sorted([*others, entry.data], key=lambda each: str(each["id"]))}
