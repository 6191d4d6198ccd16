"""摇一摇: everybody shakes at the appointed time, and a draw that anyone can check gives whom a secretary talks with."""

from .calendar import Calendar
from .desk import Desks
from .drawing import Drawing
from .keys import DESKS, DRAWING, PROOFS, ROUNDS, SHAKES, SHAKING
from .listing import Listing
from .live import OWN_SHAKE_PART, SHAKE_PART, ShakeSurface
from .model import Limits as ShakeLimits
from .model import Plan as ShakePlan
from .model import ShakeState
from .proof import Proofs
from .rounds import Rounds
from .routes import shake_routes
from .service import Shakes
from .shaking import Shaking
from .shown import KIND as SHAKE_KIND
from .sockets import shake_events
from .talks import Talks
from .ticker import ShakeTicker
from .vault import Vault
from .verifying import Verified, verified

__all__ = [
    "DESKS",
    "DRAWING",
    "OWN_SHAKE_PART",
    "PROOFS",
    "ROUNDS",
    "SHAKES",
    "SHAKE_KIND",
    "SHAKE_PART",
    "SHAKING",
    "Calendar",
    "Desks",
    "Drawing",
    "Listing",
    "Proofs",
    "Rounds",
    "ShakeLimits",
    "ShakePlan",
    "ShakeState",
    "ShakeSurface",
    "ShakeTicker",
    "Shakes",
    "Shaking",
    "Talks",
    "Vault",
    "Verified",
    "shake_events",
    "shake_routes",
    "verified",
]
