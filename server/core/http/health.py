"""`/healthz` says the process lives, `/readyz` that it can work, `/metrics` what it did.

Liveness asks nothing of others: a database that is away must not make a supervisor restart the whole fleet. Metrics name
paths and counts only; they are for loopback callers or the bearer of `METRICS_TOKEN`.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel

from ..errors import AppError, NotFound
from .frame import METRICS
from .peer import HTTP_SETTINGS
from .routing import Routes, Security

Check = Callable[[], Awaitable[None]]
CHECK_SECONDS = 3.0


class Health(BaseModel):
    status: str
    version: str


class Readiness(BaseModel):
    """`checks` says `ok` or why not, of each part; one without which work goes on does not make `ready` false."""

    ready: bool
    checks: dict[str, str]


def health_routes(version: str, checks: Mapping[str, Check], helpers: Mapping[str, Check] | None = None) -> Routes:
    """Routes for operators. A check raises, or takes longer than three seconds, when its part cannot work.

    `helpers` are parts without which work goes on, only worse: they are shown, and take nobody out of service.
    """
    routes = Routes("operation")

    @routes.get("/healthz", who="anyone", summary="The process lives")
    async def healthz(request: web.Request) -> Health:
        return Health(status="ok", version=version)

    @routes.get("/readyz", who="anyone", summary="The process can work")
    async def readyz(request: web.Request) -> web.Response:
        everything = {**checks, **(helpers or {})}
        results = dict(zip(everything, await asyncio.gather(*map(_run, everything.values())), strict=True))
        ready = all(results[name] == "ok" for name in checks)
        answer = Readiness(ready=ready, checks=results)
        return web.json_response(text=answer.model_dump_json(), status=200 if ready else 503)

    @routes.get("/metrics", who="operator", summary="Prometheus metrics", security=Security.BEARER)
    async def metrics(request: web.Request) -> web.Response:
        if not _may_read_metrics(request):
            raise NotFound
        body = generate_latest(request.app[METRICS])
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return routes


async def _run(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except AppError as refusal:
        return refusal.code
    except Exception as error:  # noqa: BLE001  # any failure means the same here: not ready, and which part
        return type(error).__name__
    return "ok"


def _may_read_metrics(request: web.Request) -> bool:
    token = request.app[HTTP_SETTINGS].metrics_token
    if token is not None:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    if "X-Forwarded-For" in request.headers:
        return False  # through a proxy everybody looks local
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
