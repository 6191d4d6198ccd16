"""A WHIP server that does what aiortc does as it comes: receive, and decode every picture and every sound.

It is what our ingest is compared with, and the real peer that the demo publisher is tested against.
`python -m bench.stock_receiver PORT` serves http://127.0.0.1:PORT/whip until SIGTERM.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable

import av
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av.frame import Frame

from server.demo.publisher import prefer_loopback

Watcher = Callable[[Frame], None]


class StockReceiver:
    """Decodes what is published to it. `watch` sees every decoded frame; `prepare` each connection before it starts."""

    def __init__(self, watch: Watcher | None = None, prepare: Callable[[RTCPeerConnection], None] | None = None) -> None:
        self._watch = watch
        self._prepare = prepare
        self._readers: set[asyncio.Task[None]] = set()
        self.peers: dict[str, RTCPeerConnection] = {}
        self.refuse_next = 0
        self.deleted: list[str] = []
        self.posts: list[web.Request] = []
        self.pictures = 0
        self.sounds = 0

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/whip", self._post)
        app.router.add_delete("/whip/{session}", self._delete)
        app.router.add_get("/counts", self._counts)
        app.on_shutdown.append(self._close)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        self.posts.append(request)
        offer = await request.text()
        if self.refuse_next:
            self.refuse_next -= 1
            raise web.HTTPServiceUnavailable
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        name = str(len(self.posts))
        self.peers[name] = peer
        peer.on("track", self._read)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        if self._prepare is not None:
            self._prepare(peer)
        await peer.setLocalDescription(await peer.createAnswer())
        headers = {"Location": f"/whip/{name}"}
        return web.Response(status=201, text=peer.localDescription.sdp, content_type="application/sdp", headers=headers)

    async def _delete(self, request: web.Request) -> web.Response:
        name = request.match_info["session"]
        peer = self.peers.pop(name, None)
        if peer is None:
            raise web.HTTPNotFound
        self.deleted.append(name)
        await peer.close()
        return web.Response()

    async def _counts(self, _: web.Request) -> web.Response:
        return web.json_response({"pictures": self.pictures, "sounds": self.sounds})

    def _read(self, track: MediaStreamTrack) -> None:
        task = asyncio.ensure_future(self._drain(track))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _drain(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.pictures += 1
                else:
                    self.sounds += 1
                if self._watch is not None and isinstance(frame, Frame):
                    self._watch(frame)

    async def _close(self, _: web.Application) -> None:
        await asyncio.gather(*(peer.close() for peer in self.peers.values()))
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)


if __name__ == "__main__":
    prefer_loopback()
    web.run_app(StockReceiver().application(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=lambda *_: None)
