"""One broadcast as a calendar entry (RFC 5545), to be reminded of it.

Times are UTC, the UID never changes, SEQUENCE grows with every edit so that calendars replace what they had, and a cancelled
broadcast says so. Lines end in CRLF and are folded at 75 octets, never inside a character.
"""

import re
from datetime import UTC, datetime

from .model import Broadcast, State

_LINE_OCTETS = 75
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def calendar(broadcast: Broadcast, *, link: str, host: str, domain: str, now: datetime) -> bytes:
    """A whole VCALENDAR. `domain` is the host name that makes the UID unique in the world."""
    description = "\n".join(part for part in (broadcast.intro, f"观看地址：{link}") if part)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hongbo//Broadcasts//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{broadcast.id}@{domain}",
        f"SEQUENCE:{broadcast.revision}",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(broadcast.starts_at)}",
        f"DTEND:{_time(broadcast.planned_end)}",
        f"SUMMARY:{_text(broadcast.title)}",
        f"DESCRIPTION:{_text(description)}",
        f"LOCATION:{_text(f'{host}的直播间')}",
        f"URL:{link}",
        f"STATUS:{'CANCELLED' if broadcast.state is State.CANCELLED else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(broadcast.title)}",
        "TRIGGER:-PT10M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_fold(line) for line in lines)


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
