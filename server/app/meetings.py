"""Activities, tasks and who took part: check-ins, records, plans, confirmations; roll-calls, watch times of broadcasts."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from server.activities import (
    ACTIVITIES,
    MINUTES,
    PLANS,
    ActivityService,
    MinutesDesk,
    Plans,
    activity_routes,
)
from server.attendance import (
    QUIZZES,
    REPLAYS,
    ROLL_CALLS,
    ROSTERS,
    VISITS,
    WATCHING,
    Credits,
    Quizzes,
    Replays,
    RollCalls,
    RollCallTicker,
    Rosters,
    Visits,
    Watching,
    attendance_routes,
)
from server.broadcasts import BROADCASTS, KIND
from server.core.cabinet import Cabinet
from server.core.fanout import HUB
from server.core.http import Routes
from server.core.tasks import Tasks
from server.points import LEDGER
from server.tasks import TASKS, TaskService, task_routes

from .ground import HOUSEKEEPING_SECONDS, PULSE, Ground


def wire(app: web.Application, ground: Ground, chance: Callable[[], float]) -> None:
    """After the points: who took part is credited. A roll-call answered is attendance of the activity it belongs to."""
    database, journal, identity, clock = ground.database, ground.journal, ground.identity, ground.clock
    settings, broadcasts = ground.settings, app[BROADCASTS]
    app[ACTIVITIES] = ActivityService(database, journal, identity, broadcasts, app[LEDGER], clock, secret=settings.secret_key)
    app[MINUTES] = MinutesDesk(
        app[ACTIVITIES], database, identity, ground.audit, ground.press, Cabinet(settings.data_dir / "attachments"), clock
    )
    files = Cabinet(settings.data_dir / "task-files")
    app[TASKS] = TaskService(database, journal, identity, app[LEDGER], ground.audit, files, clock)
    app[PLANS] = Plans(database, identity, clock)
    attended = Credits(app[ACTIVITIES])
    app[REPLAYS] = Replays(database, broadcasts, attended, clock, chance)
    app[QUIZZES] = Quizzes(database, broadcasts, app[REPLAYS], settings.quiz_bank, clock, chance)
    app[ROLL_CALLS] = RollCalls(database, journal, broadcasts, attended, clock, chance, app[QUIZZES].checks)
    app[ROSTERS] = Rosters(database, identity, broadcasts, app[ACTIVITIES], clock)
    app[VISITS] = Visits(database, broadcasts, clock, lambda: app[HUB].listening(KIND))
    app[WATCHING] = Watching(database, broadcasts, app[REPLAYS], clock)


def routes() -> list[Routes]:
    return [activity_routes(), task_routes(), attendance_routes()]


def start(stack: AsyncExitStack, app: web.Application) -> None:
    """After the hub: it tells how many have answered."""
    stack.push_async_callback(app[ROLL_CALLS].close)
    stack.push_async_callback(app[WATCHING].close)
    RollCallTicker(app[ROLL_CALLS], app[HUB]).join(app[PULSE])
    stack.push_async_callback(app[VISITS].close)
    app[VISITS].start()


def work(tasks: Tasks, app: web.Application) -> None:
    tasks.every(HOUSEKEEPING_SECONDS, app[MINUTES].sweep, "sweep attachments")
    tasks.every(HOUSEKEEPING_SECONDS, app[TASKS].sweep, "sweep files of tasks")
    tasks.every(HOUSEKEEPING_SECONDS, app[TASKS].ask_newcomers, "ask newcomers")
