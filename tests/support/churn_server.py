"""`python -m server` with limits that make trouble likely: a tiny ring, few entries that may be missed.

It pings often: when its WebSocket breaks off just as it pauses polling for it, engine.io-client (6.6) is left with neither, and
notices by the missing ping alone. With the defaults that would take 45 s.
"""

import sys
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from server import cli
from server.core.fanout import FanoutLimits
from server.core.sockets import SocketLimits
from server.settings import Settings, load_settings


def troubled(*arguments: Any, **named: Any) -> Settings:
    return replace(
        load_settings(*arguments, **named),
        fanout=FanoutLimits(tick=0.02, ring=48, most_missed=64, look_every=1.0),
        sockets=SocketLimits(ping_interval=3, ping_timeout=4, connections_per_member=1000, most_unsent=256 * 1024),
    )


if __name__ == "__main__":
    with patch("server.cli.load_settings", troubled):
        sys.exit(cli.run(sys.argv[1:]))
