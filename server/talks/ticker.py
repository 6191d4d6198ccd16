"""Looks at the talks that are not over once a second and ends those whose time has come. Every process that serves sockets does
so; each end happens once, whoever comes first."""

from ..core.pulse import Pulse
from . import store
from .service import Talks


def join_pulse(talks: Talks, pulse: Pulse) -> None:
    pulse.add("talks", store.any_unfinished(), talks.look)
