"""The throttle at the door: loads buckets, asks `throttle.py`, saves. Keys come from `marks.py`."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import Clock
from ..core.db import Database
from ..core.errors import TooMany
from .credentials import Credentials
from .throttle import ACCOUNT, ADDRESS, Policy, charge, seconds_to_wait

log = structlog.get_logger(__name__)


class Gate:
    """Every refusal is TooMany `too_many_attempts` with the seconds to wait."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def take(self, bucket: str, address: str | None) -> None:
        """Charge the account's (or device's) bucket for an attempt; the address, where given, may only not be blocked."""
        if address is not None:
            async with self._database.reading() as session:
                await self.check_address(session, address)
        await self.charge(bucket, ACCOUNT)

    async def charge(self, key: str, policy: Policy) -> None:
        """Charge one bucket for an attempt."""
        async with self._database.reading() as session:  # first without the write lock: refusing must stay cheap
            await self._check(session, key, policy)
        async with self._database.transaction() as session:
            credentials, now = Credentials(session), self._clock.now()
            kept = await credentials.lock_bucket(key, now)
            _refuse_early(seconds_to_wait(kept, policy, now))
            await credentials.keep_bucket(key, charge(kept, policy, now))

    async def check_address(self, session: AsyncSession, address: str) -> None:
        await self._check(session, address, ADDRESS)

    async def count_failure(self, address: str | None) -> None:
        """Charge the address for a wrong guess."""
        if address is None:
            return
        async with self._database.transaction() as session:
            credentials, now = Credentials(session), self._clock.now()
            kept = await credentials.lock_bucket(address, now)
            await credentials.keep_bucket(address, charge(kept, ADDRESS, now))

    async def _check(self, session: AsyncSession, key: str, policy: Policy) -> None:
        _refuse_early(seconds_to_wait(await Credentials(session).bucket(key), policy, self._clock.now()))


def _refuse_early(wait: int) -> None:
    if wait > 0:
        log.warning("attempt_delayed", seconds=wait)
        raise TooMany("too_many_attempts", f"尝试次数过多，请 {_in_words(wait)}后再试", retry_after=wait)


def _in_words(seconds: int) -> str:
    return f"{seconds} 秒" if seconds < 120 else f"{-(-seconds // 60)} 分钟"
