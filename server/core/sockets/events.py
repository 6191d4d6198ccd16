"""Declared events, as `core.http.routing` has declared routes.

    events = Events("comments")

    @events.on("comment", who="viewer", summary="Say something in a broadcast's room")
    async def comment(connection: Connection, payload: CommentIn) -> CommentAck: ...

Every event is acknowledged: `{ok: true, …}` with the fields of the returned model, or `{ok: false, error: {code, message}}`.
What the server says unasked is declared beside it, with its model, and is not acknowledged:

    events.tells("entries", EntriesOut, who="whoever has subscribed", summary="What happened in a channel")
"""

import functools
import inspect
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import BaseModel, ValidationError

from ..errors import AppError
from .connection import Connection
from .packets import Encoded
from .wire import RefusedAck

log = structlog.get_logger(__name__)

Answer = BaseModel | Encoded | None
Handler = Callable[..., Awaitable[Answer]]
AnyHandler = typing.TypeVar("AnyHandler", bound=Handler)


Mode = typing.Literal["validation", "serialization"]


@dataclass(frozen=True, slots=True)
class Event:
    """One declared event; the source of dispatch, of the client's types and of the role matrix test."""

    direction: typing.ClassVar[str] = "client to server"

    name: str
    handler: Handler
    tag: str
    who: str
    summary: str
    payload: type[BaseModel]
    answer: type[BaseModel] | None

    @property
    def models(self) -> Mapping[str, tuple[type[BaseModel], Mode]]:
        """By what they are for; what comes in is described as it is checked, what goes out as it is written."""
        models: dict[str, tuple[type[BaseModel], Mode]] = {"payload": (self.payload, "validation")}
        if self.answer is not None:
            models["acknowledgement"] = (self.answer, "serialization")
        return {**models, "refusal": (RefusedAck, "serialization")}


@dataclass(frozen=True, slots=True)
class News:
    """One declared event that the server sends; the source of the client's types and of what tests hold the server to."""

    direction: typing.ClassVar[str] = "server to client"

    name: str
    tag: str
    who: str
    summary: str
    payload: type[BaseModel]

    @property
    def models(self) -> Mapping[str, tuple[type[BaseModel], Mode]]:
        return {"payload": (self.payload, "serialization")}


class Events:
    """The events of one feature, in both directions."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.declared: list[Event] = []
        self.told: list[News] = []

    def on(
        self, name: str, *, who: str, summary: str, answer: type[BaseModel] | None = None
    ) -> Callable[[AnyHandler], AnyHandler]:
        """Declare an event. `answer` is for a handler that encodes the acknowledgement itself and promises that model, with
        `ok`."""

        def declare(handler: AnyHandler) -> AnyHandler:
            hints = typing.get_type_hints(handler)
            given = hints.get("return")
            self.declared.append(
                Event(
                    name=name,
                    handler=handler,
                    tag=self.tag,
                    who=who,
                    summary=summary,
                    payload=hints["payload"],
                    answer=answer or (given if inspect.isclass(given) and issubclass(given, BaseModel) else None),
                )
            )
            return handler

        return declare

    def tells(self, name: str, payload: type[BaseModel], *, who: str, summary: str) -> None:
        """Declare an event that the server sends. `payload` is what it holds, whoever puts it together."""
        self.told.append(News(name, self.tag, who, summary, payload))

    def both_ways(self) -> list[Event | News]:
        return [*self.declared, *self.told]


class Dispatch:
    """Finds the event, checks the payload, answers. Never raises."""

    def __init__(self, tables: Iterable[Events]) -> None:
        self.events = {event.name: event for table in tables for event in table.declared}

    async def answer(self, connection: Connection, name: str, arguments: list[typing.Any]) -> dict[str, typing.Any] | Encoded:
        event = self.events.get(name)
        if event is None:
            return failure("unknown_event", "不支持的操作，请更新后再试")
        if len(arguments) != 1:
            return failure("payload_invalid", "请求的内容不正确")
        try:
            payload = event.payload.model_validate(arguments[0])
        except ValidationError as problem:
            fields = [".".join(str(part) for part in error["loc"]) for error in problem.errors(include_input=False)]
            return failure("payload_invalid", "请求的内容不正确", fields=fields)
        return await _run(functools.partial(event.handler, connection, payload), name)


async def _run(call: Callable[[], Awaitable[Answer]], name: str) -> dict[str, typing.Any] | Encoded:
    try:
        answer = await call()
    except AppError as refusal:
        return failure(refusal.code, refusal.detail, **refusal.extra)
    except Exception:
        log.exception("event_failed", socket_event=name)
        return failure("internal", "服务器出错了，请稍后再试")
    if isinstance(answer, Encoded):
        return answer
    return {"ok": True} if answer is None else {"ok": True, **answer.model_dump(mode="json", exclude_none=True)}


def failure(code: str, message: str, **more: typing.Any) -> dict[str, typing.Any]:
    """An answer that says no."""
    return {"ok": False, "error": {"code": code, "message": message, **more}}
