"""The sound of the demonstration: a soft two-note chime on every second, silence between.

The chime begins exactly on the second of the picture's clock, so that an ear (or a test) can judge the sound against the
picture. It is the same every second, which makes any loop of whole seconds seamless.
"""

import math

SAMPLE_RATE = 48_000
_NOTES = ((659.26, 0.0), (987.77, 0.12))  # E5, then B5: hertz, and seconds into the second
_LOUDNESS = 0.09  # of full scale, about -21 dBFS: heard when listened for
_DECAY = 0.11  # seconds to fall to a third
_ATTACK = 0.004  # seconds; without it a click
_LENGTH = 0.8  # seconds after which a note has ended


def one_second() -> list[int]:
    """48,000 samples of signed 16-bit mono sound."""
    sound = [0.0] * SAMPLE_RATE
    for pitch, begins in _NOTES:
        first = round(begins * SAMPLE_RATE)
        for index in range(min(round(_LENGTH * SAMPLE_RATE), SAMPLE_RATE - first)):
            at = index / SAMPLE_RATE
            envelope = min(1.0, at / _ATTACK) * math.exp(-at / _DECAY) * min(1.0, (_LENGTH - at) / 0.05)
            wave = math.sin(math.tau * pitch * at) + 0.25 * math.sin(2 * math.tau * pitch * at)
            sound[first + index] += _LOUDNESS * envelope * wave
    return [round(32767 * value) for value in sound]
