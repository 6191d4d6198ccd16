"""The code on the wall: another one every fifteen seconds, signed, for the phone to scan or the hand to type.

A code is an HMAC over the activity and the number of the slot, so nothing of it is stored, and every process knows the same.
The scanned form says its slot and carries 128 bits; the typed one is six digits, which only hold because wrong ones are
counted. The current and the previous slot are good; on air the picture arrives later, so some more are.
"""

import hashlib
import hmac
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

SLOT = 15  # s
_BEFORE = 1
_ON_AIR = 2  # more slots: what the player is behind
_CLAIM = 2  # slots a phone's clock may be off, either way


@dataclass(frozen=True, slots=True)
class Shown:
    scanned: str
    typed: str
    until: datetime


class Codes:
    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"activities/check-in", "sha256")

    def shown(self, activity_id: str, now: datetime) -> Shown:
        slot = _slot(now)
        until = datetime.fromtimestamp((slot + 1) * SLOT, UTC)
        return Shown(self._scanned(activity_id, slot), self._typed(activity_id, slot), until)

    def is_good(self, activity_id: str, code: str, now: datetime, *, on_air: bool) -> bool:
        slot = _slot(now)
        return self._is_of(activity_id, code, range(slot - _BEFORE - (_ON_AIR if on_air else 0), slot + 1))

    def was_good(self, activity_id: str, code: str, scanned_at: datetime) -> bool:
        """Whether it was shown about then."""
        slot = _slot(scanned_at)
        return self._is_of(activity_id, code, range(slot - _BEFORE - _CLAIM, slot + _CLAIM + 1))

    def _is_of(self, activity_id: str, code: str, slots: range) -> bool:
        given = "".join(unicodedata.normalize("NFKC", code).split()).encode()
        good = [
            hmac.compare_digest(given, each.encode())
            for slot in slots
            for each in (self._scanned(activity_id, slot), self._typed(activity_id, slot))
        ]
        return any(good)

    def _scanned(self, activity_id: str, slot: int) -> str:
        return f"{slot:x}.{urlsafe_b64encode(self._mac(activity_id, slot, 'scanned')[:16]).decode().rstrip('=')}"

    def _typed(self, activity_id: str, slot: int) -> str:
        return f"{int.from_bytes(self._mac(activity_id, slot, 'typed')[:8]) % 1_000_000:06d}"

    def _mac(self, activity_id: str, slot: int, form: str) -> bytes:
        return hmac.digest(self._key, f"{form} {activity_id} {slot}".encode(), hashlib.sha256)


def _slot(moment: datetime) -> int:
    return int(moment.timestamp()) // SLOT
