"""The packet source of the media benches: the demo picture at 720p30 and about 2 Mbit/s, published through WHIP.

`python -m bench.source URL TOKEN_FILE` until SIGTERM. Richer than the demo's own, so that the figures stand for a camera.
"""

import sys
from pathlib import Path

from server.demo.encoding import load_or_encode
from server.demo.film import Film, FilmSpec
from server.demo.publisher import publish

SPEC = FilmSpec(per_second=30, bitrate=2_500_000)
CACHE = Path(__file__).resolve().parent / ".cache"


def prepared() -> Film:
    """The film, encoded on the first call ever."""
    return load_or_encode(CACHE / "demo", SPEC)


if __name__ == "__main__":
    sys.exit(publish(url=sys.argv[1], token_file=Path(sys.argv[2]), data_dir=CACHE, spec=SPEC))
