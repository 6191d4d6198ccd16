"""The rules as they are kept: every version of every indicator, at first those of `indicators.json`, then the committee's.

Each version counts from a day on, and every process reads them again within half a minute: so a version that is written a day
ahead is known to all of them in time, and no credit asks the database. What was decided under old rules stays as it was.
"""

import json
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from ..core.clock import Clock
from ..core.db import Database, Session
from . import rules_store
from .model import Aspect, Band, Confirm, Indicator, Kind, Rules, Scale, Window

_FRESH = 30.0  # s
BEGINNING = date(2000, 1, 1)


class Rulebook:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._rules: Rules | None = None
        self._read_at = 0.0

    async def current(self, session: Session | None = None) -> Rules:
        """Every version there is; read again when it is half a minute old. Whoever is in a transaction gives its session: if
        many who wait for one another's locks wanted a connection more each, there would be none left for the one they wait for.
        """
        now = self._clock.monotonic()
        if self._rules is not None and now - self._read_at <= _FRESH:
            return self._rules
        if session is not None:
            self._rules, self._read_at = await rules_store.load(session), now
        else:
            async with self._database.reading() as own:
                self._rules, self._read_at = await rules_store.load(own), now
        return self._rules

    async def plant(self) -> None:
        """Write the rules the product comes with, where there are none yet."""
        async with self._database.transaction() as session:
            await rules_store.plant(session, as_shipped(), self._clock.now())


def as_shipped() -> Rules:
    """The indicators of `indicators.json`, from the beginning of all days."""
    content = json.loads(files(__package__).joinpath("indicators.json").read_text())
    meta = content["meta"]
    scale = Scale(
        base=_tenths(meta["year_base"]),
        most={Aspect(code): _tenths(most) for code, most in meta["aspect_add_cap"].items()},
        bands=[Band(each["code"], each["zh"], _tenths(each["min"])) for each in meta["bands"]],
        since=BEGINNING,
    )
    return Rules([_indicator(each) for each in content["indicators"]], [scale])


def _indicator(given: Mapping[str, Any]) -> Indicator:
    event, _, narrowed = given["event"].partition("[")
    return Indicator(
        code=given["code"],
        aspect=Aspect(given["aspect"]),
        name=given["name_zh"],
        kind=Kind(given["kind"]),
        event=event,
        value=_tenths(given["value"]),
        caps={Window(name): _tenths(most) for name, most in given["cap"].items() if most is not None},
        traits=dict(each.split("=", 1) for each in narrowed.rstrip("]").split(",") if each),
        confirm=Confirm(given["confirm"]),
        applies_to=given["applies_to"],
        trigger=given["trigger_zh"],
        since=BEGINNING,
    )


def _tenths(points: float) -> int:
    return round(points * 10)
