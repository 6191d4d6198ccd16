"""What every declared event has in common on the wire: models of what is sent, and the acknowledgement that says no."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


def _may_grow(schema: dict[str, Any]) -> None:
    """The document does not say that there is nothing else: clients ignore what later versions add."""
    schema.pop("additionalProperties", None)


class Out(BaseModel):
    """Of what the server sends. It holds these fields and no others, today; the protocol grows by additions."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_may_grow)


def may_be_missing() -> Any:
    """The default of a field that a client may leave out. The document shows no value for its absence."""
    return Field(default=None, json_schema_extra=_without_default)


def left_out() -> Any:
    """The default of a field that is sent only where it has a meaning: it is there or not, and never null."""
    return Field(default=None, exclude_if=_is_none, json_schema_extra=_without_null)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _without_null(schema: dict[str, Any]) -> None:
    _without_default(schema)
    something, _ = schema.pop("anyOf")
    schema.update(something)


def _is_none(value: object) -> bool:
    return value is None


class Refusal(Out):
    """`code` is stable and for programs, `message` is Chinese and for people. `fields`: those of the payload that are at fault;
    `retry_after`: seconds; `until`: the moment it ends; `reason`: what somebody gave for it, in their words."""

    code: str
    message: str
    fields: list[str] | None = left_out()
    retry_after: int | None = left_out()
    until: str | None = left_out()
    reason: str | None = left_out()


class RefusedAck(Out):
    """The acknowledgement of an event that was not carried out."""

    ok: Literal[False]
    error: Refusal
