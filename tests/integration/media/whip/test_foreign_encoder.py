"""FFmpeg's own WHIP muxer publishes to us: an encoder that shares no code with aiortc."""

import asyncio
import sys
from pathlib import Path

from server.media import PublishingEvent, Tracks
from tests.integration.media.whip.conftest import House
from tests.support.wait import until


async def test_whip_35_ffmpeg_publishes(house: House, tmp_path: Path) -> None:
    url = str(house.client.make_url(f"/whip/{house.stream}"))
    encoder = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.encoder", url, "good", str(tmp_path),
        stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await until(
            lambda: (
                encoder.returncode is not None
                or (house.flows() and len(house.output().pictures) > 60 and len(house.output().sounds) > 100)
            ),
            timeout=30,
            what="media from FFmpeg",
        )
        known_at = int(house.service.clock.now().timestamp() * 1e6)
    finally:
        if encoder.returncode is None:
            encoder.kill()
        _, said = await encoder.communicate()
    assert house.outputs, said.decode()
    output = house.output()
    assert output.begun == [Tracks(video=True, audio=True)]
    assert output.pictures[0].key
    stamps = [unit.at for unit in output.pictures]
    assert stamps == sorted(set(stamps))
    # It has sent its backlog at once, about a second. Media time is when that was captured, not when it came.
    assert max(output.pictures[-1].at, output.sounds[-1].at) <= known_at + 50_000
    assert abs(output.pictures[-1].at - output.sounds[-1].at) < 300_000
    await until(
        lambda: house.door.heard(house.stream) == [PublishingEvent.STARTED, PublishingEvent.LOST],
        timeout=15,
        what="the news of its end",
    )
