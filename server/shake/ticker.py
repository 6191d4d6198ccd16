"""Looks at the sessions once a second: opens and closes them, closes rounds, lets offers lapse, and tells how many have shaken.

Every process that serves sockets does so. Each step happens once, whoever comes first; the three kinds of them do not wait for
one another, since the list of a large round takes seconds to write.
"""

from ..core.fanout import Hub
from ..core.pulse import Pulse
from . import draw_store, store
from .drawing import Drawing
from .rounds import Rounds
from .service import Shakes
from .shaking import Shaking
from .shown import KIND, channel_of

_CROWD, _SELDOM = 500, 3  # so many listeners are told how many have shaken each third time


class ShakeTicker:
    def __init__(self, shakes: Shakes, rounds: Rounds, drawing: Drawing, shaking: Shaking, hub: Hub) -> None:
        self._shakes, self._rounds, self._drawing, self._shaking, self._hub = shakes, rounds, drawing, shaking, hub
        self._turn = 0

    def join(self, pulse: Pulse) -> None:
        pulse.add("shakes: sessions", store.any_running(), self._shakes.look)
        pulse.add("shakes: rounds", store.any_under_way(), self._rounds.look)
        pulse.add("shakes: offers", draw_store.any_offers(), self._drawing.look)
        pulse.add("shakes: counts", store.any_under_way(), self.count)

    async def count(self) -> None:
        self._turn += 1
        listeners = self._hub.listening(KIND)
        if not listeners:
            return
        for each in await self._rounds.open_now():
            channel = channel_of(each.shake_id)
            here = len(listeners.get(each.shake_id, ()))
            if here and (here < _CROWD or self._turn % _SELDOM == 0):
                self._hub.signal(channel, shaking={"round": each.number, "count": await self._shaking.count(each)})
