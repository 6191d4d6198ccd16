"""Everything that was said and decided in one room, as one file: for whoever must show it to an authority, or keep it.

A ZIP that is written while it is read, page by page, so that a long evening needs no more memory than a short one. In it:
what was said, also what was removed or rejected, as JSON Lines and as CSV; what was held and decided; reports; mutes; the
audit. The last file, `manifest.json`, has the SHA-256 of each, so that a change shows; the audit's rows carry the hashes of
their chain.

A cell of the CSV that a spreadsheet would take for a formula stands behind an apostrophe (ASVS 1.2.10).
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any, Protocol

from pydantic_core import to_json

from ..core.audit import Act, Audit
from ..core.clock import Clock, rfc3339
from ..core.db import Database
from ..identity import Identity, Member
from . import store, store_mutes, store_reports
from .actors import actor
from .model import HeldState, Mute, Rooms
from .reporting_model import CaseState

_AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = {
    "kind": "种类",
    "id": "编号",
    "state": "状态",
    "at": "发出时间",
    "media_at": "直播时刻",
    "author_id": "作者编号",
    "author": "作者",
    "text": "内容",
    "decided_at": "处理时间",
    "decided_by": "处理人编号",
    "decided_name": "处理人",
    "reason": "理由",
}

Row = Mapping[str, Any]


class Speaks(Protocol):
    """A feature that knows what was said in a room."""

    def said(self, scope: str) -> AsyncIterator[Row]:
        """Everything, in its order, what was removed included: `{id, at, media_at, author: {id, name}, text, state,
        decided_at?, decided_by?, reason?}`, `state` `said` or `removed`."""
        ...

    async def words(self, ids: Collection[str]) -> Mapping[str, str]:
        """The words of those of these things that were removed, as long as they are kept."""
        ...


class Evidence:
    def __init__(self, database: Database, identity: Identity, audit: Audit, clock: Clock, rooms: Rooms) -> None:
        self._database, self._identity, self._audit = database, identity, audit
        self._clock, self._rooms = clock, rooms
        self._speaks: dict[str, Speaks] = {}

    def register(self, kind: str, speaks: Speaks) -> None:
        self._speaks[kind] = speaks

    async def export(self, member: Member, scope: str) -> AsyncIterator[bytes]:
        """By somebody who moderates everywhere. Raise NotFound. That it was taken is in the audit, and in the file itself."""
        await self._rooms.find(member, scope)
        async with self._database.transaction() as session:
            self._audit.note(session, Act("evidence.exported", "room", scope, scope), actor(member))
        return self._pieces(member, scope)

    async def _pieces(self, member: Member, scope: str) -> AsyncIterator[bytes]:
        out = _Outlet()
        sums: dict[str, str] = {}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in self._files(scope):
                lines = _as_csv(rows) if name.endswith(".csv") else _as_json(rows)
                with archive.open(name, "w") as file:
                    async for piece in _written(file, lines, sums, name):
                        del piece
                        if taken := out.take():
                            yield taken
            archive.writestr("manifest.json", to_json(self._manifest(member, scope, sums), indent=2))
        yield out.take()

    def _files(self, scope: str) -> Iterable[tuple[str, AsyncIterator[Row]]]:
        yield "said.jsonl", self._said(scope)
        yield "said.csv", self._said(scope)
        yield "decisions.jsonl", self._held(scope)
        yield "reported.jsonl", self._cases(scope)
        yield "reports.jsonl", self._reports(scope)
        yield "mutes.jsonl", self._mutes(scope)
        yield "audit.jsonl", self._acts(scope)

    def _manifest(self, member: Member, scope: str, sums: Mapping[str, str]) -> dict[str, Any]:
        return {
            "broadcast": scope,
            "exported_at": rfc3339(self._clock.now()),
            "exported_by": {"id": member.id, "name": member.name},
            "sha256": dict(sums),
        }

    # What it is made of

    async def _said(self, scope: str) -> AsyncIterator[Row]:
        """What was said, by kind; then what was held and never said. With the names of today where none were kept."""
        names: dict[str, str] = {}
        async for row in self._told(scope):
            author, by = row["author"], row.get("decided_by")
            missing = [each for each in (None if "name" in author else author["id"], by) if each and each not in names]
            if missing:
                people = await self._identity.people(missing)
                names |= {each: people[each].name if each in people else "" for each in missing}
            named = author if "name" in author else {**author, "name": names[author["id"]]}
            yield {**row, "author": named, "decided_name": names.get(by or "")}

    async def _told(self, scope: str) -> AsyncIterator[Row]:
        for kind, speaks in self._speaks.items():
            async for row in speaks.said(scope):
                yield {"kind": kind, **row}
        async for row in self._held(scope):
            if row["state"] != HeldState.APPROVED.value:
                decided = row["decided"] or {}
                yield {
                    **{name: row[name] for name in ("kind", "id", "state", "at", "media_at", "author", "text", "reason")},
                    "decided_at": decided.get("at"),
                    "decided_by": (decided.get("by") or {}).get("id"),
                }

    async def _held(self, scope: str) -> AsyncIterator[Row]:
        after: str | None = None
        wanted = store.Wanted(tuple(HeldState))
        while True:
            async with self._database.reading() as session:
                found = await store.page(session, scope, wanted, after=after, limit=_AT_ONCE)
            for held in found:
                yield held.for_desk()
            if len(found) < _AT_ONCE:
                return
            after = found[-1].id

    async def _cases(self, scope: str) -> AsyncIterator[Row]:
        after: str | None = None
        while True:
            async with self._database.reading() as session:
                found = await store_reports.page(session, scope, tuple(CaseState), after=after, limit=_AT_ONCE)
            for case in found:
                yield case.for_desk(to_top=1)
            if len(found) < _AT_ONCE:
                return
            after = found[-1].id

    async def _reports(self, scope: str) -> AsyncIterator[Row]:
        after: tuple[str, str] | None = None
        while True:
            async with self._database.reading() as session:
                found = await store_reports.reports_of(session, scope, after=after, limit=_AT_ONCE)
            for row in found:
                yield {**row, "at": rfc3339(row["at"])}
            if len(found) < _AT_ONCE:
                return
            after = (found[-1]["thing_id"], found[-1]["by_id"])

    async def _mutes(self, scope: str) -> AsyncIterator[Row]:
        async with self._database.reading() as session:
            found = await store_mutes.of_scope(session, scope)
        for mute in found:
            yield _whole(mute)

    async def _acts(self, scope: str) -> AsyncIterator[Row]:
        before: str | None = None
        while True:
            found, before = await self._audit.page(scope=scope, before=before, limit=_AT_ONCE)
            for row in found:
                yield {**row.wire(), "number": row.number, "hash": row.hash}
            if before is None:
                return


class _Outlet(io.RawIOBase):
    """Where the archive writes to, and what it has written is taken from. It cannot be gone back in, so the archive puts sizes
    behind each file."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


async def _written(file: IO[bytes], lines: AsyncIterator[bytes], sums: dict[str, str], name: str) -> AsyncIterator[int]:
    """Writes, and pauses now and then for what was written to be sent on."""
    hashed = hashlib.sha256()
    number = 0
    async for line in lines:
        number += 1
        hashed.update(line)
        file.write(line)
        if number % _AT_ONCE == 0:
            yield number
    sums[name] = hashed.hexdigest()
    yield number


async def _as_json(rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    async for row in rows:
        yield to_json(row) + b"\n"


async def _as_csv(rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(list(_COLUMNS.values()))
    async for row in rows:
        author = row.get("author") or {}
        flat = {**row, "author_id": author.get("id"), "author": author.get("name")}
        yield _line([flat.get(name) for name in _COLUMNS])


def _line(cells: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(cell) for cell in cells])
    return out.getvalue().encode()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _whole(mute: Mute) -> Row:
    def moment(at: datetime | None) -> str | None:
        return None if at is None else rfc3339(at)

    return {**mute.for_desk(), "lifted_at": moment(mute.lifted_at), "lifted_by": mute.lifted_by}
