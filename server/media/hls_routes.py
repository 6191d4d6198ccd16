"""The HTTP routes of a stream. Who may watch is asked for every playlist and every part: rights taken away end at once.

Playlists are never stored by anyone on the way. Parts, segments and init sections never change and their names cannot be
guessed; `private` keeps them out of shared caches, which would hand them out unasked.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from ..core.errors import Invalid, NotFound, Unavailable
from ..core.http import Routes
from ..core.http.peer import client_address
from .hls.directives import Directives, read_directives
from .hls.segments import Variant
from .hls.waiters import Client, Outcome
from .hls.window import Body
from .keys import MEDIA
from .limits import MediaSettings
from .output import StreamOutput
from .recording.replay import Replay

VIEWER = web.RequestKey("viewer", str)
"""A `MediaAuthority` may leave an id of the viewer in `request[VIEWER]`; waiting requests are then counted by it."""

REHEARSAL = web.RequestKey("rehearsal", bool)
"""A `MediaAuthority` sets it for whoever may see a rehearsal; to all others there is none."""

Handler = Callable[[web.Request], Awaitable[web.Response]]

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
IMMUTABLE = "private, max-age=86400, immutable"


def add_hls(routes: Routes) -> None:
    """Declare the playlists and what they name."""
    declared: tuple[tuple[str, Handler, str, str], ...] = (
        ("index.m3u8", _multivariant, "Multivariant playlist", PLAYLIST_TYPE),
        ("live.m3u8", _live, "Media playlist of picture and sound", PLAYLIST_TYPE),
        ("audio.m3u8", _sound, "Media playlist of the sound alone", PLAYLIST_TYPE),
        ("replay.m3u8", _replay, "Replay: media playlist of picture and sound", PLAYLIST_TYPE),
        ("replay-audio.m3u8", _replay_sound, "Replay: media playlist of the sound alone", PLAYLIST_TYPE),
        ("{folder}/{name}", _media, "A part, a segment or an init section", "video/mp4"),
    )
    for path, handler, summary, content_type in declared:
        routes.get(f"/hls/{{stream}}/{path}", who="viewer", summary=summary, content_type=content_type)(handler)


async def _multivariant(request: web.Request) -> web.Response:
    stream = await _watched(request)
    directives = _directives(request)
    await _until_playable(request, stream)
    return _playlist(stream.window.multivariant(directives.query))


async def _live(request: web.Request) -> web.Response:
    return await _media_playlist(request, Variant.LIVE)


async def _sound(request: web.Request) -> web.Response:
    return await _media_playlist(request, Variant.SOUND)


async def _replay(request: web.Request) -> web.Response:
    return _playlist((await _replayed(request)).playlist(Variant.LIVE, _directives(request).query))


async def _replay_sound(request: web.Request) -> web.Response:
    return _playlist((await _replayed(request)).playlist(Variant.SOUND, _directives(request).query))


async def _media(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name.startswith("r"):
        return await _recorded(request, name)
    stream = await _watched(request)
    window = stream.window
    if request.match_info["folder"] != window.folder:
        raise NotFound
    body = window.resource(name)
    if body is None and window.hints(name):
        await _wait(request, stream, lambda: not window.hints(name))
        body = window.resource(name)
    if body is None:
        raise NotFound
    return _unchanging(body, name)


async def _media_playlist(request: web.Request, variant: Variant) -> web.Response:
    stream = await _watched(request)
    window = stream.window
    asked = _directives(request)
    if asked.msn is None:
        await _until_playable(request, stream)
    elif not window.ended:
        msn, part = asked.msn, asked.part
        if window.too_far(msn, part):
            raise Invalid("too_far_ahead", "请求的片段尚未开始")
        await _wait(request, stream, lambda: window.ended or window.contains(msn, part))
    return _playlist(window.playlist(variant, skip=asked.skip, skip_dates=asked.skip_dates, query=asked.query))


async def _recorded(request: web.Request, name: str) -> web.Response:
    replay = await _replayed(request)
    if request.match_info["folder"] != replay.manifest.folder:
        raise NotFound
    try:
        body = await request.app[MEDIA].recordings.read(replay, name)
    except OSError as error:
        raise _unreadable() from error
    if body is None:
        raise NotFound
    return _unchanging(body, name.removeprefix("r"))


async def _replayed(request: web.Request) -> Replay:
    source = request.app[MEDIA]
    stream_id = request.match_info["stream"]
    await source.authority.viewer(request, stream_id, replay=True)
    try:
        replay = await source.recordings.replay(stream_id)
    except OSError as error:
        raise _unreadable() from error
    if replay is None:
        raise NotFound
    return replay


def _unreadable() -> Unavailable:
    return Unavailable("recording_unreadable", "录像暂时无法读取，请稍后再试", retry_after=5)


async def _watched(request: web.Request) -> StreamOutput:
    source = request.app[MEDIA]
    stream_id = request.match_info["stream"]
    await source.authority.viewer(request, stream_id, replay=False)
    stream = source.live(stream_id, rehearsal=request.get(REHEARSAL, False))
    if stream is None:
        raise NotFound
    return stream


async def _until_playable(request: web.Request, stream: StreamOutput) -> None:
    await _wait(request, stream, lambda: stream.window.playable or stream.window.ended)


async def _wait(request: web.Request, stream: StreamOutput, ready: Callable[[], bool]) -> None:
    """Block until `ready()`, at most three target durations."""
    if ready():
        return
    source = request.app[MEDIA]
    outcome = await stream.waiters.until(
        ready,
        client=_client(request, source.settings),
        deadline=source.clock.monotonic() + 3 * stream.window.timing.target_duration,
        gone=lambda: request.transport is None or request.transport.is_closing(),
    )
    if outcome is Outcome.TOO_LONG:
        raise Unavailable("stream_stalled", "直播信号暂时中断，请稍候", retry_after=1)
    if outcome is Outcome.GONE:
        raise NotFound


def _client(request: web.Request, settings: MediaSettings) -> Client:
    viewer = request.get(VIEWER)
    if viewer is not None:
        return Client(f"viewer {viewer}", settings.blocked_per_viewer)
    return Client(client_address(request), settings.blocked_per_address)


def _directives(request: web.Request) -> Directives:
    return read_directives(request.rel_url.raw_query_string)


def _playlist(text: bytes) -> web.Response:
    return web.Response(body=text, headers={"Content-Type": PLAYLIST_TYPE, "Cache-Control": "no-store"})


def media_type(name: str) -> str:
    """The media type of a part, a segment or an init section."""
    return "audio/mp4" if name.startswith("a") else "video/mp4"


def _unchanging(body: Body, name: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": media_type(name), "Cache-Control": IMMUTABLE})
