"""An external system that takes webhooks: a real server, which checks signatures in its own way and answers as it is told."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Manner = Callable[["Heard"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Heard:
    headers: dict[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    def signed_by(self, secret: str) -> bool:
        """Whether a signature is that of Standard Webhooks under this secret; written from its text, not from ours."""
        assert secret.startswith("whsec_")
        key = base64.b64decode(secret[len("whsec_") :])
        content = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.raw])
        wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        given = [each.split(",", 1) for each in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(each, wanted) for version, each in given)


async def accept(_: Heard) -> web.StreamResponse:
    return web.Response(text="ok")


def answering(status: int, **headers: str) -> Manner:
    async def answer(_: Heard) -> web.StreamResponse:
        return web.Response(
            status=status, text="不行", headers={name.replace("_", "-"): each for name, each in headers.items()}
        )

    return answer


async def never(_: Heard) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def hang_up(_: Heard) -> web.StreamResponse:
    """The connection is cut before this is asked."""
    return web.Response()


@dataclass
class Receiver:
    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    manner: Manner = accept

    @property
    def ids(self) -> list[str]:
        return [each.id for each in self.heard]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()

    async def take(request: web.Request) -> web.StreamResponse:
        heard = Heard({name.lower(): each for name, each in request.headers.items()}, await request.read())
        made.heard.append(heard)
        if made.manner is hang_up:
            assert request.transport is not None
            request.transport.abort()
        return await made.manner(heard)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", take)
    server = TestServer(app, host="127.0.0.1", shutdown_timeout=0.1)
    await server.start_server()
    made.url = str(server.make_url("/hook"))
    try:
        yield made
    finally:
        await server.close()
