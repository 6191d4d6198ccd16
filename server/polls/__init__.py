"""Polls in a broadcast's room: prepared before the air, opened with one press, each person's vote counted once, in secret."""

from .live import POLLS_PART
from .model import Poll, PollState, Tally
from .routes import POLLS, poll_routes
from .service import Held, PollService
from .sockets import poll_events
from .watch import PollWatch

__all__ = [
    "POLLS",
    "POLLS_PART",
    "Held",
    "Poll",
    "PollService",
    "PollState",
    "PollWatch",
    "Tally",
    "poll_events",
    "poll_routes",
]
