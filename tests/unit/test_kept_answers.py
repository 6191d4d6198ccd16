"""What `Idempotency-Key` keeps in the database for a day, judged for every route there is."""

import re
import typing
from pathlib import Path

from pydantic import BaseModel

from server.app import ENDPOINTS, build
from server.settings import load_settings

# What proves somebody, by the names such things have here.
SECRET = re.compile(r"token|code|csrf|password|secret|key")
# Those of indicators, which everybody may read.
PUBLIC = {("RuleOut", "code"), ("VersionOut", "code")}


def secrets_of(model: type[BaseModel]) -> set[str]:
    """Names of the fields of an answer that are secrets, or hold some further down."""
    return {
        name
        for name, field in model.model_fields.items()
        if (SECRET.fullmatch(name) and (model.__name__, name) not in PUBLIC) or any(map(secrets_of, held(field.annotation)))
    }


def held(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in held(part)]


def test_no_route_keeps_a_secret_for_replays(tmp_path: Path) -> None:
    endpoints = build(load_settings({}, data_dir=tmp_path))[ENDPOINTS]
    kept = {each.path: each for each in endpoints if each.idempotent}
    assert "/api/v1/broadcasts" in kept
    for path, endpoint in kept.items():
        assert endpoint.answer is not None
        named = set(endpoint.secrets.fields) if endpoint.secrets is not None else set()
        assert secrets_of(endpoint.answer) <= named, path
        assert named <= set(endpoint.answer.model_fields), path
