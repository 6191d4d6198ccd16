"""Every address, and every body, with what no text in a database can be: a mistake of whoever asks, and never one of ours.

PostgreSQL takes no NUL and nothing that is no UTF-8, so it is asked. The bodies are the role matrix's, one value changed.
"""

import asyncio
import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from server.app import ENDPOINTS
from server.core.http import Endpoint
from tests.integration.test_role_matrix import MATRIX
from tests.support.roles import ROLES, House, running_house

NO_TEXT = ("a%00b", "%ED%A0%80", "%FF")
NO_VALUES = ("a\0b", "\ud800")
_ENDS_SESSIONS = {("DELETE", "/api/v1/session"), ("DELETE", "/api/v1/visitor"), ("POST", "/api/v1/session")}


@pytest.mark.postgres
async def test_what_is_no_text_is_no_fault_of_the_server(tmp_path: Path, postgres_url: str) -> None:
    async with running_house(tmp_path, {"DATABASE_URL": postgres_url}) as house:
        await house.stranger()
        asked: list[tuple[str, str, Any, str]] = [
            (each.method, address, None, role)
            for each in house.app[ENDPOINTS]
            if (each.method, each.path) not in _ENDS_SESSIONS
            for address, role in zip(_addresses(each), cycle(("affairs_staff", "committee_secretary")), strict=False)
        ]
        for (method, pattern), row in MATRIX.items():
            path = await house.fresh(row.path or pattern)
            role = min(ROLES, key=lambda each: row.answers[0] if len(row.answers) == 1 else row.answers[ROLES.index(each)])
            asked += [(method, path, body, role) for body in _bodies(house.body(row.json))]
        assert len(asked) > 1000
        some = asyncio.Semaphore(16)
        answers = await asyncio.gather(*(_answer(house, some, *each) for each in asked))
        assert not [each for each in answers if each is not None]


def _addresses(endpoint: Endpoint) -> list[str]:
    """With each of these in place of every id, and as every value that is looked for."""
    paths = [re.sub(r"\{[^}]*\}", text, endpoint.path) for text in NO_TEXT] if "{" in endpoint.path else []
    if endpoint.method != "GET" or endpoint.query is None:
        return paths
    known = re.sub(r"\{[^}]*\}", "0" * 36, endpoint.path)
    return paths + [f"{known}?{quote(name)}={text}" for name in endpoint.query.model_fields for text in NO_TEXT]


def _bodies(good: Any) -> Iterator[dict[str, Any]]:
    for name, value in good.items() if isinstance(good, dict) else ():
        for text in NO_VALUES:
            if isinstance(value, str):
                yield good | {name: text}
            if isinstance(value, list):
                yield good | {name: [text]}


async def _answer(house: House, some: asyncio.Semaphore, method: str, address: str, body: Any, role: str) -> str | None:
    async with some, house.sessions[role].request(method, house.base + address, json=body) as answer:
        return f"{role}: {method} {address} {body}: {answer.status}" if answer.status >= 500 else None
