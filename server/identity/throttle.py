"""Growing delay after wrong sign-ins. Pure arithmetic on buckets; `service.py` loads and saves them.

A bucket fills by one with every attempt and leaks with time. Past `free` each further attempt starts a delay that doubles up to
`most`; during the delay even the right password is refused, or the delay would only slow the honest.

Who is counted, and why nobody can lock a member out for long:
- The account, charged *before* the password is looked at, so that a hundred parallel guesses are a hundred charges.
- The address, charged after a wrong password only: a factory's hundreds sign in through one address at the same minute.
- A browser that has signed in to the account before holds a device mark (see `marks.py`) and is counted in a bucket of its own
  instead of both: an attacker elsewhere, or a colleague behind the same address, cannot delay it. Only a first sign-in on a new
  device can be delayed by others, by at most 15 minutes after each further wrong guess; a bearer of the mark who guesses is
  delayed like everybody.
- Activation codes carry 80 random bits. They are counted per account *and* address, so strangers cannot delay a newcomer.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """`free` attempts cost nothing; one attempt is forgiven every `leak`."""

    free: int
    first: timedelta
    most: timedelta
    leak: timedelta


ACCOUNT = Policy(free=4, first=timedelta(seconds=15), most=timedelta(minutes=15), leak=timedelta(minutes=30))
ADDRESS = Policy(free=30, first=timedelta(seconds=5), most=timedelta(minutes=15), leak=timedelta(minutes=1))
# A message costs money and rings in somebody's pocket. One address may be a whole hall.
SMS_NUMBER = Policy(free=0, first=timedelta(minutes=1), most=timedelta(hours=1), leak=timedelta(hours=1))
SMS_ADDRESS = Policy(free=30, first=timedelta(minutes=1), most=timedelta(hours=1), leak=timedelta(minutes=2))
SMS_ALL = Policy(free=1000, first=timedelta(seconds=5), most=timedelta(minutes=15), leak=timedelta(seconds=2))
LONGEST_MEMORY = timedelta(days=1)
"""A bucket untouched for this long is empty under every policy and may be deleted."""


@dataclass(frozen=True, slots=True)
class Bucket:
    level: float
    updated_at: datetime
    blocked_until: datetime | None = None


def seconds_to_wait(bucket: Bucket | None, policy: Policy, now: datetime) -> int:
    """Whole seconds until another attempt is heard; 0 if now. Bounded by the policy, should the clock step back."""
    if bucket is None or bucket.blocked_until is None or bucket.blocked_until <= now:
        return 0
    return math.ceil(min(bucket.blocked_until - now, policy.most).total_seconds())


def charge(bucket: Bucket | None, policy: Policy, now: datetime) -> Bucket:
    """The bucket after one more attempt at `now`."""
    level = 1.0 if bucket is None else _leaked(bucket, policy, now) + 1.0
    over = math.ceil(level - policy.free)
    if over <= 0:
        return Bucket(level, now)
    delay = min(policy.first * 2 ** min(over - 1, 20), policy.most)
    return Bucket(level, now, now + delay)


def _leaked(bucket: Bucket, policy: Policy, now: datetime) -> float:
    passed = max(timedelta(0), now - bucket.updated_at)
    # Past the level of the longest delay nothing more is remembered, or a night of guessing would take days to leak.
    steps = math.ceil(math.log2(policy.most / policy.first)) + 1
    return max(0.0, min(bucket.level, policy.free + steps) - passed / policy.leak)
