"""Files of a publication and of one's own ledger: use cases.

The committee takes out a whole publication and a branch secretary the own branch; that it was done stands in the audit. One's
own ledger is for oneself alone.
"""

import asyncio

from ..core.audit import Act, Actor, Audit
from ..core.db import Database
from ..core.errors import Conflict, Forbidden
from ..identity import Member
from . import publication_store, sheets
from .objecting_model import answers_for
from .publication import BRANCH, COMMITTEE, Publication, PublicationState, Published
from .publishing import HeadedBranch, Publishing
from .service import Ledger, Row
from .sheets import Form

_AT_ONCE = 1_000  # rows
_MOST = 20_000  # rows of one person's year


class Exporting:
    def __init__(self, database: Database, publishing: Publishing, ledger: Ledger, audit: Audit) -> None:
        self._database, self._publishing, self._ledger, self._audit = database, publishing, ledger, audit

    async def publication(self, member: Member, publication_id: str, form: Form) -> tuple[Publication, bytes]:
        """Raise NotFound, Forbidden `role_needed`, Conflict `still_preparing`."""
        heading = await self._publishing.heading(member, publication_id)
        if not member.has(*COMMITTEE, *BRANCH):
            raise Forbidden("role_needed", "公示由支部书记、党委书记或党务干部导出")
        if heading.publication.state is PublicationState.PREPARING:
            raise Conflict("still_preparing", "公示还在准备，完成后再导出")
        wanted = [each for each in heading.branches if answers_for(member, each.id)]
        branches = [(each.name, await self.rows(heading.publication, each)) for each in wanted]
        async with self._database.transaction() as session:
            actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
            self._audit.note(session, Act("publication.exported", "points", publication_id), actor)
        return heading.publication, await asyncio.to_thread(sheets.published, heading.publication, branches, form)

    async def own(self, member: Member, year: int, form: Form) -> bytes:
        names, before = await self._ledger.names(), None
        found: list[Row] = []
        while len(found) < _MOST:
            rows, before = await self._ledger.rows(member.id, year, before=before, limit=_AT_ONCE)
            found += rows
            if before is None:
                break
        return await asyncio.to_thread(sheets.own, found, names, form)

    async def rows(self, publication: Publication, branch: HeadedBranch) -> list[Published]:
        """Of one branch, in the order of names."""
        found: list[Published] = []
        while True:
            async with self._database.reading() as session:
                page = await publication_store.members(session, publication.id, branch.id, after=len(found), limit=_AT_ONCE)
            found += page
            if len(page) < _AT_ONCE:
                return found
