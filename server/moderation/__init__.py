"""Moderation: word lists, what is held for review, mutes, reports, evidence. Called by everything people write in.

It lies below the rooms it keeps in order: they are opaque ids to it, and what it must know of them, or do with what was said,
comes in through `Rooms` and `Things`.
"""

from .evidence import Speaks
from .limits import ModerationSettings
from .live import DESK_HELD_PART, DESK_KIND, OWN_HELD_PART, DeskSurface
from .live_mutes import DESK_MUTES_PART, OWN_MUTES_PART
from .live_reports import reports_part
from .model import MODERATORS, Held, HeldState, Hit, Outcome, Room, Rooms, Things, Verdict, Why, is_moderator
from .reporting_model import ReportReason, Said
from .routes import MODERATION, moderation_routes
from .service import Moderation

__all__ = [
    "DESK_HELD_PART",
    "DESK_KIND",
    "DESK_MUTES_PART",
    "MODERATION",
    "MODERATORS",
    "OWN_HELD_PART",
    "OWN_MUTES_PART",
    "DeskSurface",
    "Held",
    "HeldState",
    "Hit",
    "Moderation",
    "ModerationSettings",
    "Outcome",
    "ReportReason",
    "Room",
    "Rooms",
    "Said",
    "Speaks",
    "Things",
    "Verdict",
    "Why",
    "is_moderator",
    "moderation_routes",
    "reports_part",
]
