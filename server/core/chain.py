"""A chain of hashes: each covers what it stands for, its number, and the hash before it.

Whoever changes or takes out a sealed row must make anew every hash after it, and the newest one, which is shown and copied
elsewhere, would differ.
"""

import hashlib

BEGINNING = "0" * 64
"""What the first row follows."""


def link(content: bytes, number: int, before: str) -> str:
    """The hash (SHA-256, hexadecimal) of what comes `number`-th, after something with the hash `before`."""
    return hashlib.sha256(f"{number}\n{before}\n".encode() + content).hexdigest()
