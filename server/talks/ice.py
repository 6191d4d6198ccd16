"""STUN and TURN servers for the call of one talk.

A relay that shares a secret with us takes a name that says how long it is good for, and a password that proves the name is ours
(draft-uberti-behave-turn-rest; coturn's `use-auth-secret`). The name tells the relay's log neither who calls nor whom.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from ..core.ids import digest
from ..media import IceServer
from .limits import TalkSettings

GOOD_FOR = timedelta(hours=2)


def servers(settings: TalkSettings, talk_id: str, member_id: str, now: datetime) -> list[IceServer]:
    found = list(settings.ice_servers)
    if settings.turn_secret:
        username = f"{int((now + GOOD_FOR).timestamp())}:{digest(f'{talk_id} {member_id}')[:16]}"
        proof = hmac.digest(settings.turn_secret, username.encode(), hashlib.sha1)
        credential = base64.b64encode(proof).decode()
        found += [IceServer(url, username, credential) for url in settings.turn]
    return found
