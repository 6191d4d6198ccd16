"""Attendance of broadcasts: roll-calls in the room, and the record of who was present."""

from .credits import Credits
from .keys import ROLL_CALLS
from .live import ROLL_CALLS_PART
from .routes import attendance_routes
from .service import RollCalls
from .sockets import attendance_events
from .ticker import RollCallTicker

__all__ = [
    "ROLL_CALLS",
    "ROLL_CALLS_PART",
    "Credits",
    "RollCallTicker",
    "RollCalls",
    "attendance_events",
    "attendance_routes",
]
