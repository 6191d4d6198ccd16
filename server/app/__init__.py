"""The composition root: the only package that knows every feature. Builds, wires, starts and stops.

Each area of the house has a file here, and the same names mean the same in each: `wire` builds its services and puts them into
the application under their keys, `routes` are its addresses, `start` is what must be awaited or runs on, `work` what the worker
does now and then. `build` calls the areas in the order in which they need one another; `lifecycle` starts them, and stops them
in the opposite order. An area takes what others have made from the application, by its key; nothing else passes between them.
"""

from .api import ENDPOINTS, document
from .building import build
from .ground import AUDIT, DATABASE, FURNISHING, HINTS, JOURNAL, SETUP_LINK
from .parts import Part
from .points import RULEBOOK, SEALER, SIGNER
from .sockets import DOOR, EVENTS
from .telling import COURIERS, LOOKUP

__all__ = [
    "AUDIT",
    "COURIERS",
    "DATABASE",
    "DOOR",
    "ENDPOINTS",
    "EVENTS",
    "FURNISHING",
    "HINTS",
    "JOURNAL",
    "LOOKUP",
    "RULEBOOK",
    "SEALER",
    "SETUP_LINK",
    "SIGNER",
    "Part",
    "build",
    "document",
]
