"""Where the application keeps what the feature's routes call."""

from aiohttp import web

from .proposing import Proposing
from .service import Ledger

LEDGER: web.AppKey[Ledger] = web.AppKey("LEDGER")
PROPOSING: web.AppKey[Proposing] = web.AppKey("PROPOSING")
