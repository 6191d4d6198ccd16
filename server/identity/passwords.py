"""Argon2id off the loop, a bounded number at once, a bounded number waiting.

Each hash takes a core and some megabytes, so a burst of sign-ins must neither stop the loop nor fill the memory: at most one
hash per core runs, a limited number waits, and the next one is answered 503 before it costs anything (ASVS 15.2.2).
Unknown accounts verify against a hash of nothing, so that time tells nothing (ASVS 6.3.8).
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import argon2

from ..core.errors import Unavailable
from ..core.ids import new_token
from .model import normalise_password
from .settings import HashSettings


class Passwords:
    def __init__(self, settings: HashSettings) -> None:
        self._argon = argon2.PasswordHasher(
            time_cost=settings.time_cost, memory_cost=settings.memory_kib, parallelism=settings.lanes, type=argon2.Type.ID
        )
        self._limit = settings.workers + settings.waiting
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="argon2")
        self._admitted = 0
        self._nobody = self._argon.hash(new_token())
        self.verifications = 0
        """How many verifications were made; tests compare known and unknown accounts by it."""

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """A place in the queue for what the block hashes. Raise Unavailable `too_busy` if the queue is full."""
        if self._admitted >= self._limit:
            raise Unavailable("too_busy", "现在登录的人太多，请稍等几秒再试", retry_after=3)
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def hash(self, password: str) -> str:
        """A PHC string with its own salt and parameters."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._argon.hash, normalise_password(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one of `kept`. For `None` (no such account, no password yet) false, after the same work."""
        self.verifications += 1
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, self._check, kept or self._nobody, normalise_password(password))
        return right and kept is not None

    def needs_rehash(self, kept: str) -> bool:
        """Whether `kept` was made with other parameters than today's."""
        return self._argon.check_needs_rehash(kept)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _check(self, kept: str, password: str) -> bool:
        try:
            return self._argon.verify(kept, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
