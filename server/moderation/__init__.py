"""Moderation: word lists, what is held for review, mutes, reports, evidence. Called by everything people write in.

It lies below the rooms it keeps in order: they are opaque ids to it, and what it must know of them, or do with what was said,
comes in through `Rooms` and `Things`.
"""

from .limits import ModerationSettings
from .live import DESK_HELD_PART, DESK_KIND, OWN_HELD_PART, DeskSurface
from .model import MODERATORS, Held, HeldState, Hit, Outcome, Room, Rooms, Things, Verdict, Why, is_moderator
from .routes import MODERATION, moderation_routes
from .service import Moderation

__all__ = [
    "DESK_HELD_PART",
    "DESK_KIND",
    "MODERATION",
    "MODERATORS",
    "OWN_HELD_PART",
    "DeskSurface",
    "Held",
    "HeldState",
    "Hit",
    "Moderation",
    "ModerationSettings",
    "Outcome",
    "Room",
    "Rooms",
    "Things",
    "Verdict",
    "Why",
    "is_moderator",
    "moderation_routes",
]
