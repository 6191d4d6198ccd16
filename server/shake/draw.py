"""The draw: whom a round's list gives, so that anyone can check it and nobody alone can steer it. Pure.

Each side binds itself before it can know what the other will add. The server publishes SHA-256 of a seed before the session,
the secretary's page SHA-256 of a nonce before the round; the list of those who shook, each with a nonce of their own, is closed
before either is revealed. Draw n, from 1 on, is HMAC-SHA256 (RFC 2104) under the seed, of list hash, secretary's nonce, n and
attempt. The first 64 bits pick a place on the list; what would favour the first places is thrown away, and the next attempt
counts. Each ticket has as many places as its weight, in the order of the list.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SECRET_BYTES = 32  # of seed and secretary's nonce
PSEUDONYM_DIGITS, NONCE_DIGITS, CODE_DIGITS = 20, 16, 16
_RANGE = 1 << 64


@dataclass(frozen=True, slots=True)
class Ticket:
    """One who shook. `pseudonym`: 20 hexadecimal digits that stand for a member in a session; `nonce`: 16, from their page."""

    pseudonym: str
    nonce: str
    weight: int = 1


def commitment(secret: bytes) -> str:
    """SHA-256 in hex, to be published before the secret is used."""
    return hashlib.sha256(secret).hexdigest()


def keeps(secret: bytes, published: str) -> bool:
    """Whether what is revealed is what was committed to."""
    return hmac.compare_digest(commitment(secret), published)


def pseudonym(key: bytes, member_id: str) -> str:
    """Of a member in the session whose secret key this is; who does not know the key cannot tell who it is."""
    return hmac.digest(key, member_id.encode(), "sha256").hex()[:PSEUDONYM_DIGITS]


def nonce_of(client_id: str) -> str:
    """For a page that sends none."""
    return hashlib.sha256(client_id.encode()).hexdigest()[:NONCE_DIGITS]


def heading(session_id: str, number: int) -> str:
    """The first line of a round's list."""
    return f"hongbo shake {session_id} round {number}\n"


def lines(tickets: Iterable[Ticket]) -> str:
    """The others, in the order in which the tickets come: that of the pseudonyms."""
    return "".join(f"{each.pseudonym} {each.nonce} {each.weight}\n" for each in tickets)


def place(seed: bytes, hashed: bytes, nonce: bytes, n: int, total: int) -> int:
    """Where draw n falls: of `total` places, each as likely as any other. `hashed`: SHA-256 of the list."""
    said = hashed + nonce + n.to_bytes(4)
    fair = _RANGE - _RANGE % total
    attempt = 0
    while True:
        value = int.from_bytes(hmac.digest(seed, said + attempt.to_bytes(4), "sha256")[:8])
        if value < fair:
            return value % total
        attempt += 1


def session_code(
    shake_id: str, announced: Sequence[object], rounds: Iterable[Sequence[object]], draws: Iterable[Sequence[object]]
) -> str:
    """Sixteen digits over all that was published of a closed session, for people to compare: that each is shown another
    session, right in itself, nobody can find out alone. `announced`: commitment to the seed, key of the receipts, favour, seed;
    `rounds`: number, commitment to the nonce, hash of the list, nonce; `draws`: round, n, pseudonym, result, secretary; both
    in their order. None for what there is not."""
    told = [("hongbo", "shake", shake_id, "code"), announced]
    told += [("round", *each) for each in rounds] + [("draw", *each) for each in draws]
    text = "".join(" ".join("-" if word is None else str(word) for word in words) + "\n" for words in told)
    return hashlib.sha256(text.encode()).hexdigest()[:CODE_DIGITS]
