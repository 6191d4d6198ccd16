"""A process that records until it is killed: `python -m tests.support.recording_process FOLDER STREAM SEGMENTS`.

It publishes so many whole segments and two parts of the next one, says `ready` when all of it has reached the recorder, and
waits. Who started it kills it, as `killed_while_recording` does.
"""

import asyncio
import sys
from pathlib import Path

from server.core.clock import SystemClock
from server.media import MediaSettings
from server.media.cmaf.parts import Part, SegmentEnd
from server.media.outputs import Outputs
from tests.support import forked
from tests.support.coded import access_units, opus_packets
from tests.support.simulate import Simulation, coded_film, coded_sound


async def killed_while_recording(folder: Path, stream_id: str, segments: int) -> None:
    """Leave behind what such a process leaves."""
    process = await forked.start("tests.support.recording_process", str(folder), stream_id, str(segments))
    assert await process.stdout.readline() == b"ready\n"
    process.kill()
    await process.wait()


async def record(folder: Path, stream_id: str, segments: int) -> None:
    simulation = Simulation()
    simulation.begin()
    simulation.run(coded_film(access_units(segments * 60 + 40)), coded_sound(opus_packets(segments * 100 + 100)))
    outputs = Outputs(MediaSettings(recordings_dir=folder), SystemClock())
    output = outputs.make(stream_id, True)
    await output.open()
    output._packager.origin = simulation.packager.origin
    ends = parts = 0
    for _, cut in simulation.published:
        ends += isinstance(cut, SegmentEnd)
        parts += isinstance(cut, Part) and ends == segments
        output._publish([cut], 0.0)
        if parts == 2:
            break
    recorder = output._recorder
    assert recorder is not None
    await recorder._settled()
    print("ready", flush=True)  # noqa: T201  # the parent waits for it
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
