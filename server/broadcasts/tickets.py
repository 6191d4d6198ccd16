"""Viewing tickets: what the cookie `hongbo_hls` (and `?token=`) holds. They open one stream for one session, for ten minutes.

    ht1.<m|v>.<session or visitor id>.<expiry>.<HMAC-SHA-256 over it and the stream id>

A ticket proves who asks at the price of one dictionary look-up: texts once verified are remembered, the oldest forgotten first.
It grants nothing by itself; what its holder may watch is decided anew every few seconds (`access.py`).
"""

import base64
import hmac
import re
from collections import OrderedDict
from dataclasses import dataclass

from ..core.sealed import derive_key

_FORM = re.compile(r"ht1\.([mv])\.([0-9A-Za-z_-]{8,64})\.([1-9][0-9]{0,11})\.([0-9A-Za-z_-]{43})", re.ASCII)
REMEMBERED = 20_000  # some 8 MB; more viewers than one process serves


@dataclass(frozen=True, slots=True)
class Holder:
    """A member's session, or (for public broadcasts only) a visitor's random id."""

    visitor: bool
    id: str


@dataclass(frozen=True, slots=True)
class Ticket:
    stream_id: str
    holder: Holder
    expires_at: int  # Unix seconds


class Tickets:
    def __init__(self, secret: bytes) -> None:
        self._key = derive_key(secret, "viewing ticket v1")
        self._verified: OrderedDict[tuple[str, str], Ticket] = OrderedDict()

    def issue(self, ticket: Ticket) -> str:
        head = f"ht1.{'v' if ticket.holder.visitor else 'm'}.{ticket.holder.id}.{ticket.expires_at}"
        return f"{head}.{self._seal(ticket.stream_id, head)}"

    def read(self, stream_id: str, text: str) -> Ticket | None:
        """The ticket, if it was issued here for this very stream. Its expiry is for the caller to look at."""
        key = (stream_id, text)
        if (known := self._verified.get(key)) is not None:
            return known
        form = _FORM.fullmatch(text)
        if form is None or not hmac.compare_digest(form[4], self._seal(stream_id, text[: form.start(4) - 1])):
            return None
        ticket = Ticket(stream_id, Holder(form[1] == "v", form[2]), int(form[3]))
        self._verified[key] = ticket
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return ticket

    def _seal(self, stream_id: str, head: str) -> str:
        seal = hmac.digest(self._key, f"{stream_id}\n{head}".encode(), "sha256")
        return base64.urlsafe_b64encode(seal).decode().rstrip("=")
