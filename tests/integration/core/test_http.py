"""The frame around every request, seen from outside over real HTTP."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, ConfigDict, Field
from structlog.testing import capture_logs
from yarl import URL

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import Conflict, TooMany, Unavailable
from server.core.http import PageQuery, Routes, Security, mount
from server.core.http.frame import install_frame
from server.core.http.health import health_routes
from server.core.http.idempotency import IDEMPOTENCY, Idempotency
from server.core.http.openapi import openapi
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.core.logs import configure_logs

Client = TestClient[web.Request, web.Application]
ORIGIN = {"Origin": "https://hongbo.example"}


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=20)


class NoteOut(BaseModel):
    text: str
    number: int


@pytest.fixture
async def client(aiohttp_client: Callable[[web.Application], Awaitable[Client]], database: Database) -> Client:
    routes = Routes("notes")
    written: list[str] = []

    @routes.post("/notes", who="anyone", summary="Write a note", status=201, idempotent=True)
    async def write(request: web.Request, body: NoteIn) -> NoteOut:
        async with database.transaction():
            if body.text == "conflict":
                raise Conflict("note_exists", "已有这条记录")
            written.append(body.text)
        return NoteOut(text=body.text, number=len(written))

    @routes.get("/notes/{id}", who="anyone", summary="Read")
    async def read(request: web.Request, query: PageQuery) -> NoteOut:
        if request.match_info["id"] == "busy":
            raise TooMany("slow_down", "请稍后再试", retry_after=7)
        if request.match_info["id"] == "crash":
            raise RuntimeError("secret detail of the inside")
        return NoteOut(text=request.match_info["id"], number=query.limit)

    @routes.post("/whip", who="bearer", summary="Bearer", security=Security.BEARER)
    async def bearer(request: web.Request) -> None: ...

    async def scope(request: web.Request) -> str:
        return request.headers.get("X-Who", "anyone")

    async def broken() -> None:
        raise OSError("database away")

    async def fine() -> None: ...

    async def helper() -> None:
        raise Unavailable("hints_untold")

    app = web.Application()
    app[HTTP_SETTINGS] = HttpSettings(public_url=URL("https://hongbo.example"))
    app[IDEMPOTENCY] = Idempotency(database, SystemClock(), scope)
    install_frame(app, CollectorRegistry())
    mount(app, [routes, health_routes("1.2.3", {"fine": fine, "broken": broken}, {"helper": helper})])
    return await aiohttp_client(app)


async def test_a_refusal_is_a_problem_with_a_stable_code_and_the_request_id(client: Client) -> None:
    answer = await client.get("/notes/busy", headers={"X-Request-Id": "proxy-id-12345"})
    assert answer.status == 429
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "7"
    problem = await answer.json(content_type=None)
    assert problem["code"] == "slow_down"
    assert problem["request_id"] == "proxy-id-12345" == answer.headers["X-Request-Id"]


@pytest.mark.usefixtures("restored_logs")
async def test_a_crash_tells_nothing_of_the_inside_and_is_logged_with_its_id(client: Client) -> None:
    out = io.StringIO()
    configure_logs(stream=out, json=True)
    answer = await client.get("/notes/crash")
    assert answer.status == 500
    text = await answer.text()
    assert "secret" not in text
    assert "RuntimeError" not in text
    crash = next(line for line in map(json.loads, out.getvalue().splitlines()) if line["event"] == "request_crashed")
    assert crash["request_id"] == json.loads(text)["request_id"] == answer.headers["X-Request-Id"]
    assert crash["level"] == "error"
    assert "secret detail" in str(crash["exception"])


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"text": "x", "role": "administrator"}', {}, 400, "body_invalid"),  # ASVS 8.2.3
        (b'{"text": 1}', {}, 400, "body_invalid"),
        (b"{", {}, 400, "json_invalid"),
        (b"[" * 100_000, {}, 413, "body_too_large"),
        (b"[" * 60_000, {}, 400, "json_invalid"),
        (b'{"text": "x"}', {"Content-Type": "text/plain"}, 415, "json_needed"),
        (b'{"text": "x"}', {"Origin": "https://evil.example"}, 403, "origin_refused"),
        (b'{"text": "x"}', {"Origin": "null"}, 403, "origin_refused"),
        (b'{"text": "x"}', {"Sec-Fetch-Site": "cross-site"}, 403, "origin_refused"),
        (b'{"text": "x"}', {"Sec-Fetch-Site": "same-site"}, 403, "origin_refused"),
        (b'{"text": "x"}', {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}, 403, "origin_refused"),
    ],
)
async def test_bad_input_gets_a_clear_error(
    client: Client, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await client.post("/notes", data=body, headers={"Content-Type": "application/json"} | ORIGIN | headers)
    assert (answer.status, (await answer.json(content_type=None))["code"]) == (status, code)


async def test_a_missing_origin_is_refused_except_where_a_bearer_token_is_the_proof(client: Client) -> None:
    assert (await client.post("/notes", json={"text": "x"})).status == 403
    assert (await client.post("/whip")).status == 204


async def test_unknown_addresses_and_methods_are_problems_too(client: Client) -> None:
    missing = await client.get("/nowhere")
    assert (missing.status, (await missing.json(content_type=None))["code"]) == (404, "not_found")
    wrong = await client.delete("/notes/1", headers=ORIGIN)
    assert wrong.status == 405
    assert "GET" in wrong.headers["Allow"]
    assert (await client.request("TRACE", "/notes/1", headers=ORIGIN)).status == 405


async def test_what_a_client_sends_wrong_is_never_our_crash(client: Client) -> None:
    headers = {**ORIGIN, "Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused = await client.post("/notes", data=b"not gzip", headers=headers)
    assert (refused.status, (await refused.json())["code"]) == (400, "body_unreadable")


async def test_who_leaves_in_the_middle_of_a_body_is_no_crash(unused_tcp_port: int) -> None:
    routes = Routes("notes")

    @routes.post("/notes", who="anyone", summary="Write", security=Security.BEARER)
    async def write(request: web.Request, body: NoteIn) -> None: ...

    app = web.Application()
    app[HTTP_SETTINGS] = HttpSettings()
    install_frame(app, CollectorRegistry())
    mount(app, [routes])
    runner = web.AppRunner(app)  # as in production: the test client's own server would cancel the handler
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    with capture_logs() as logs:
        reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        head = b"POST /notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n"
        writer.write(head + b"Expect: 100-continue\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")  # the handler waits for the body
        writer.close()
        await writer.wait_closed()
        await runner.cleanup()  # waits for the handlers
    assert [(entry["event"], entry.get("status")) for entry in logs] == [("request", 400)]


async def test_queries_are_validated_and_repeats_refused(client: Client) -> None:
    assert (await (await client.get("/notes/1?limit=7")).json())["number"] == 7
    for query in ("limit=0", "limit=x", "limit=1&limit=2", "unknown=1"):
        answer = await client.get(f"/notes/1?{query}")
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (400, "query_invalid")


async def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/notes/1", "/nowhere", "/notes/crash"):
        headers = (await client.get(path)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


async def test_the_same_key_and_body_give_the_same_answer_and_write_once(client: Client) -> None:
    headers = ORIGIN | {"Idempotency-Key": "k1"}
    first = await client.post("/notes", json={"text": "a"}, headers=headers)
    again = await client.post("/notes", json={"text": "a"}, headers=headers)
    assert first.status == again.status == 201
    assert await first.json() == await again.json() == {"text": "a", "number": 1}
    other = await client.post("/notes", json={"text": "b"}, headers=headers)
    assert (other.status, (await other.json(content_type=None))["code"]) == (409, "idempotency_key_reused")
    # Another caller's key is another key, and a request that failed has not used its key up.
    elsewhere = await client.post("/notes", json={"text": "b"}, headers=headers | {"X-Who": "somebody"})
    assert (await elsewhere.json())["number"] == 2
    failing = ORIGIN | {"Idempotency-Key": "k2"}
    assert (await client.post("/notes", json={"text": "conflict"}, headers=failing)).status == 409
    assert (await client.post("/notes", json={"text": "c"}, headers=failing)).status == 201


async def test_health_needs_nobody_and_readiness_names_what_is_missing(client: Client) -> None:
    assert (await (await client.get("/healthz")).json())["status"] == "ok"
    ready = await client.get("/readyz")
    assert ready.status == 503
    assert await ready.json() == {"ready": False, "checks": {"fine": "ok", "broken": "OSError", "helper": "hints_untold"}}


async def test_metrics_are_for_operators_on_the_machine(client: Client) -> None:
    await client.get("/notes/1")
    text = await (await client.get("/metrics")).text()
    assert 'hongbo_http_requests_total{method="GET",path="/notes/{id}",status="200"} 1.0' in text
    assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})).status == 404


def test_the_document_is_valid_openapi_3_1() -> None:
    from openapi_spec_validator import validate

    routes = Routes("notes")

    @routes.post("/notes/{id}", who="anyone", summary="Write", status=201)
    async def write(request: web.Request, body: NoteIn, query: PageQuery) -> NoteOut:
        raise AssertionError

    document = openapi(routes.endpoints, title="T", version="1", description="D")
    validate(document)
    operation = document["paths"]["/notes/{id}"]["post"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"id", "after", "limit"}
    assert operation["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("NoteOut")
