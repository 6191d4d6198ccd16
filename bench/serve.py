"""The real server, started for a bench: `python -m bench.serve aac|opus COMMAND …`, the command as for `hongbo`.

With `opus` the one step from Opus to AAC is left out and nothing else: packets are received, placed on their frames, packaged
and recorded as ever, with a frame of silence standing for what the encoder would have given. It shows what transcoding costs.
"""

import sys
from collections.abc import Iterable

from server.media.cmaf import sound
from server.media.cmaf.timeline import AAC_SAMPLES, sample_at
from server.media.model import OpusPacket


class NoTranscoder:
    """In place of SoundTranscoder: the frames that the packets' time calls for, without their sound."""

    def __init__(self, bit_rate: int) -> None:
        self._frame = sound.silent_frame()
        self._next: int | None = None

    def feed(self, packets: Iterable[OpusPacket]) -> list[tuple[int, bytes]]:
        ready = []
        for packet in packets:
            complete = sample_at(packet.at) // AAC_SAMPLES
            if self._next is None or not 0 <= complete - self._next < 50:
                self._next = complete
            while self._next < complete:
                ready.append((self._next, self._frame))
                self._next += 1
        return ready


def main() -> int:
    from server.cli import run  # everything that could hold the transcoder is loaded by this

    kind, *command = sys.argv[1:]
    if kind == "opus":
        original = sound.SoundTranscoder
        for module in list(sys.modules.values()):
            if getattr(module, "SoundTranscoder", None) is original:
                vars(module)["SoundTranscoder"] = NoTranscoder
    return run(command)


if __name__ == "__main__":
    sys.exit(main())
