"""The draw as anyone can check it: the formula itself is written down here once more, by other means."""

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.shake.draw import Ticket, commitment, heading, keeps, lines, nonce_of, place, pseudonym, session_code

SEED, NONCE = bytes(range(32)), bytes(range(32, 64))
LIST = hashlib.sha256(b"a list").digest()


@given(
    st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(1, 2**32 - 1), st.integers(1, 10**6)
)
def test_a_draw_is_what_the_formula_says(seed: bytes, nonce: bytes, n: int, total: int) -> None:
    for attempt in range(1000):
        message = LIST + nonce + n.to_bytes(4, "big") + attempt.to_bytes(4, "big")
        value = int(hmac.new(seed, message, hashlib.sha256).hexdigest()[:16], 16)
        if value < 2**64 - 2**64 % total:
            break
    assert place(seed, LIST, nonce, n, total) == value % total


def test_a_list_is_written_as_it_is_said_to_be_and_names_nobody() -> None:
    name = pseudonym(b"key", "member 1")
    text = heading("session", 3) + lines([Ticket(name, "0123456789abcdef"), Ticket("f" * 20, "0" * 16, 4)])
    assert text == f"hongbo shake session round 3\n{name} 0123456789abcdef 1\n{'f' * 20} 0000000000000000 4\n"
    assert name == hmac.new(b"key", b"member 1", hashlib.sha256).hexdigest()[:20]
    assert pseudonym(b"another session", "member 1") != name


def test_a_page_without_a_nonce_gets_one_from_its_client_id() -> None:
    assert nonce_of("one") == hashlib.sha256(b"one").hexdigest()[:16]


@pytest.mark.parametrize("change", ["seed", "nonce", "list"])
def test_whatever_either_side_adds_changes_the_draws(change: str) -> None:
    seed = bytes(32) if change == "seed" else SEED
    nonce = bytes(32) if change == "nonce" else NONCE
    hashed = bytes(32) if change == "list" else LIST
    assert [place(SEED, LIST, NONCE, n, 1000) for n in range(1, 6)] != [
        place(seed, hashed, nonce, n, 1000) for n in range(1, 6)
    ]


def test_every_place_is_as_likely_as_any_other() -> None:
    """Chi-square over 20 places, 10,000 rounds with a seed and a list of their own: 43.8 would be met once in a thousand
    times."""
    places, rounds = 20, 10_000
    seeds = [hashlib.sha256(number.to_bytes(4)).digest() for number in range(rounds)]
    counted = Counter(place(seed, hashlib.sha256(seed).digest(), NONCE, 1, places) for seed in seeds)
    expected = rounds / places
    assert sum((counted[each] - expected) ** 2 / expected for each in range(places)) < 43.8


def test_what_would_favour_the_first_places_counts_for_nobody() -> None:
    """Two thirds of all 64-bit numbers fit once into so many places; the others are thrown away, or the first half would
    win."""
    total = (1 << 64) // 3 * 2
    low = sum(place(SEED, LIST, NONCE, n, total) < total // 2 for n in range(1, 4001))
    assert 1850 < low < 2150  # more than four standard deviations of 32 either way


def test_a_commitment_is_kept_by_the_same_secret_alone() -> None:
    assert keeps(SEED, commitment(SEED))
    assert not keeps(NONCE, commitment(SEED))
    assert commitment(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # FIPS 180-4's empty message


def test_a_session_has_one_code_which_pages_find_too() -> None:
    rounds = [(1, "c1", "d1", "e1"), (2, "c2", None, None)]
    draws = [(1, 1, "p1", "drawn_before", None), (1, 2, "p2", "withdrawn", "m1"), (1, 10, "p3", "accepted", "m1")]
    assert session_code("s", ("aa", "04", 3, "bb"), rounds, draws) == "22498d8052d5a532"  # the same in code.test.ts
