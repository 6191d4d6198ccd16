"""A publication as a signed PDF: use case. Whoever sees it takes it out, whole or one branch; what does not fit on some hundred
pages is taken out by branch."""

import asyncio

import structlog

from ..core.errors import AppError, Conflict, NotFound, Unprocessable
from ..core.paper import Press
from ..core.signing import Certificate, Signer
from ..identity import Member
from .exporting import Exporting
from .publication import PublicationState
from .publication_paper import paper
from .publishing import Publishing

log = structlog.get_logger(__name__)

MOST_PRINTED = 5_000  # members in one file: some 160 pages


class Printing:
    def __init__(self, publishing: Publishing, exporting: Exporting, press: Press, signer: Signer) -> None:
        self._publishing, self._exporting, self._press, self._signer = publishing, exporting, press, signer

    async def certificate(self) -> Certificate | None:
        """What is signed with; None where nothing can be signed now, which keeps nobody from reading."""
        try:
            found = await self._signer.certificate()
        except (AppError, OSError) as error:
            log.error("certificate_unreadable", alarm=True, reason=str(error))
            return None
        return None if self._signer.expired(found) else found

    async def publication(self, member: Member, publication_id: str, branch_id: str | None) -> tuple[str, bytes]:
        """The file's name, and the file. Raise NotFound, Conflict `still_preparing`, `certificate_expired`, Unprocessable
        `publication_too_long`."""
        heading = await self._publishing.heading(member, publication_id)
        publication = heading.publication
        if publication.state is PublicationState.PREPARING:
            raise Conflict("still_preparing", "公示还在准备，完成后再下载")
        wanted = [each for each in heading.branches if branch_id is None or each.id == branch_id]
        if branch_id is not None and not wanted:
            raise NotFound("branch_not_published", "公示中没有这个支部")
        if sum(each.members for each in wanted) > MOST_PRINTED:
            words = f"超过 {MOST_PRINTED} 人，一份文件放不下"
            raise Unprocessable("publication_too_long", f"{words}，请按支部下载" if branch_id is None else words)
        certificate = await self._signer.certificate()
        branches = [(each, await self._exporting.rows(publication, each)) for each in wanted]
        made = await asyncio.to_thread(paper, publication, branches, certificate)
        printed = await self._press.printed(made)
        name = publication.title if branch_id is None else f"{publication.title} {wanted[0].name}"
        return name, await self._signer.sign(printed, reason="积分公示")
