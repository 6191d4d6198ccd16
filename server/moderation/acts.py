"""The audit as those who moderate read it: each act with the names of whom and what it was about.

The audit itself holds ids and reasons, and nobody's words. What they stand for is looked up when it is read, as it is now, and
only where it is still kept: a room that was purged leaves the act without its words.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..core.audit import Audit, Sealed
from ..core.db import Database
from ..identity import Identity
from . import store, store_reports
from .evidence import Speaks
from .model import Rooms

_PERSON = "member"  # what an act names as its target


@dataclass(frozen=True, slots=True)
class Told:
    """`room`: the title of the broadcast. `person`: id and name of whom it was about. `text`: what was said."""

    row: Sealed
    room: str | None
    person: tuple[str, str] | None
    text: str | None


class Acts:
    def __init__(self, database: Database, identity: Identity, audit: Audit, rooms: Rooms) -> None:
        self._database, self._identity, self._audit, self._rooms = database, identity, audit, rooms
        self._speaks: dict[str, Speaks] = {}

    def register(self, kind: str, speaks: Speaks) -> None:
        self._speaks[kind] = speaks

    async def page(
        self, *, before: str | None, limit: int, scope: str | None, actor: str | None, act: str | None
    ) -> tuple[list[Told], str | None]:
        """The newest first; with the cursor of what follows."""
        rows, following = await self._audit.page(before=before, limit=limit, scope=scope, actor=actor, act=act)
        rooms = await self._rooms.titles({row.act.scope for row in rows if row.act.scope is not None})
        names = await self._names({who for row in rows if (who := _about(row)) is not None})
        texts = await self._texts(rows)

        def told(row: Sealed) -> Told:
            who = _about(row)
            person = None if who is None or who not in names else (who, names[who])
            return Told(row, rooms.get(row.act.scope or ""), person, texts.get(row.act.target_id))

        return [told(row) for row in rows], following

    async def _names(self, ids: Collection[str]) -> dict[str, str]:
        people = await self._identity.people(ids)
        names = {each: person.name for each, person in people.items()}
        for other in set(ids) - set(names):
            if (name := await self._identity.visitors.name_of(other)) is not None:
                names[other] = name
        return names

    async def _texts(self, rows: Sequence[Sealed]) -> Mapping[str, str]:
        """Where it was held or reported moderation has the words itself; else whoever knows the kind."""
        wanted = {row.act.target_id for row in rows if row.act.target == "held" or row.act.target in self._speaks}
        if not wanted:
            return {}
        async with self._database.reading() as session:
            texts = await store_reports.texts(session, wanted)
            texts |= {each.id: each.text for each in (await store.by_ids(session, wanted)).values()}
        for kind, speaks in self._speaks.items():
            if missing := _of_kind(rows, kind) - set(texts):
                texts |= await speaks.words(missing)
        return texts


def _about(row: Sealed) -> str | None:
    """The id of the person an act was about, where it was about one."""
    who = row.act.target_id if row.act.target == _PERSON else row.act.more.get("author")
    return who if isinstance(who, str) else None


def _of_kind(rows: Iterable[Sealed], kind: str) -> set[str]:
    return {row.act.target_id for row in rows if row.act.target == kind}
