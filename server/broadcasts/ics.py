"""Calendar entries (RFC 5545): of one broadcast, to be reminded of it, and for whoever has other things with a time.

Times are UTC, the UID never changes, SEQUENCE grows with every edit so that calendars replace what they had, and what is
cancelled says so. Lines end in CRLF and are folded at 75 octets, never inside a character.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from .model import Broadcast, State

_LINE_OCTETS = 75
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`alarm`: minutes before the start."""

    id: str
    title: str
    description: str
    place: str
    link: str
    starts_at: datetime
    ends_at: datetime
    revision: int
    cancelled: bool
    alarm: int = 10


def calendar(broadcast: Broadcast, *, link: str, host: str, domain: str, now: datetime) -> bytes:
    """A whole VCALENDAR of one broadcast."""
    event = CalendarEvent(
        id=broadcast.id,
        title=broadcast.title,
        description="\n".join(part for part in (broadcast.intro, f"观看地址：{link}") if part),
        place=f"{host}的直播间",
        link=link,
        starts_at=broadcast.starts_at,
        ends_at=broadcast.planned_end,
        revision=broadcast.revision,
        cancelled=broadcast.state is State.CANCELLED,
    )
    return calendar_of([event], domain=domain, now=now, product="Broadcasts")


def calendar_of(events: Iterable[CalendarEvent], *, domain: str, now: datetime, product: str, name: str | None = None) -> bytes:
    """A whole VCALENDAR. `domain` is the host name that makes the UIDs unique in the world; `name` is that of a calendar people
    subscribe to, which they ask for again every few hours."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Hongbo//{product}//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    if name is not None:
        lines += [f"X-WR-CALNAME:{_text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H"]
    for event in events:
        lines += _event(event, domain, now)
    lines.append("END:VCALENDAR")
    return b"".join(_fold(line) for line in lines)


def _event(event: CalendarEvent, domain: str, now: datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.id}@{domain}",
        f"SEQUENCE:{event.revision}",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(event.starts_at)}",
        f"DTEND:{_time(event.ends_at)}",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(event.description)}",
        f"LOCATION:{_text(event.place)}",
        f"URL:{event.link}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(event.title)}",
        f"TRIGGER:-PT{event.alarm}M",
        "END:VALARM",
        "END:VEVENT",
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """TEXT of section 3.3.11: backslash, semicolon, comma and line ends are escaped; other controls are not allowed."""
    plain = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> bytes:
    """Section 3.1: further lines of one property begin with a space, which counts."""
    lines = [b""]
    for character in line:
        octets = character.encode()
        if len(lines[-1]) + len(octets) > _LINE_OCTETS:
            lines.append(b" ")
        lines[-1] += octets
    return b"\r\n".join(lines) + b"\r\n"
