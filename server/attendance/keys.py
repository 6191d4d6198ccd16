"""Where an application holds the services of this feature."""

from aiohttp import web

from .quizzes import Quizzes
from .replays import Replays
from .roster import Rosters
from .service import RollCalls
from .visits import Visits
from .watching import Watching

ROLL_CALLS: web.AppKey[RollCalls] = web.AppKey("ROLL_CALLS")
VISITS: web.AppKey[Visits] = web.AppKey("VISITS")
WATCHING: web.AppKey[Watching] = web.AppKey("WATCHING")
QUIZZES: web.AppKey[Quizzes] = web.AppKey("QUIZZES")
REPLAYS: web.AppKey[Replays] = web.AppKey("REPLAYS")
ROSTERS: web.AppKey[Rosters] = web.AppKey("ROSTERS")
