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
        stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert encoder.stdin is not None
    try:
        await until(
            lambda: (
                encoder.returncode is not None
                or (house.flows() and len(house.output().pictures) > 60 and len(house.output().sounds) > 100)
            ),
            timeout=30,
            what="media from FFmpeg",
        )
    finally:
        encoder.stdin.close()
        _, said = await encoder.communicate()
    assert house.outputs, said.decode()
    output = house.output()
    assert output.begun == [Tracks(video=True, audio=True)]
    assert output.pictures[0].key
    stamps = [unit.at for unit in output.pictures]
    assert stamps == sorted(set(stamps))
    assert abs(output.pictures[-1].at - output.sounds[-1].at) < 300_000
    await until(
        lambda: house.door.heard(house.stream) == [PublishingEvent.STARTED, PublishingEvent.LOST],
        timeout=15,
        what="the news of its end",
    )
