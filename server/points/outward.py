"""What an external points system hears of, by webhooks (see `notices`).

The sealed rows of each branch's chain are a stream of events as they stand: numbered without gaps, never changed, and there to
be sent again from any number on. So sealing writes nothing more than it did. A row goes out without its reason and without
those who entered or confirmed it: what a sanction was for is nobody's business outside.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import rfc3339
from ..identity import KnownAs, branch_names, known_as
from ..notices import Event, EventType, Outbox
from . import store
from .entry import Entry
from .publication import Publication, PublicationState
from .rulebook import Rulebook
from .tables import EntryRow

_STREAM = "ledger:"
_STRANGER = KnownAs("", None)


class LedgerStreams:
    """One stream for each branch's chain."""

    types = frozenset((EventType.CREDITED.value, EventType.REVERSED.value))

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    async def heads(self, session: AsyncSession) -> Mapping[str, int]:
        return {_STREAM + branch: number for branch, (number, _) in (await store.chain_ends(session)).items()}

    async def stood(self, session: AsyncSession, since: datetime) -> Mapping[str, int]:
        # Not all of a chain stands in the order of time: from the first row that is late enough on.
        first = select(EntryRow.branch_id, func.min(EntryRow.number)).where(EntryRow.recorded_at >= since)
        found = await session.execute(first.where(EntryRow.number.is_not(None)).group_by(EntryRow.branch_id))
        return dict(await self.heads(session)) | {_STREAM + branch: (number or 1) - 1 for branch, number in found}

    async def read(self, session: AsyncSession, stream: str, *, after: int, limit: int) -> Sequence[tuple[int, Event]]:
        entries = await store.sealed(session, stream.removeprefix(_STREAM), after=after, limit=limit)
        if not entries:
            return []
        people = await known_as(session, {each.member_id for each in entries})
        branches = await branch_names(session)
        rules = await self._rulebook.current(session)
        return [
            (each.number or 0, _event(each, people.get(each.member_id, _STRANGER), branches, rules.names(each.day)))
            for each in entries
        ]


def _event(entry: Entry, member: KnownAs, branches: Mapping[str, str], names: Mapping[str, str]) -> Event:
    data: dict[str, Any] = {
        "entry": entry.id,
        "chain": {"branch": entry.branch_id, "number": entry.number, "hash": entry.hash},
        "member": {
            "id": entry.member_id,
            "ref": member.ref,
            "name": member.name,
            "branch": branches.get(entry.branch_id, ""),
        },
        "indicator": entry.indicator,
        "indicator_name": names.get(entry.indicator, ""),
        "aspect": entry.aspect.value,
        "kind": entry.kind.value,
        "amount": entry.amount,
        "day": entry.day.isoformat(),
        "at": rfc3339(entry.at),
        "title": entry.title,
        "reverses": entry.reverses,
    }
    kind = EventType.CREDITED if entry.reverses is None else EventType.REVERSED
    return Event(id=f"points_{entry.id}", type=kind.value, at=entry.recorded_at, key=entry.member_id, data=data)


async def tell(outbox: Outbox, session: AsyncSession, publication: Publication) -> None:
    """That a publication was opened or closed, in the transaction in which it is."""
    opened = publication.state is PublicationState.OPEN
    data = {
        "publication": publication.id,
        "title": publication.title,
        "year": publication.year,
        "quarter": publication.quarter,
        "until": publication.until.isoformat(),
        "members": publication.total,
        "closes_on": None if publication.closes_on is None else publication.closes_on.isoformat(),
    }
    kind = EventType.PUBLICATION_OPENED if opened else EventType.PUBLICATION_CLOSED
    event_id = f"publication_{publication.id}_{publication.state.value}"
    await outbox.put(session, event_id, kind.value, publication.id, data)
