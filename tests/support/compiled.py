"""SQL that one test has had compiled serves the following ones: a fifth of what short tests do is to compile the same again.

SQLAlchemy keeps compiled statements for each engine, by statement and dialect. Here all engines of a kind have one such cache,
and all dialects of a kind are equal; they are, for all tests reach their databases in the same ways.
"""

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import LRUCache

_KINDS = (SQLiteDialect_aiosqlite, PGDialect_asyncpg)
_caches: dict[type, LRUCache[Any, Any]] = {kind: LRUCache(5000) for kind in _KINDS}


def engine(*arguments: Any, **options: Any) -> AsyncEngine:
    """In the place of `create_async_engine`."""
    made = create_async_engine(*arguments, **options)
    made.sync_engine._compiled_cache = _caches[type(made.dialect)]
    return made


for each in _KINDS:
    each.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    each.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
