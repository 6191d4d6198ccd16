"""The two clocks of a stream and the one origin that ties them to media time.

Pictures count in ticks of 90 kHz, sound in samples of 48 kHz, both from the stream's origin. AAC frames (1024 samples) lie on
one grid that starts at the Unix epoch, whoever sends and however often the stream is restarted: frame n begins n · 64/3 ms
after it. So that the grid meets the origin, an origin is a multiple of 64 ms; it is then also exact in microseconds and in the
milliseconds of EXT-X-PROGRAM-DATE-TIME. One AAC frame is exactly 1920 ticks.
"""

TICKS = 90_000
SOUND_RATE = 48_000
AAC_SAMPLES = 1024
AAC_TICKS = AAC_SAMPLES * TICKS // SOUND_RATE

_ORIGIN_STEP = 64_000  # microseconds; three AAC frames


def origin_before(at: int) -> int:
    """The latest origin that leaves room for at least one AAC frame before media time `at`."""
    return (at - _ORIGIN_STEP // 3 - 1) // _ORIGIN_STEP * _ORIGIN_STEP


def ticks_since(origin: int, at: int) -> int:
    """Media time as ticks from the origin, rounded; a microsecond is finer than a tick, so nothing is lost but the rounding."""
    return ((at - origin) * 9 + 50) // 100


def micros_at(origin: int, ticks: int) -> int:
    """Ticks from the origin as media time."""
    return origin + (ticks * 100 + 4) // 9


def sample_at(at: int) -> int:
    """The 48 kHz sample that sounds at media time `at`, counted from the epoch."""
    return (at * 6 + 62) // 125


def first_aac_frame(origin: int) -> int:
    """The number, from the epoch, of the AAC frame that begins at the origin."""
    return origin * 3 // _ORIGIN_STEP


def seconds(ticks: int) -> float:
    return ticks / TICKS


def ticks(seconds: float) -> int:
    return round(seconds * TICKS)
