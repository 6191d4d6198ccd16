"""Hints: other processes hear that a channel has grown. Only a wake-up; the journal in the database is the truth.

A hint may come late, twice or never. Whoever hears one reads the journal from where it stands; while hints are known to be
away, or only to go one way (`healthy` is false), those who depend on them look at the heads more often. Three ways behind one
small interface: none (one process), Redis Streams, PostgreSQL NOTIFY.
"""

from .base import Hear, Hints, NoHints
from .notify import NotifyHints
from .streams import StreamHints

__all__ = ["Hear", "Hints", "NoHints", "NotifyHints", "StreamHints"]
