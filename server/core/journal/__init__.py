"""The journal: what everybody on a live surface sees, in one order, and nothing acknowledged is lost (design, section 3).

A live surface is a channel (`broadcast:<id>`) with an epoch and a gapless offset. A use case writes its rows and its entries in
one transaction (`Journal.append`); those who listen hear of the entries after the commit and only then. Hot writes share a
transaction (`GroupCommit`). The database is the truth; whoever misses something reads it again by its offset.
"""

from .group import GroupCommit
from .journal import Journal
from .model import LEFT, REDACTS, Author, Draft, Entry, Position, channel_name, encoded
from .store import at_offsets, moments, newest, of_type, position

__all__ = [
    "LEFT",
    "REDACTS",
    "Author",
    "Draft",
    "Entry",
    "GroupCommit",
    "Journal",
    "Position",
    "at_offsets",
    "channel_name",
    "encoded",
    "moments",
    "newest",
    "of_type",
    "position",
]
