"""Sockets for all features: Engine.IO and Socket.IO to the letter, declared events, limits, rights that are looked at again."""

from .connection import Connection, Who
from .door import Door, Recognise, socket_route
from .events import Dispatch, Event, Events
from .limits import SocketLimits
from .packets import Encoded

__all__ = ["Connection", "Dispatch", "Door", "Encoded", "Event", "Events", "Recognise", "SocketLimits", "Who", "socket_route"]
