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


async def probe(source: Path | str, *, cookies: str = "", allowed: str = "") -> dict[str, Probed]:
    """The streams by kind (`video`, `audio`), every packet read.

    `cookies` are sent where the source is a URL; `allowed` is a complaint that is no fault of the source.
    """
    show = "stream=codec_type,codec_name,start_time,duration,nb_read_packets,width,height"
    command = ["ffprobe", "-v", "warning", "-count_packets", "-show_entries", show, "-of", "json"]
    out = await run(*command, *_sent(cookies), str(source), allowed=allowed)
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


async def packets(source: Path | str, kind: str) -> list[tuple[float, bool]]:
    """When each packet of a kind of stream (`video`, `audio`) is shown, and whether it is a key frame."""
    show = ["-select_streams", kind[0], "-show_entries", "packet=pts_time,flags", "-of", "json"]
    out = await run("ffprobe", "-v", "warning", *show, str(source))
    return [(float(packet["pts_time"]), "K" in packet["flags"]) for packet in json.loads(out)["packets"]]


async def decode(source: Path | str) -> None:
    """Every frame can be decoded, without a word from the decoder."""
    as_it_is = ("-fps_mode", "passthrough", "-enc_time_base", "-1")  # a camera's pictures lie on no grid
    await run("ffmpeg", "-v", "warning", "-i", str(source), *as_it_is, "-f", "null", "-")


async def run(*command: str, allowed: str = "") -> str:
    """Standard output of a program that must succeed and warn of nothing, but for lines that end with `allowed`."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    complaints = [line for line in err.decode().splitlines() if not (allowed and line.endswith(allowed))]
    assert complaints == [], err.decode()
    return out.decode()


def _sent(cookies: str) -> tuple[str, ...]:
    return ("-headers", f"Cookie: {cookies}\r\n") if cookies else ()
