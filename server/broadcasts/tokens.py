"""Publish tokens: one for each sender of each broadcast, shown again whenever its owner asks, and never stored.

    hp1.<member id>.<version>.<expiry>.<HMAC-SHA-256 over all of it and the broadcast id>

The key is derived from SECRET_KEY (HKDF, RFC 5869) and serves nothing else. The version is the sender's present one in the
database: renewing a token makes the one before void. The expiry is a stated number of hours after the planned end; a broadcast
that is long overdue and still can be sent to is shown a token of the next such period, so its owner never copies a dead one.
"""

import hmac
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..core.sealed import derive_key

# Canonical decimals only: a text is the one and only form of its token.
_FORM = re.compile(r"hp1\.([0-9a-f-]{36})\.([1-9][0-9]{0,8})\.([1-9][0-9]{0,11})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PublishToken:
    """What a genuine token says. Whether it is still good is for the authority to decide."""

    member_id: str
    version: int
    expires_at: datetime


class PublishTokens:
    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "publish token v1")

    def issue(self, broadcast_id: str, token: PublishToken) -> str:
        expiry = int(token.expires_at.timestamp())
        return (
            f"hp1.{token.member_id}.{token.version}.{expiry}.{self._seal(broadcast_id, token.member_id, token.version, expiry)}"
        )

    def read(self, broadcast_id: str, text: str) -> PublishToken | None:
        """The content of a token that was issued here for this very broadcast; None for anything else."""
        if (form := _FORM.fullmatch(text)) is None:
            return None
        member_id, version, expiry = form[1], int(form[2]), int(form[3])
        if not hmac.compare_digest(form[4], self._seal(broadcast_id, member_id, version, expiry)):
            return None
        return PublishToken(member_id, version, datetime.fromtimestamp(expiry, UTC))

    def _seal(self, broadcast_id: str, member_id: str, version: int, expiry: int) -> str:
        # No part can hold a newline (ids come from the router or from us), so no two contents make the same text.
        text = f"{broadcast_id}\n{member_id}\n{version}\n{expiry}"
        return hmac.digest(self._key, text.encode(), "sha256").hex()


def token_expiry(planned_end: datetime, grace: timedelta, now: datetime) -> datetime:
    """The end of the first period of `grace` after the planned end that is not over yet, in whole seconds."""
    periods = max(1, math.floor((now - planned_end) / grace) + 1)
    return (planned_end + periods * grace).replace(microsecond=0)
