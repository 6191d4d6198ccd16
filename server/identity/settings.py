"""The limits of identity, composed into `Settings` by `server/settings.py`."""

import os
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class HashSettings:
    """Argon2id (RFC 9106) parameters and how many hashes may run and wait.

    The parameters are OWASP's for interactive sign-in. One lane each: with as many hashes in parallel as there are cores, more
    lanes would only make them compete. A hash takes about 40 ms, so the queue bounds the wait to a few seconds.
    """

    time_cost: int = 2
    memory_kib: int = 19 * 1024
    lanes: int = 1
    workers: int = field(default_factory=lambda: max(1, os.cpu_count() or 1))
    waiting: int = 128


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    idle_limit: timedelta = timedelta(days=14)
    absolute_limit: timedelta = timedelta(days=60)
    seen_every: timedelta = timedelta(minutes=1)
    cache_seconds: float = 5.0
    cached_sessions: int = 20_000
    sessions_per_member: int = 20
    code_lifetime: timedelta = timedelta(days=14)
    setup_lifetime: timedelta = timedelta(days=3)
    brand: str = "立白党建"
    public_broadcasts: bool = False
    sms_url: str | None = None
    sms_secret: bytes = field(default=b"", repr=False)
    forget_visitors: timedelta = timedelta(days=180)
    hashing: HashSettings = field(default_factory=HashSettings)
