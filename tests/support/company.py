"""The company that sends an operator's text messages, spoken to over real HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class Company:
    """Takes messages; `status` is what it answers."""

    status: int = 202
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.signatures.append(request.headers["Hongbo-Signature"])
        return web.Response(status=self.status)

    @property
    def code(self) -> str:
        """The newest."""
        return str(json.loads(self.bodies[-1])["code"])


@asynccontextmanager
async def answering(company: Company) -> AsyncIterator[TestServer]:
    """It takes what is posted to `/send`."""
    app = web.Application()
    app.router.add_post("/send", company.take)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield server
    await server.close()
