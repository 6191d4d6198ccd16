"""Broadcasts: schedule, life cycle, visibility, replay. Media carries the streams; this feature says what should be.

`BroadcastService` is built first and gives media its `authority`; `attach` hands it the finished media service.
`install_broadcasts` puts it into an application, `broadcast_routes` are its routes.
"""

from .context import BROADCASTS, install_broadcasts
from .hosting import Hosting
from .ics import CalendarEvent, calendar_of
from .keeping import BroadcastRooms
from .limits import BroadcastSettings
from .links import Links
from .live import KIND, STATE_PART, BroadcastSurface, channel_of
from .model import (
    BEFORE_AIR,
    ON_AIR,
    OVER,
    Broadcast,
    CommentMode,
    Orientation,
    Plan,
    Recording,
    State,
    Visibility,
    refuse_over,
)
from .moments import Remover, author_of, keeps_room, placed, remover
from .routes import broadcast_routes
from .service import BroadcastService
from .spans import sent
from .store import any_on_air
from .visibility import rights

__all__ = [
    "BEFORE_AIR",
    "BROADCASTS",
    "KIND",
    "ON_AIR",
    "OVER",
    "STATE_PART",
    "Broadcast",
    "BroadcastRooms",
    "BroadcastService",
    "BroadcastSettings",
    "BroadcastSurface",
    "CalendarEvent",
    "CommentMode",
    "Hosting",
    "Links",
    "Orientation",
    "Plan",
    "Recording",
    "Remover",
    "State",
    "Visibility",
    "any_on_air",
    "author_of",
    "broadcast_routes",
    "calendar_of",
    "channel_of",
    "install_broadcasts",
    "keeps_room",
    "placed",
    "refuse_over",
    "remover",
    "rights",
    "sent",
]
