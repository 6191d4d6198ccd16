"""The limits and choices of broadcasts. `server.settings` gives some of them names in the environment."""

from dataclasses import dataclass
from datetime import timedelta

from ..media import IceServer

MAX_TITLE = 80
MAX_INTRO = 2000
MAX_REASON = 200
MAX_CO_HOSTS = 8
MAX_MINUTES = 12 * 60
MAX_SLOW = 300  # s between two comments of one person, at most
MAX_POSTER_BYTES = 4 * 1024 * 1024
MAX_POSTER_PIXELS = 40_000_000  # a phone's largest photograph; more is a pixel flood


@dataclass(frozen=True, slots=True)
class BroadcastSettings:
    """How broadcasts are scheduled, sent and watched."""

    allow_public: bool = False
    """Whether visitors may be shown broadcasts. Doing so needs an audio-visual licence and filings; the host is told."""

    ice_servers: tuple[IceServer, ...] = ()
    """Shown with the publish token: a page needs them before its first attempt, WHIP names them only in its answer."""

    max_upload: int = MAX_POSTER_BYTES
    """The largest request body of this feature, in bytes."""

    interrupted_limit: timedelta = timedelta(minutes=30)
    """A broadcast whose publisher stays away for longer ends by itself."""

    overdue_after: timedelta = timedelta(hours=1)
    """So long after its planned end a broadcast that never went on air is overdue, and not listed any more as one to come."""

    token_grace: timedelta = timedelta(hours=12)
    """How long after the planned end a publish token is still good."""

    ticket_life: timedelta = timedelta(minutes=10)
    """Life of the signed cookie that opens HLS; every playlist request renews it."""

    decision_life: float = 4.0
    """Seconds for which "this session may watch this stream" is not asked again. Rights taken away end within 10 s."""

    after_end: timedelta = timedelta(seconds=60)
    """So long after the end viewers may fetch the last live segments, which they see some seconds late."""

    keep_said: timedelta = timedelta(days=180)
    """So long after the end what was said and done in a room is kept; see `retention`."""

    said_lives_with_replay: bool = True
    """Whether what was said is kept for as long as there is a recording, or goes when its time has come all the same."""

    reconcile_every: float = 1.0
    """Seconds between two comparisons of what should be (database) with what is (media)."""
