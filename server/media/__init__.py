"""Streams: taken in by WHIP, cut into parts, served as LL-HLS, recorded. Knows stream ids, no broadcasts.

`MediaService` is what other features hold; `media_routes` is what the application mounts; a `MediaAuthority`, implemented by
whoever owns streams, says who may publish and watch.
"""

from ..core.http import Routes
from ..core.http.fastlane import Responder
from .authority import MediaAuthority
from .hls.window import Window
from .hls_fast import Allowed, FastHls
from .hls_routes import REHEARSAL, VIEWER, add_hls
from .ice_servers import IceServer, read_ice_server, read_turn_url
from .keys import MEDIA
from .limits import MediaSettings
from .model import (
    AccessUnit,
    IngestSink,
    OpusPacket,
    PublishGrant,
    PublishingEvent,
    RecordingInfo,
    StreamStatus,
    Tracks,
)
from .recording.store import examine_recordings
from .service import MediaService
from .whip import add_whip

__all__ = [
    "MEDIA",
    "REHEARSAL",
    "VIEWER",
    "AccessUnit",
    "IceServer",
    "IngestSink",
    "MediaAuthority",
    "MediaService",
    "MediaSettings",
    "OpusPacket",
    "PublishGrant",
    "PublishingEvent",
    "RecordingInfo",
    "StreamStatus",
    "Tracks",
    "examine_recordings",
    "fast_hls",
    "media_routes",
    "read_ice_server",
    "read_turn_url",
]


def media_routes() -> Routes:
    """Every HTTP route of the media path."""
    routes = Routes("media")
    add_whip(routes)
    add_hls(routes)
    return routes


def fast_hls(service: MediaService, allowed: Allowed) -> Responder:
    """Answers for the fast lane: what is there of live streams, for those whom `allowed` knows."""

    def window_of(stream_id: str) -> Window | None:
        output = service.live(stream_id)
        return output.window if output is not None else None

    return FastHls(window_of, allowed)
