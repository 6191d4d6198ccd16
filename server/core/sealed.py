"""Keys derived from SECRET_KEY, and secrets that lie in the database only encrypted.

A sealed text is AES-256-GCM (NIST SP 800-38D) under a key of one purpose (HKDF, RFC 5869), with a fresh nonce of 96 bits in
front, in URL-safe base 64. It opens only where it belongs: `place` is authenticated with it, so that a row's secret cannot be
put into another row.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose; keys of different purposes tell nothing about each other."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"hongbo {purpose}".encode()).derive(secret)


class Box:
    """Seals and opens for one purpose."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive_key(secret, purpose))

    def seal(self, text: str, place: str) -> str:
        nonce = os.urandom(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())).decode()

    def open(self, sealed: str, place: str) -> str | None:
        """None where it was sealed under another SECRET_KEY, in another place, or has been changed."""
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError):
            return None
