"""The calendar entry, read back by the rules of RFC 5545."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.broadcasts.ics import calendar
from server.broadcasts.model import State
from tests.support.broadcasts import NOW, broadcast


def _entry(**more: object) -> bytes:
    return calendar(broadcast(**more), link="https://h.example/b/1", host="闻小满", domain="h.example", now=NOW)  # type: ignore[arg-type]


def _unfolded(entry: bytes) -> dict[str, str]:
    """Properties of the event by name; its alarm left out."""
    text = entry.decode().replace("\r\n ", "")
    lines = text.split("\r\n")
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("BEGIN:VALARM")]
    return dict(line.split(":", 1) for line in event)


def test_times_are_utc_and_the_uid_stays_while_the_sequence_grows() -> None:
    made = broadcast()
    entry = _unfolded(calendar(made, link="l", host="h", domain="h.example", now=NOW))
    assert (entry["DTSTART"], entry["DTEND"], entry["DTSTAMP"]) == ("20260701T120000Z", "20260701T130000Z", "20260701T120000Z")
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"]) == (f"{made.id}@h.example", "0", "CONFIRMED")
    assert _unfolded(_entry(revision=4))["SEQUENCE"] == "4"
    assert _unfolded(_entry(state=State.CANCELLED))["STATUS"] == "CANCELLED"


def test_text_is_escaped() -> None:
    entry = _unfolded(_entry(title=r"a,b;c\d:e", intro="一\r\nEND:VEVENT\n二"))
    assert entry["SUMMARY"] == r"a\,b\;c\\d:e"
    assert entry["DESCRIPTION"].startswith(r"一\nEND:VEVENT\n二\n")


@given(title=st.text(max_size=80), intro=st.text(max_size=300))
def test_no_text_breaks_the_form(title: str, intro: str) -> None:
    entry = _entry(title=title.encode(errors="ignore").decode(), intro=intro.encode(errors="ignore").decode())
    assert entry.endswith(b"END:VCALENDAR\r\n")
    lines = entry.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() is not None for line in lines), "folded between characters"
    assert b"\n" not in entry.replace(b"\r\n", b"")
    assert sum(line.startswith(b"BEGIN:") for line in lines) == 3
    assert sum(line.startswith(b"SUMMARY:") for line in lines) == 1


def test_the_planned_length_sets_the_end() -> None:
    made = broadcast(minutes_planned=95)
    assert made.planned_end - made.starts_at == timedelta(minutes=95)
    assert _unfolded(_entry(minutes_planned=95))["DTEND"] == "20260701T133500Z"
