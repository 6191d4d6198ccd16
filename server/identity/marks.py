"""Values derived from the server's secret: the CSRF value of a session, device marks, throttle keys. No I/O, nothing stored.

A device mark proves that this browser has once signed in to this account. It opens nothing; it only lets the throttle count the
browser by itself. It is bound to the member, so stealing one helps against that account alone.
"""

import hmac

from ..core.http.peer import network_of
from ..core.ids import new_token


class Marks:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def csrf(self, session_id: str) -> str:
        """What a page sends in the Socket.IO handshake to show that it could read `GET /api/v1/me`."""
        return self._sign("csrf", session_id)

    def new_device(self, member_id: str) -> str:
        nonce = new_token(128)
        return f"{nonce}.{self._sign('device', member_id, nonce)}"

    def device_nonce(self, mark: str | None, member_id: str) -> str | None:
        """The nonce of a genuine mark for that member, else None."""
        nonce, _, signature = (mark or "").partition(".")
        genuine = hmac.compare_digest(signature.encode(), self._sign("device", member_id, nonce).encode())
        return nonce if nonce and genuine else None

    def account_key(self, mobile: str) -> str:
        return self._sign("throttle-account", mobile)

    def device_key(self, nonce: str) -> str:
        return self._sign("throttle-device", nonce)

    def address_key(self, address: str) -> str:
        return self._sign("throttle-address", network_of(address))

    def activation_key(self, mobile: str, address: str) -> str:
        return self._sign("throttle-activation", mobile, network_of(address))

    def sms_key(self, *parts: str) -> str:
        return self._sign("throttle-sms", *parts)

    def visitor_code(self, mobile: str, code: str) -> str:
        """What is kept of a code: six digits alone could be guessed from a plain hash."""
        return self._sign("visitor-code", mobile, code)

    def _sign(self, *parts: str) -> str:
        message = "\0".join(parts).encode(errors="replace")
        return hmac.digest(self._secret, message, "sha256").hex()
