"""Who a conversation is between, and the transaction in which one of them does something in it.

Who is no party learns nothing: a conversation of others is answered like one that does not exist, to administrators too.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..core.db import Database, Session
from ..core.ids import is_id
from . import store
from .model import Conversation, Party, not_there

_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that nobody else changes until the end of the transaction, as one of its parties meets it."""

    conversation: Conversation
    parties: Mapping[str, Party]
    side: str


class Register:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    async def sides(self, conversation_id: str) -> Mapping[str, str]:
        """By member; nobody for what does not exist. Remembered, for they never change."""
        if (known := self._known.get(conversation_id)) is not None:
            return known
        if not is_id(conversation_id):
            return {}
        async with self._database.reading() as session:
            found = {each.member_id: each.side for each in (await store.parties(session, conversation_id)).values()}
        if found:
            self._known[conversation_id] = found
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    async def require_side(self, conversation_id: str, member_id: str) -> str:
        """Raise NotFound `talk_not_found`, for what does not exist and for what is between others."""
        side = (await self.sides(conversation_id)).get(member_id)
        if side is None:
            raise not_there()
        return side

    @asynccontextmanager
    async def held(self, conversation_id: str, member_id: str) -> AsyncIterator[tuple[Session, Held]]:
        """Raise NotFound `talk_not_found`."""
        side = await self.require_side(conversation_id, member_id)
        async with self._database.transaction() as session:
            conversation = await store.find(session, conversation_id, hold=True)
            if conversation is None:
                raise not_there()
            yield session, Held(conversation, await store.parties(session, conversation_id), side)
