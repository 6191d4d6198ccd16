"""Where an application holds the services of this feature."""

from aiohttp import web

from .desk import Desks
from .drawing import Drawing
from .proof import Proofs
from .rounds import Rounds
from .service import Shakes
from .shaking import Shaking

SHAKES: web.AppKey[Shakes] = web.AppKey("SHAKES")
ROUNDS: web.AppKey[Rounds] = web.AppKey("ROUNDS")
SHAKING: web.AppKey[Shaking] = web.AppKey("SHAKING")
DRAWING: web.AppKey[Drawing] = web.AppKey("DRAWING")
PROOFS: web.AppKey[Proofs] = web.AppKey("PROOFS")
DESKS: web.AppKey[Desks] = web.AppKey("DESKS")
