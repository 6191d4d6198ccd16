"""Fan-out: one frame for all, a cursor for each, and a snapshot for whoever has missed too much (design, section 3)."""

from .events import HUB, channel_events
from .hub import Hub
from .limits import FanoutLimits
from .surface import Part, Rule, State, Surface
from .wire import AuthorOut, EntryOut

__all__ = ["HUB", "AuthorOut", "EntryOut", "FanoutLimits", "Hub", "Part", "Rule", "State", "Surface", "channel_events"]
