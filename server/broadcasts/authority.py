"""What media asks of broadcasts: who may send, who may watch, and the news that a publisher has come or gone.

A publish token is good while its version is the sender's present one, its owner is still named in the broadcast, not disabled,
and a red host. After its expiry it is refused, with one exception: whoever is (or was last) sending to a broadcast on air may
come back with it, since a planned end must never cut off those who run late.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from ..core.clock import Clock
from ..core.errors import Unauthenticated
from ..identity import Identity, Person, Role
from ..media import PublishGrant, PublishingEvent
from .access import Access
from .model import ON_AIR, OVER, Broadcast, refuse_over
from .registry import Registry
from .tokens import PublishToken, PublishTokens

OnEvent = Callable[[str, PublishingEvent], Awaitable[None]]


class BroadcastAuthority:
    """Implements `media.MediaAuthority`. Media is built on it, and attached to the director afterwards by `report_to`."""

    def __init__(self, registry: Registry, identity: Identity, tokens: PublishTokens, access: Access, clock: Clock) -> None:
        self._registry, self._identity, self._tokens = registry, identity, tokens
        self._access, self._clock = access, clock
        self._on_event: OnEvent | None = None

    def report_to(self, on_event: OnEvent) -> None:
        self._on_event = on_event

    async def publisher(self, stream_id: str, token: str) -> PublishGrant:
        """Raise Unauthenticated `token_refused` or `token_expired`, Conflict `broadcast_over`."""
        shown = self._tokens.read(stream_id, token)
        broadcast = await self._registry.load(stream_id) if shown is not None else None
        if shown is None or broadcast is None:
            raise _refused()  # a stream that does not exist has no genuine token
        person = (await self._identity.people([shown.member_id])).get(shown.member_id)
        if not token_fits(broadcast, shown) or not may_send(broadcast, person):
            raise _refused()
        if broadcast.state in OVER:
            raise refuse_over(broadcast)
        if _expired(broadcast, shown, self._clock.now()):
            raise Unauthenticated(
                "token_expired", "推流凭证已过期，请从开播页面重新复制", headers={"WWW-Authenticate": "Bearer"}
            )
        return PublishGrant(publisher_id=shown.member_id, on_air=broadcast.state in ON_AIR)

    async def viewer(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        await self._access.check(request, stream_id, replay=replay)

    async def publishing_changed(self, stream_id: str, event: PublishingEvent) -> None:
        if self._on_event is None:
            raise RuntimeError("a publisher before the director was attached")
        await self._on_event(stream_id, event)


def token_fits(broadcast: Broadcast, shown: PublishToken) -> bool:
    """Whether it is the present token of somebody who is (still) named in the broadcast."""
    publisher = broadcast.publisher(shown.member_id)
    return publisher is not None and publisher.token_version == shown.version


def may_send(broadcast: Broadcast, person: Person | None) -> bool:
    """Whether that person, as identity has them now, may send to the broadcast."""
    if person is None or person.disabled or Role.RED_HOST not in person.roles:
        return False
    return broadcast.publisher(person.id) is not None


def _expired(broadcast: Broadcast, shown: PublishToken, now: datetime) -> bool:
    resumes = broadcast.state in ON_AIR and broadcast.publisher_id == shown.member_id
    return now >= shown.expires_at and not resumes


def _refused() -> Unauthenticated:
    return Unauthenticated("token_refused", "推流凭证无效", headers={"WWW-Authenticate": "Bearer"})
