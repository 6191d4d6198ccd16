"""How long sealed talks are kept, and which servers help two browsers to find each other for a call."""

from dataclasses import dataclass, field
from datetime import timedelta

from ..media import IceServer


@dataclass(frozen=True, slots=True)
class TalkSettings:
    """`turn`: relays that share `turn_secret` with us (coturn's `use-auth-secret`) and take names that last for a while."""

    keep_sealed: timedelta = timedelta(days=180)
    ice_servers: tuple[IceServer, ...] = ()
    turn: tuple[str, ...] = ()
    turn_secret: bytes = field(default=b"", repr=False)
