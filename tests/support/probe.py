"""What ffprobe says of a file, a playlist or a URL; any warning fails the test."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Probed:
    """One stream of a file. Times in seconds."""

    codec: str
    start: float
    duration: float
    packets: int
    width: int = 0
    height: int = 0


async def probe(source: Path | str, *, allowed: tuple[str, ...] = ()) -> dict[str, Probed]:
    """The streams by kind (`video`, `audio`), every packet read."""
    show = "stream=codec_type,codec_name,start_time,duration,nb_read_packets,width,height"
    out = await run("ffprobe", "-v", "warning", "-count_packets", "-show_entries", show, "-of", "json", str(source))
    return {
        stream["codec_type"]: Probed(
            stream["codec_name"],
            float(stream.get("start_time", 0)),
            float(stream.get("duration", 0)),
            int(stream["nb_read_packets"]),
            stream.get("width", 0),
            stream.get("height", 0),
        )
        for stream in json.loads(out)["streams"]
    }


async def decode(source: Path | str) -> None:
    """Every frame can be decoded, without a word from the decoder."""
    await run("ffmpeg", "-v", "warning", "-i", str(source), "-f", "null", "-")


async def run(*command: str) -> str:
    """Standard output of a program that must succeed and warn of nothing."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert err.decode() == "", err.decode()
    return out.decode()
