"""Identifiers: UUIDv7 (RFC 9562 section 5.7) for rows, so that they sort by creation; CSPRNG strings for secrets.

Secrets are stored only as SHA-256 of the text: they carry at least 80 random bits, so a slow hash would add nothing.
"""

import hashlib
import os
import re
import secrets
import threading
import time

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
# Crockford's alphabet: no I, L, O or U, so that a code read aloud or from paper is typed right.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUIDv7 string. Strictly increasing within the process (RFC 9562 section 6.2, method 3)."""
    global _last
    with _lock:
        # 48 bits of Unix milliseconds followed by 12 bits of the fraction, forced to grow.
        stamp = time.time_ns() * 4096 // 1_000_000
        _last = stamp = max(stamp, _last + 1)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Whether `text` has the form of our ids; anything else need not reach the database."""
    return bool(_UUID.match(text))


def new_token(bits: int = 256) -> str:
    """A URL-safe secret of at least `bits` random bits."""
    return secrets.token_urlsafe((bits + 7) // 8)


def new_code(groups: int = 4) -> str:
    """A secret for people to type: groups of four Crockford base-32 characters, 20 bits each."""
    return "-".join("".join(secrets.choice(_CODE_ALPHABET) for _ in range(4)) for _ in range(groups))


def normalise_code(text: str) -> str:
    """The canonical form of a typed code: case, spaces, hyphens and look-alike letters forgiven."""
    plain = re.sub(r"[\s\-—–]", "", text).upper().translate(str.maketrans("ILO", "110"))
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def digest(secret: str) -> str:
    """What is stored of a secret: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
