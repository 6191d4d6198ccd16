"""The limits and choices of the media path. `server.settings` gives some of them names in the environment.

Limits that protect the event loop from a hostile offer are measured, not chosen: 10,000 candidates in 500 KB block aiortc's
parser for 22 s, 1,000 for 0.23 s.
"""

from dataclasses import dataclass
from pathlib import Path

from .ice_servers import IceServer

MAX_OFFER_BYTES = 64 * 1024
MAX_MEDIA_SECTIONS = 8
MAX_CANDIDATES = 50
MAX_FRAGMENT_BYTES = 16 * 1024
MAX_TRICKLED_CANDIDATES = 100  # in one session, over all its PATCH requests
MAX_REMOTE_CANDIDATES = 200  # in one session, whether told or only seen as the source of a check
MAX_CANDIDATE_PAIRS = 400  # of one session; each remote candidate is paired with several of our addresses


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """How streams are taken in, cut and kept. Seconds, bits per second and bytes throughout."""

    recordings_dir: Path = Path("recordings")

    part_target: float = 0.5
    """Length a part aims at, in seconds; the player's delay is about three parts."""

    segment_target: float = 2.0
    """Segments begin at the first key frame after about this long; also EXT-X-TARGETDURATION, rounded up."""

    window: float = 30.0
    """How much of a stream its live playlist holds, in seconds; viewers can go back so far."""

    sound_bitrate: int = 128_000
    """Of the AAC that players get, in bits per second."""

    blocked_per_viewer: int = 16
    blocked_per_address: int = 2_000
    blocked_in_all: int = 20_000
    """Playlist and part requests that may wait at once. A whole factory may sit behind one address."""

    silent_after: float = 3.0
    """Without media for so long a publisher counts as lost and may be replaced; consent takes 30 s to notice."""

    dtls_timeout: float = 10.0
    """A session whose ICE and DTLS are not done by then is freed."""

    consent_interval: float = 5.0
    """A connected publisher is asked about this often whether it may be sent to; six times without any proof end its session.
    Media it sends is proof as well (decision 0202)."""

    gone_after: float = 60.0
    """A session without media for so long is ended, even if the publisher's ICE agent still answers."""

    key_frame_every: float = 2.0
    """Ask the publisher for a key frame this often; segments begin at the key frames that really come."""

    start_bitrate: int = 2_500_000
    """What a browser is told to begin with, in bits per second; left alone it crawls upward from 300 kbit/s."""

    ingest_bitrate: int = 20_000_000
    """The most a publisher may send, in bits per second, over all it sends; who goes on sending more is ended. Packets,
    pictures and seconds of sound have limits too, far above what any honest encoder makes (`ingest/allowance.py`)."""

    ports: tuple[int, int] | None = None
    """First and last UDP port for media; None lets the system choose."""

    advertise: tuple[str, ...] = ()
    """IP addresses in the answer's candidates. One that this machine owns is also the one that is bound; others stand for
    all bound addresses (one-to-one NAT). Empty: every address of the machine, loopback only if there is no other."""

    ice_servers: tuple[IceServer, ...] = ()
    """Named to whoever publishes, in the answer to WHIP."""

    max_sessions: int = 64
    max_sessions_per_address: int = 16

    post_burst: int = 10
    post_per_second: float = 1.0
    """POST requests of one publisher, or refused ones of one address: so many at once, then so many each second. PATCH and
    DELETE may come more often."""
