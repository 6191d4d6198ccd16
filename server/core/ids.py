"""Identifiers: UUIDv7 (RFC 9562 section 5.7) for rows, so that they sort by creation; CSPRNG strings for secrets.

Secrets are stored only as SHA-256 of the text: they carry at least 80 random bits, so a slow hash would add nothing.
"""

import hashlib
import os
import re
import secrets
import threading
import time

ID_FORM = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID = re.compile(rf"{ID_FORM}\Z")
# Crockford's alphabet: no I, L, O or U, so that a code read aloud or from paper is typed right.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))  # of a random digit
_RANDOM_AT_ONCE = 4096  # bytes; a system call for each identifier costs more than all the rest of it

_lock = threading.Lock()
_last = 0
_tails: list[str] = []  # 16 random digits each that nobody has used


def new_id() -> str:
    """A UUIDv7 string. Strictly increasing within the process (RFC 9562 section 6.2, method 3)."""
    global _last
    with _lock:
        # 48 bits of Unix milliseconds followed by 12 bits of the fraction, forced to grow.
        stamp = time.time_ns() * 512 // 125_000
        _last = stamp = stamp if stamp > _last else _last + 1
        if not _tails:
            digits = os.urandom(_RANDOM_AT_ONCE).hex()
            _tails.extend(digits[at : at + 16] for at in range(0, len(digits), 16))
        tail = _tails.pop()
    head = f"{stamp:015x}"
    return f"{head[:8]}-{head[8:12]}-7{head[12:]}-{_VARIANT[tail[0]]}{tail[1:4]}-{tail[4:]}"


# Parent and child would hand out the same.
os.register_at_fork(after_in_child=_tails.clear)


def is_id(text: str) -> bool:
    """Whether `text` has the form of our ids; anything else need not reach the database."""
    return bool(_ID.match(text))


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
