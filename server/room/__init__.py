"""What goes on in a broadcast's room beside what is written: who is here, reactions, notices.

`RoomService` counts people and reactions, also for broadcasts (it is their audience); for reports it reads both over time:
`service.samples.over_time(id)`, `service.reactions.over_time(id)`.
"""

from .model import Kind, NoticeKind
from .notices import Notices, notices_part
from .routes import room_routes
from .service import RoomService
from .sockets import NOTICES, ROOM, room_events
from .store import Counted, Sample

__all__ = [
    "NOTICES",
    "ROOM",
    "Counted",
    "Kind",
    "NoticeKind",
    "Notices",
    "RoomService",
    "Sample",
    "notices_part",
    "room_events",
    "room_routes",
]
