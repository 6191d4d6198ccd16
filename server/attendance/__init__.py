"""Attendance of broadcasts: roll-calls in the room and in replays, the record of who was present, and each member's own watch
time."""

from .bank import Bank, read_bank, sample_bank
from .credits import Credits
from .keys import QUIZZES, REPLAYS, ROLL_CALLS, ROSTERS, VISITS, WATCHING
from .live import ROLL_CALLS_PART
from .quizzes import Quizzes
from .replays import Replays
from .roster import Rosters
from .routes import attendance_routes
from .service import RollCalls
from .sockets import attendance_events
from .ticker import RollCallTicker
from .visits import Visits
from .watching import Watching

__all__ = [
    "QUIZZES",
    "REPLAYS",
    "ROLL_CALLS",
    "ROLL_CALLS_PART",
    "ROSTERS",
    "VISITS",
    "WATCHING",
    "Bank",
    "Credits",
    "Quizzes",
    "Replays",
    "RollCallTicker",
    "RollCalls",
    "Rosters",
    "Visits",
    "Watching",
    "attendance_events",
    "attendance_routes",
    "read_bank",
    "sample_bank",
]
