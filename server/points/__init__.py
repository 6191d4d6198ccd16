"""Points: the ledger, its rules, and what is published of it.

A feature that credits participation builds causes and calls `Ledger.award` in the transaction of what happened; the docstring
of `award` is the contract.
"""

from .appraising import Appraising
from .entry import Entry
from .keys import LEDGER, PROPOSING
from .model import Aspect, Cause, Kind, day_of
from .outward import LedgerStreams
from .proposing import Proposing
from .publishing import Publishing
from .routes import points_routes
from .routes_appraisal import APPRAISING, appraisal_routes
from .routes_publications import PUBLISHING, publication_routes
from .rulebook import Rulebook
from .sealing import CREDITED, Sealer, examine
from .service import Credit, Ledger, Statement

__all__ = [
    "APPRAISING",
    "CREDITED",
    "LEDGER",
    "PROPOSING",
    "PUBLISHING",
    "Appraising",
    "Aspect",
    "Cause",
    "Credit",
    "Entry",
    "Kind",
    "Ledger",
    "LedgerStreams",
    "Proposing",
    "Publishing",
    "Rulebook",
    "Sealer",
    "Statement",
    "appraisal_routes",
    "day_of",
    "examine",
    "points_routes",
    "publication_routes",
]
