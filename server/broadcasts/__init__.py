"""Broadcasts: schedule, life cycle, visibility, replay. Media carries the streams; this feature says what should be.

`BroadcastService` is built first and gives media its `authority`; `attach` hands it the finished media service.
`install_broadcasts` puts it into an application, `broadcast_routes` are its routes.
"""

from .context import BROADCASTS, install_broadcasts
from .limits import BroadcastSettings
from .links import Links
from .model import Broadcast, CommentMode, Orientation, Plan, State, Visibility
from .routes import broadcast_routes
from .service import BroadcastService

__all__ = [
    "BROADCASTS",
    "Broadcast",
    "BroadcastService",
    "BroadcastSettings",
    "CommentMode",
    "Links",
    "Orientation",
    "Plan",
    "State",
    "Visibility",
    "broadcast_routes",
    "install_broadcasts",
]
