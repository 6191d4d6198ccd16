"""Sockets for all features: Engine.IO and Socket.IO to the letter, declared events, limits, rights that are looked at again."""

from .connection import Connection, Who
from .door import Door, Recognise, socket_route
from .events import Dispatch, Event, Events, News
from .limits import VISITORS_OF_PUBLIC, SocketLimits
from .packets import Encoded
from .wire import Out, RefusedAck, left_out, may_be_missing

__all__ = [
    "VISITORS_OF_PUBLIC",
    "Connection",
    "Dispatch",
    "Door",
    "Encoded",
    "Event",
    "Events",
    "News",
    "Out",
    "Recognise",
    "RefusedAck",
    "SocketLimits",
    "Who",
    "left_out",
    "may_be_missing",
    "socket_route",
]
