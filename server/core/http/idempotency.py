"""`Idempotency-Key`: the same key and body give the same answer, another body gives 409.

The key is claimed inside the first write transaction of the request, so a write and its key are committed together or not at
all: a retry after a lost answer can never write twice. The answer is kept right after; should the process die in between, the
retry is told that the write was done (`idempotency_unfinished`) instead of doing it again. Keys are kept for 24 hours.

Secrets in an answer are not kept with it: a route names them (`Secrets`) and says how a replay gets them anew.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from ..clock import Clock
from ..db import Base, Database, FirstWrite, UtcDateTime, first_write
from ..errors import Conflict, Invalid

KEPT = timedelta(hours=24)
MAX_KEY = 128

Scope = Callable[[web.Request], Awaitable[str]]
Answer = Callable[[], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What of an answer must not lie in the database: the names of `fields` at its top. `renew` gives them again for the kept
    rest of an answer, as they are for the caller now; whatever it raises is the answer to the replay."""

    fields: Collection[str]
    renew: Callable[[web.Request, dict[str, Any]], Awaitable[dict[str, Any]]]


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_KEY), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    status: Mapped[int | None]
    answer: Mapped[str | None]


class Idempotency:
    """Answers repeated requests from what the first one was answered. `scope` names the caller, so keys are never shared."""

    def __init__(self, database: Database, clock: Clock, scope: Scope) -> None:
        self._database, self._clock, self._scope = database, clock, scope

    async def run(
        self, request: web.Request, body: bytes, answer: Answer, secrets: Secrets | None = None
    ) -> web.StreamResponse:
        """Call `answer` once per key; without the header, simply call it."""
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return await answer()
        if not (0 < len(key) <= MAX_KEY) or not key.isascii() or not key.isprintable():
            raise Invalid("idempotency_key_invalid", "Idempotency-Key 须为 1 到 128 个可见 ASCII 字符")
        scope = await self._scope(request)
        request_hash = hashlib.sha256(f"{request.method} {request.path_qs}\n".encode() + body).hexdigest()
        if (kept := await self._kept(scope, key, request_hash)) is not None:
            return await _replayed(request, kept, secrets)
        token = first_write.set(self._claim(scope, key, request_hash))
        try:
            response = await answer()
        except IntegrityError as error:
            if "idempotency_keys" not in str(error.orig):
                raise
            raise Conflict("idempotency_in_flight", "同一请求正在处理，请稍后再试") from error
        finally:
            first_write.reset(token)
        await self._keep(scope, key, response, secrets)
        return response

    async def purge(self) -> None:
        """Forget keys older than 24 hours."""
        async with self._database.transaction() as session:
            await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < self._clock.now() - KEPT))

    async def _kept(self, scope: str, key: str, request_hash: str) -> tuple[int, str] | None:
        """Status and text of the first answer."""
        async with self._database.reading() as session:
            row = await session.scalar(select(IdempotencyKey).filter_by(scope=scope, key=key))
        if row is None:
            return None
        if row.request_hash != request_hash:
            raise Conflict("idempotency_key_reused", "这个 Idempotency-Key 已用于另一个请求")
        if row.status is None or row.answer is None:
            raise Conflict("idempotency_unfinished", "上一次请求已经写入，请刷新查看结果")
        return row.status, row.answer

    def _claim(self, scope: str, key: str, request_hash: str) -> FirstWrite:
        async def claim(session: AsyncSession) -> None:
            session.add(IdempotencyKey(scope=scope, key=key, request_hash=request_hash, created_at=self._clock.now()))
            await session.flush()

        return claim

    async def _keep(self, scope: str, key: str, response: web.StreamResponse, secrets: Secrets | None) -> None:
        if not isinstance(response, web.Response) or response.status >= 400:
            return
        text = response.text or ""
        if secrets is not None:
            text = _json({name: None if name in secrets.fields else value for name, value in json.loads(text).items()})
        async with self._database.transaction() as session:
            await session.execute(
                update(IdempotencyKey).filter_by(scope=scope, key=key).values(status=response.status, answer=text)
            )


async def _replayed(request: web.Request, kept: tuple[int, str], secrets: Secrets | None) -> web.Response:
    status, text = kept
    if secrets is not None:
        answer = json.loads(text)
        renewed = await secrets.renew(request, answer)
        text = _json(answer | {name: renewed[name] for name in secrets.fields})
    replayed = {"Idempotent-Replayed": "true"}
    return web.Response(status=status, text=text, content_type="application/json", headers=replayed)


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


IDEMPOTENCY = web.AppKey("IDEMPOTENCY", Idempotency)
