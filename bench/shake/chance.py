"""Whether everybody is as likely to be drawn as anybody: Pearson's chi-square over many rounds, each with a seed, a nonce and a
list of its own."""

import hashlib
import math
import secrets
from collections import Counter

from server.core.ids import new_id
from server.shake.draw import Ticket, heading, lines, place, pseudonym

PEOPLE = 21  # an even number of degrees of freedom, for which the distribution has a closed form


def chi_square_p(rounds: int) -> float:
    """The probability of a deviation as large as what was found, were every draw fair."""
    members = [new_id() for _ in range(PEOPLE)]
    counted = Counter(_drawn(members) for _ in range(rounds))
    expected = rounds / PEOPLE
    return survival(sum((counted[each] - expected) ** 2 / expected for each in members), PEOPLE - 1)


def survival(chi_square: float, freedom: int) -> float:
    """The upper tail of the chi-square distribution with an even number of degrees of freedom (NIST/SEMATECH e-Handbook,
    section 1.3.6.6.6; a sum of Poisson terms)."""
    half = chi_square / 2
    return math.exp(-half) * sum(half**term / math.factorial(term) for term in range(freedom // 2))


def _drawn(members: list[str]) -> str:
    session, names = new_id(), secrets.token_bytes(32)
    by_name = {pseudonym(names, each): each for each in members}
    tickets = [Ticket(each, secrets.token_hex(8)) for each in sorted(by_name)]
    hashed = hashlib.sha256((heading(session, 1) + lines(tickets)).encode()).digest()
    found = place(secrets.token_bytes(32), hashed, secrets.token_bytes(32), 1, len(tickets))
    return by_name[tickets[found].pseudonym]
