"""Broadcasts as moderation sees them: rooms with those who keep them."""

from collections.abc import Collection, Mapping

from ..identity import Member
from ..moderation import Room
from .model import ON_AIR, Broadcast
from .service import BroadcastService
from .visibility import rights


class BroadcastRooms:
    """`moderation.Rooms` over broadcasts."""

    def __init__(self, broadcasts: BroadcastService) -> None:
        self._broadcasts = broadcasts

    async def find(self, member: Member, scope: str) -> Room:
        return _room(await self._broadcasts.find(member, scope))

    async def recall(self, scope: str) -> Room | None:
        broadcast = await self._broadcasts.access.recall(scope)
        return None if broadcast is None else _room(broadcast)

    async def titles(self, scopes: Collection[str]) -> Mapping[str, str]:
        return {each.id: each.title for each in await self._broadcasts.present(scopes)} if scopes else {}


def _room(broadcast: Broadcast) -> Room:
    return Room(
        scope=broadcast.id,
        open=broadcast.state in ON_AIR,
        keeps=lambda member: rights(broadcast, member).insider,
        sends=lambda member_id: broadcast.publisher(member_id) is not None,
    )
