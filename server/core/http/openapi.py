"""The OpenAPI 3.1 document, made from the declared routes; pydantic already speaks JSON Schema 2020-12, which 3.1 uses."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Protocol

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .routing import Endpoint, Security

# Keyed by model and by "validation" or "serialization": what goes in may be looser than what comes out.
_Schemas = dict[Any, Any]
_PARAMETER = re.compile(r"{(\w+)(?::[^{}]+)?}")

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "detail": {"type": "string", "description": "Chinese, for people."},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}, "type": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}


class DeclaredEvent(Protocol):
    """What the document says of a Socket.IO event (`core.sockets.Event` and `News`)."""

    @property
    def name(self) -> str: ...

    @property
    def direction(self) -> str: ...

    @property
    def who(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def models(self) -> Mapping[str, tuple[type[BaseModel], Literal["validation", "serialization"]]]: ...


def openapi(
    endpoints: Iterable[Endpoint],
    events: Iterable[DeclaredEvent] = (),
    *,
    title: str,
    version: str,
    description: str,
) -> dict[str, Any]:
    """The whole document as plain data. OpenAPI has no place for events; they are under `x-socket-events`, their models with
    the others."""
    listed, heard = list(endpoints), list(events)
    schemas, components = _schemas(listed, heard)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in listed:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "x-socket-events": {event.name: _event(event, schemas) for event in heard},
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-hongbo"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _event(event: DeclaredEvent, schemas: _Schemas) -> dict[str, Any]:
    models = {part: schemas[model] for part, model in event.models.items()}
    return {"direction": event.direction, "summary": event.summary, "x-who": event.who, **models}


def _schemas(endpoints: list[Endpoint], events: list[DeclaredEvent]) -> tuple[_Schemas, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], Any], None] = {}
    for event in events:
        wanted.update(dict.fromkeys(event.models.values()))
    for endpoint in endpoints:
        for model in (endpoint.body, endpoint.query):
            if model is not None:
                wanted[(model, "validation")] = None
        if endpoint.answer is not None:
            wanted[(endpoint.answer, "serialization")] = None
    references, definitions = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    return dict(references.items()), definitions.get("$defs", {})


def _operation(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": f"Who: {endpoint.who}.",
        "operationId": _operation_id(endpoint),
        "responses": {
            "default": {
                "description": "A refusal.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
        "security": [{endpoint.security.value: []}] if endpoint.who != "anyone" else [],
    }
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        parameters += _query_parameters(endpoint.query)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        schema = schemas[(endpoint.body, "validation")]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if endpoint.answer is not None:
        content = {endpoint.content_type: {"schema": schemas[(endpoint.answer, "serialization")]}}
        operation["responses"][str(endpoint.status)] = {"description": "Done.", "content": content}
    elif endpoint.handler.__annotations__.get("return") in (None, "None"):
        operation["responses"]["204"] = {"description": "Done."}
    else:
        operation["responses"][str(endpoint.status)] = {
            "description": "Done.",
            "content": {endpoint.content_type: {}},
        }
    if endpoint.security is Security.BEARER:
        operation["description"] += " Takes no cookie and needs no Origin."
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    """Method and path in one word: unique, and stable as long as the route is."""
    words = re.findall(r"[A-Za-z0-9]+", _PARAMETER.sub(r"\1", endpoint.path))
    return "_".join([endpoint.method.lower(), *words])


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    if "$defs" in schema:
        raise TypeError(f"{model.__name__}: a query string holds plain values only")
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": value}
        for name, value in schema["properties"].items()
    ]
