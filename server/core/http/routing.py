"""Declared routes. What a handler takes and gives is read from its annotations, once, at import.

    routes = Routes("broadcasts")

    @routes.post("/api/v1/broadcasts", status=201, who="red_host", summary="Schedule a broadcast")
    async def create(request: web.Request, body: BroadcastIn) -> BroadcastOut: ...

A parameter named `body` is the JSON body, one named `query` the query string; both are pydantic models. A returned model
is serialised as JSON with the declared status; `None` becomes 204; a `web.StreamResponse` passes as it is.
"""

import enum
import functools
import inspect
import json
import re
import typing
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel, ValidationError

from ..errors import Invalid, TooLarge, Unsupported
from .idempotency import IDEMPOTENCY, Secrets

# What no text in a database is.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")

Handler = Callable[..., Awaitable[BaseModel | web.StreamResponse | None]]
AnyHandler = typing.TypeVar("AnyHandler", bound=Handler)


class Security(enum.Enum):
    """What proves who calls. It decides the CSRF defence: a cookie is sent by browsers unasked, a bearer token is not."""

    SESSION = "session"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One declared route; the source of the application's router, of OpenAPI and of the role matrix test."""

    method: str
    path: str
    handler: Handler
    tag: str
    summary: str
    who: str
    status: int
    security: Security
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel] | None
    content_type: str
    max_body: int
    idempotent: bool
    secrets: Secrets | None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        raw = b"" if self.body is None else await _raw_body(request, self.max_body)
        if self.idempotent:
            respond = functools.partial(self._respond, request, raw)
            return await request.app[IDEMPOTENCY].run(request, raw, respond, self.secrets)
        return await self._respond(request, raw)

    async def _respond(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        arguments: dict[str, BaseModel] = {}
        if self.query is not None:
            arguments["query"] = _validate(self.query, _query_values(request), "query_invalid")
        if self.body is not None:
            arguments["body"] = _validate(self.body, _parse_json(raw), "body_invalid")
        answer = await self.handler(request, **arguments)
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return web.Response(status=204)
        return web.Response(status=self.status, body=answer.model_dump_json().encode(), content_type="application/json")


class Routes:
    """The routes of one feature, under one OpenAPI tag."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.endpoints: list[Endpoint] = []

    def route(
        self,
        method: str,
        path: str,
        *,
        who: str,
        summary: str,
        status: int = 200,
        security: Security = Security.SESSION,
        content_type: str = "application/json",
        max_body: int = 64 * 1024,
        idempotent: bool = False,
        secrets: Secrets | None = None,
        answer: type[BaseModel] | None = None,
    ) -> Callable[[AnyHandler], AnyHandler]:
        """Declare a route. `who` names the roles in words; `max_body` is in bytes and bounds a JSON body;
        `idempotent` makes the route honour `Idempotency-Key`, and `secrets` are what of its answer is not kept for that;
        `answer` is for a handler that builds the response itself (to set a cookie) and still promises that model."""

        def declare(handler: AnyHandler) -> AnyHandler:
            hints = typing.get_type_hints(handler)
            self.endpoints.append(
                Endpoint(
                    method=method,
                    path=path,
                    handler=handler,
                    tag=self.tag,
                    summary=summary,
                    who=who,
                    status=status,
                    security=security,
                    body=_model(hints.get("body")),
                    query=_model(hints.get("query")),
                    answer=answer or _model(hints.get("return")),
                    content_type=content_type,
                    max_body=max_body,
                    idempotent=idempotent,
                    secrets=secrets,
                )
            )
            return handler

        return declare

    def get(self, path: str, **more: typing.Any) -> Callable[[AnyHandler], AnyHandler]:
        return self.route("GET", path, **more)

    def post(self, path: str, **more: typing.Any) -> Callable[[AnyHandler], AnyHandler]:
        return self.route("POST", path, **more)

    def put(self, path: str, **more: typing.Any) -> Callable[[AnyHandler], AnyHandler]:
        return self.route("PUT", path, **more)

    def patch(self, path: str, **more: typing.Any) -> Callable[[AnyHandler], AnyHandler]:
        return self.route("PATCH", path, **more)

    def delete(self, path: str, **more: typing.Any) -> Callable[[AnyHandler], AnyHandler]:
        return self.route("DELETE", path, **more)


def mount(app: web.Application, tables: Iterable[Routes]) -> list[Endpoint]:
    """Add every declared route to the application's router and return them all."""
    endpoints = [endpoint for table in tables for endpoint in table.endpoints]
    for endpoint in endpoints:
        app.router.add_route(endpoint.method, endpoint.path, _adapter(endpoint))
    return endpoints


def endpoint_of(request: web.Request) -> Endpoint | None:
    """The declared route a request has reached, if it reached one."""
    return getattr(request.match_info.handler, "endpoint", None)


def _adapter(endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await endpoint(request)

    handle.endpoint = endpoint  # type: ignore[attr-defined]  # read back by endpoint_of
    return handle


def _model(hint: object) -> type[BaseModel] | None:
    return hint if inspect.isclass(hint) and issubclass(hint, BaseModel) else None


def _query_values(request: web.Request) -> dict[str, str]:
    """Each once. None holds what no text in the database has: PostgreSQL refuses to look for it."""
    for name, value in request.query.items():
        if len(request.query.getall(name)) > 1:
            raise Invalid("query_invalid", f"参数 {name} 只能出现一次")
        if _NO_TEXT.search(value):
            raise Invalid("query_invalid", f"参数 {name} 中有无法识别的字符")
    return dict(request.query)


async def _raw_body(request: web.Request, limit: int) -> bytes:
    if request.content_type != "application/json":
        raise Unsupported("json_needed", "请求体须为 application/json")
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge("body_too_large", "请求内容过大")
    raw = await request.content.read(limit + 1)
    while len(raw) <= limit and (more := await request.content.read(limit + 1 - len(raw))):
        raw += more
    if len(raw) > limit:
        raise TooLarge("body_too_large", "请求内容过大")
    return raw


def _parse_json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise Invalid("json_invalid", "请求体不是有效的 JSON") from problem


def _validate(model: type[BaseModel], values: object, code: str) -> BaseModel:
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        fields = [
            {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"], "type": error["type"]}
            for error in problem.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise Invalid(code, "有内容填写不正确", extra={"fields": fields}) from problem
