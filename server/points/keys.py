"""Where the application keeps what the feature's routes call."""

from aiohttp import web

from .exempting import Exemptions
from .exporting import Exporting
from .objecting import Objecting
from .overview import Overview
from .printing import Printing
from .proposing import Proposing
from .publishing import Publishing
from .ruling import Ruling
from .service import Ledger

LEDGER: web.AppKey[Ledger] = web.AppKey("LEDGER")
PROPOSING: web.AppKey[Proposing] = web.AppKey("PROPOSING")
PUBLISHING: web.AppKey[Publishing] = web.AppKey("PUBLISHING")
OBJECTING: web.AppKey[Objecting] = web.AppKey("OBJECTING")
OVERVIEW: web.AppKey[Overview] = web.AppKey("OVERVIEW")
EXEMPTIONS: web.AppKey[Exemptions] = web.AppKey("EXEMPTIONS")
EXPORTING: web.AppKey[Exporting] = web.AppKey("EXPORTING")
PRINTING: web.AppKey[Printing] = web.AppKey("PRINTING")
RULING: web.AppKey[Ruling] = web.AppKey("RULING")
