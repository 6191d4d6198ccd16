"""Handing in sealed files, and giving them back to the two they are between."""

from ..core.buckets import Buckets
from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import AppError, TooLarge, Unprocessable
from ..core.ids import is_id, new_id
from ..identity import Member
from . import model, store
from .blobs import BlobFolder
from .model import BLOBS, BlobKind
from .register import Register
from .store import Blob


class Files:
    def __init__(self, register: Register, database: Database, clock: Clock, folder: BlobFolder) -> None:
        self._register, self._database, self._clock, self._folder = register, database, clock, folder
        self._handed_in = Buckets(model.FILES_AT_ONCE, model.FILES_PER_SECOND)

    async def require_room(self, member: Member, conversation_id: str, kind: BlobKind) -> None:
        """Before anything of it is read. Raise as `keep` does, and TooMany `too_fast`."""
        await self._register.require_side(conversation_id, member.id)
        self._handed_in.require(member.id, self._clock.monotonic(), "附件发得太快了，请稍候再试")
        async with self._database.reading() as session:
            conversation = await store.find(session, conversation_id)
            if conversation is None:
                raise model.not_there()
            model.check_open(conversation, self._clock.now())
            model.check_blob(kind, await store.count_blobs(session, conversation_id, kind))

    async def keep(self, member: Member, conversation_id: str, kind: BlobKind, content: bytes) -> Blob:
        """Raise NotFound `talk_not_found`, Conflict `talk_not_open`, `talk_ended`, `talk_erased`, `talk_full`, Unprocessable
        `file_empty`, TooLarge, Unavailable `disk_full`."""
        if not content:
            raise Unprocessable("file_empty", "附件是空的")
        if len(content) > BLOBS[kind].size:
            raise too_large(kind)
        blob_id = new_id()
        await self._folder.keep(blob_id, content)
        try:
            async with self._register.held(conversation_id, member.id) as (session, held):
                now = self._clock.now()
                model.check_open(held.conversation, now)
                model.check_blob(kind, await store.count_blobs(session, conversation_id, kind))
                blob = Blob(blob_id, conversation_id, held.side, kind, len(content), now)
                await store.add_blob(session, blob)
        except AppError:
            await self._folder.drop([blob_id])  # after any other error the row may be there; if it is not, the file is swept
            raise
        return blob

    async def content(self, member: Member, conversation_id: str, blob_id: str) -> bytes:
        """For the other side only once it was sent. Raise NotFound `talk_not_found`, `attachment_not_found`."""
        side = await self._register.require_side(conversation_id, member.id)
        async with self._database.reading() as session:
            blob = await store.find_blob(session, conversation_id, blob_id) if is_id(blob_id) else None
        if blob is None or (blob.message_id is None and blob.side != side):
            raise model.blob_not_there()
        content = await self._folder.read(blob_id)
        if content is None:
            raise model.blob_not_there()
        return content


def too_large(kind: BlobKind) -> TooLarge:
    return TooLarge("file_too_large", f"一个附件不能超过 {BLOBS[kind].size // 1024 // 1024} MB")
