"""HLS for the fast lane: what is already there of a live stream, for viewers who are known to be allowed.

Live playlists without directives, and parts, segments and init sections of the live window. What must wait, what is recorded,
what is refused and what renews a ticket goes the ordinary way (`hls_routes.py`); the answers of both are the same.
"""

import re
from collections.abc import Callable
from typing import Protocol

from ..core.http.fastlane import FastAnswer
from .hls.segments import Variant
from .hls.window import Window
from .hls_routes import IMMUTABLE, PLAYLIST_TYPE, media_type

_ID = r"/hls/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
_PLAYLIST = re.compile(_ID + r"(live|audio)\.m3u8")
_MEDIA = re.compile(_ID + r"([A-Za-z0-9_-]{1,64})/([vai][A-Za-z0-9.-]{1,64})")


class Allowed(Protocol):
    def __call__(self, stream_id: str, cookies: str, /, *, playlist: bool) -> bool:
        """Whether whoever sends these cookies may watch the stream, as far as that is known without asking anybody."""
        ...


class FastHls:
    """A `Responder`. `window_of` gives what can be watched of a stream now."""

    def __init__(self, window_of: Callable[[str], Window | None], allowed: Allowed) -> None:
        self._window_of = window_of
        self._allowed = allowed

    def __call__(self, path: str, cookies: str) -> FastAnswer | None:
        if (asked := _MEDIA.fullmatch(path)) is not None:
            return self._media(asked[1], asked[2], asked[3], cookies)
        if (asked := _PLAYLIST.fullmatch(path)) is not None:
            return self._playlist(asked[1], Variant(asked[2]), cookies)
        return None

    def _media(self, stream_id: str, folder: str, name: str, cookies: str) -> FastAnswer | None:
        window = self._window_of(stream_id)
        body = window.resource(name) if window is not None and folder == window.folder else None
        if body is None or not self._allowed(stream_id, cookies, playlist=False):
            return None
        return FastAnswer("/hls/{stream}/{folder}/{name}", media_type(name), IMMUTABLE, body)

    def _playlist(self, stream_id: str, variant: Variant, cookies: str) -> FastAnswer | None:
        window = self._window_of(stream_id)
        if window is None or not (window.playable or window.ended):
            return None
        if not self._allowed(stream_id, cookies, playlist=True):
            return None
        return FastAnswer(f"/hls/{{stream}}/{variant.value}.m3u8", PLAYLIST_TYPE, "no-store", window.playlist(variant))
