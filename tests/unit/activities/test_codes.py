"""The code on the wall: good for its slot and the one after it, longer on air, for its activity alone."""

from datetime import UTC, datetime, timedelta

import pytest

from server.activities.codes import SLOT, Codes

SECRET = b"a secret of thirty-two characters"
START = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)  # the beginning of a slot
ACTIVITY, OTHER = "activity", "another activity"


@pytest.mark.parametrize("form", ["scanned", "typed"])
@pytest.mark.parametrize(
    ("seconds", "in_the_hall", "on_air"),
    [(0, True, True), (14, True, True), (29.9, True, True), (30, False, True), (59.9, False, True), (60, False, False)],
)
def test_how_long_a_code_is_good(form: str, seconds: float, in_the_hall: bool, on_air: bool) -> None:
    codes = Codes(SECRET)
    code = getattr(codes.shown(ACTIVITY, START), form)
    now = START + timedelta(seconds=seconds)
    assert codes.is_good(ACTIVITY, code, now, on_air=False) is in_the_hall
    assert codes.is_good(ACTIVITY, code, now, on_air=True) is on_air


@pytest.mark.parametrize("form", ["scanned", "typed"])
def test_a_code_is_good_for_its_activity_and_by_its_secret_alone(form: str) -> None:
    codes, others = Codes(SECRET), Codes(SECRET[::-1])
    code = getattr(codes.shown(ACTIVITY, START), form)
    assert not codes.is_good(OTHER, code, START, on_air=True)
    assert not others.is_good(ACTIVITY, code, START, on_air=True)
    assert not codes.is_good(ACTIVITY, code, START - timedelta(seconds=1), on_air=True), "before it is shown"


def test_a_slot_lasts_fifteen_seconds_and_says_until_when() -> None:
    codes = Codes(SECRET)
    first, last = codes.shown(ACTIVITY, START), codes.shown(ACTIVITY, START + timedelta(seconds=14.9))
    assert first == last
    assert first.until == START + timedelta(seconds=SLOT)
    following = codes.shown(ACTIVITY, first.until)
    assert (following.scanned, following.typed) != (first.scanned, first.typed)


def test_digits_are_typed_as_phones_type_them() -> None:
    codes = Codes(SECRET)
    typed = codes.shown(ACTIVITY, START).typed
    assert len(typed) == 6
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in typed)
    for written in (f" {typed[:3]} {typed[3:]} ", wide):
        assert codes.is_good(ACTIVITY, written, START, on_air=False)
    assert not codes.is_good(ACTIVITY, "", START, on_air=False)


def test_what_a_phone_kept_is_compared_with_the_moment_it_says() -> None:
    codes = Codes(SECRET)
    code = codes.shown(ACTIVITY, START).scanned
    assert codes.was_good(ACTIVITY, code, START + timedelta(seconds=40))
    assert not codes.was_good(ACTIVITY, code, START + timedelta(minutes=5))
