"""What media asks of whoever owns streams. It names the HTTP request, which the rules in `model` must not know."""

from typing import Protocol

from aiohttp import web

from .model import PublishGrant, PublishingEvent


class MediaAuthority(Protocol):
    """Who may publish and watch a stream. The feature that owns streams implements it; media knows only ids."""

    async def publisher(self, stream_id: str, token: str) -> PublishGrant:
        """Raise Unauthenticated for a wrong or expired token, NotFound, or Conflict when the stream cannot be sent to now."""
        ...

    async def viewer(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        """Raise Unauthenticated or NotFound when the caller may not watch. Cheap: it is asked for every playlist and part.

        Who may see a rehearsal is told by `request[REHEARSAL]`, who the viewer is by `request[VIEWER]`."""
        ...

    async def publishing_changed(self, stream_id: str, event: PublishingEvent) -> None: ...
