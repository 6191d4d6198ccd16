"""The ledger beside bare inserts, and a large publication.

A credit is what features do: `Ledger.award` in a group commit, answered when it is durable, with caps decided. A bare insert is
one row of the same columns in a table with the same keys and no triggers, one committed transaction each, through the same
engine and driver. Both are done by the same number of writers in turn, on each database; a figure is the worse of the two.
"""

from .compare import run

__all__ = ["run"]
