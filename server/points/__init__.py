"""Points: the ledger, its rules, and what is published of it.

A feature that credits participation builds causes and calls `Ledger.award` in the transaction of what happened; the docstring
of `award` is the contract.
"""

from .appraising import Appraising
from .bringing import Bringing, Brought
from .entry import Entry
from .exempting import Exemptions
from .exporting import Exporting
from .keys import EXEMPTIONS, EXPORTING, LEDGER, OBJECTING, OVERVIEW, PRINTING, PROPOSING, PUBLISHING, RULING
from .model import Aspect, Cause, Kind, day_of
from .objecting import Objecting
from .outward import LedgerStreams
from .overview import Overview
from .printing import Printing
from .proposing import Proposing
from .publishing import Publishing
from .routes import points_routes
from .routes_appraisal import APPRAISING, appraisal_routes
from .routes_publications import publication_routes
from .rulebook import Rulebook
from .ruling import Ruling
from .sealing import CREDITED, Sealer, examine
from .service import Credit, Ledger, Statement

__all__ = [
    "APPRAISING",
    "CREDITED",
    "EXEMPTIONS",
    "EXPORTING",
    "LEDGER",
    "OBJECTING",
    "OVERVIEW",
    "PRINTING",
    "PROPOSING",
    "PUBLISHING",
    "RULING",
    "Appraising",
    "Aspect",
    "Bringing",
    "Brought",
    "Cause",
    "Credit",
    "Entry",
    "Exemptions",
    "Exporting",
    "Kind",
    "Ledger",
    "LedgerStreams",
    "Objecting",
    "Overview",
    "Printing",
    "Proposing",
    "Publishing",
    "Rulebook",
    "Ruling",
    "Sealer",
    "Statement",
    "appraisal_routes",
    "day_of",
    "examine",
    "points_routes",
    "publication_routes",
]
