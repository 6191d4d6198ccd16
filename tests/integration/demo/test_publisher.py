"""The demo publisher against a real aiortc peer that decodes what it gets."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aioice.ice
import av
import pytest
from aiohttp.test_utils import TestServer
from aiortc import RTCPeerConnection
from aiortc.rtp import RtcpSrPacket
from av.frame import Frame
from yarl import URL

from bench.measure import cpu_seconds
from bench.stock_receiver import StockReceiver
from server.core.clock import SystemClock
from server.demo import clockcode
from server.demo.encoding import load_or_encode
from server.demo.film import Film, FilmSpec, load
from server.demo.picture import chinese_font
from server.demo.publisher import Publisher, Target, making
from tests.support.wait import until

SPEC = FilmSpec(seconds=4)
LOOP = SPEC.per_second * SPEC.seconds


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def film(cache: Path) -> Film:
    return load_or_encode(cache / "demo", SPEC)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


@dataclass
class Seen:
    """What a receiver saw: RTP time with the content, and the sender reports that place RTP time on the clock."""

    codes: list[tuple[int, int]] = field(default_factory=list)  # (RTP timestamp since the first, frame number)
    onsets: list[float] = field(default_factory=list)  # the same, of sounds
    reports: dict[str, RtcpSrPacket] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)  # the first RTP timestamp, from which aiortc counts
    drop_every: int = 0
    dropped: set[int] = field(default_factory=set)
    _quiet: float = 0.0

    def watch(self, frame: Frame) -> None:
        if isinstance(frame, av.VideoFrame):
            plane = frame.planes[0]  # the luma of yuv420p
            luma, line = bytes(plane), plane.line_size
            number = clockcode.read(lambda x, y: luma[y * line + x], frame.width)
            assert number is not None
            assert frame.pts is not None
            self.codes.append((frame.pts, number))
        elif isinstance(frame, av.AudioFrame):
            self._listen(frame)

    def _listen(self, frame: av.AudioFrame) -> None:
        """Note where sound begins after half a second of silence."""
        samples = memoryview(bytes(frame.planes[0])[: frame.samples * 4]).cast("h")[::2].tolist()
        assert frame.pts is not None
        for index, value in enumerate(samples):
            if abs(value) > 400:
                at = frame.pts + index
                if at - self._quiet > 12_000:
                    self.onsets.append(at)
                self._quiet = at

    def prepare(self, peer: RTCPeerConnection) -> None:
        for transceiver in peer.getTransceivers():
            self._tap(transceiver.receiver, transceiver.kind)

    def _tap(self, receiver: Any, kind: str) -> None:
        handle_rtcp, handle_rtp = receiver._handle_rtcp_packet, receiver._handle_rtp_packet

        async def rtcp(packet: Any) -> None:
            if isinstance(packet, RtcpSrPacket):
                self.reports[kind] = packet
            await handle_rtcp(packet)

        async def rtp(packet: Any, arrival_time_ms: int) -> None:
            key = packet.sequence_number
            self.origins.setdefault(kind, packet.timestamp)
            plain = packet.payload_type in {c.payloadType for c in codecs if c.mimeType == "video/H264"}
            if self.drop_every and plain and key % self.drop_every == 0 and key not in self.dropped:
                self.dropped.add(key)
                return
            await handle_rtp(packet, arrival_time_ms=arrival_time_ms)

        codecs: list[Any] = []
        start = receiver.receive

        async def receive(parameters: Any) -> None:
            codecs.extend(parameters.codecs)
            await start(parameters)

        receiver._handle_rtcp_packet, receiver._handle_rtp_packet, receiver.receive = rtcp, rtp, receive

    def clock_time(self, kind: str, rtp: float) -> float:
        """RTP time as seconds since 1900, by the newest sender report (RFC 3550 section 6.4.1)."""
        info = self.reports[kind].sender_info
        rate = {"video": 90_000, "audio": 48_000}[kind]
        behind = (self.origins[kind] + rtp - info.rtp_timestamp + 2**31) % 2**32 - 2**31
        return info.ntp_timestamp / 2**32 + behind / rate


@asynccontextmanager
async def served(receiver: StockReceiver) -> AsyncIterator[URL]:
    async with TestServer(receiver.application(), host="127.0.0.1") as server:
        yield server.make_url("/whip")


@asynccontextmanager
async def publishing(film: Film, url: URL, tmp_path: Path) -> AsyncIterator[asyncio.Event]:
    token = tmp_path / "token"
    token.write_text("sesame\n")
    stop = asyncio.Event()
    task = asyncio.create_task(Publisher(film, Target(url, token), SystemClock()).run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def test_sound_and_picture_arrive_whole_and_in_sync_with_the_wall_clock(film: Film, tmp_path: Path) -> None:
    seen = Seen()
    receiver = StockReceiver(seen.watch, seen.prepare)
    async with served(receiver) as url, publishing(film, url, tmp_path):
        await until(lambda: len(seen.codes) > 110 and len(seen.onsets) > 4 and len(seen.reports) == 2, timeout=20)

    assert receiver.posts[0].headers["Authorization"] == "Bearer sesame"
    numbers = [number for _, number in seen.codes]
    assert numbers[0] % film.key_frames == 0
    assert all(after == (before + 1) % LOOP for before, after in itertools.pairwise(numbers))
    # Both tracks, each by its own reports, against the clock that the content itself shows.
    pictures = [(seen.clock_time("video", rtp) - number / 25 + 2) % SPEC.seconds - 2 for rtp, number in seen.codes]
    sounds = [(seen.clock_time("audio", rtp) + 0.5) % 1 - 0.5 for rtp in seen.onsets[1:]]
    assert max(map(abs, pictures)) < 0.03
    assert max(map(abs, sounds)) < 0.03
    assert abs(sum(pictures) / len(pictures) - sum(sounds) / len(sounds)) < 0.03
    assert receiver.deleted == ["1"]


async def test_a_film_is_sent_while_it_is_being_made_and_kept_when_it_is_whole(tmp_path: Path) -> None:
    spec, seen, cache = FilmSpec(seconds=12), Seen(), tmp_path / "demo"
    async with making(cache, spec, SystemClock(), asyncio.Event()) as film:
        async with served(StockReceiver(seen.watch, seen.prepare)) as url, publishing(film, url, tmp_path):
            await until(lambda: len(seen.codes) > 130, timeout=30)
        await until(lambda: load(cache, spec, chinese_font()) is not None, timeout=30, every=0.1, what="the whole film")
    numbers = [number for _, number in seen.codes]
    assert all(after == (before + 1) % spec.length for before, after in itertools.pairwise(numbers))
    again = load(cache, spec, chinese_font())
    assert again == film


async def test_lost_packets_are_sent_again(film: Film, tmp_path: Path) -> None:
    seen = Seen(drop_every=23)
    async with served(StockReceiver(seen.watch, seen.prepare)) as url, publishing(film, url, tmp_path):
        await until(lambda: len(seen.codes) > 60, timeout=20)
    assert len(seen.dropped) > 5
    numbers = [number for _, number in seen.codes]
    assert all(after == (before + 1) % LOOP for before, after in itertools.pairwise(numbers))


async def test_a_refused_or_ended_session_is_tried_again(film: Film, tmp_path: Path) -> None:
    receiver = StockReceiver()
    receiver.refuse_next = 1
    async with served(receiver) as url, publishing(film, url, tmp_path):
        await until(lambda: receiver.pictures > 0, timeout=15, what="a picture after a refusal")
        await receiver.peers["2"].close()
        before = receiver.pictures
        await until(lambda: receiver.pictures > before, timeout=15, what="a picture after the server ended the session")
    assert len(receiver.posts) == 3
    assert receiver.deleted[-1] == "3"


async def test_a_missing_token_file_is_waited_for(film: Film, tmp_path: Path) -> None:
    receiver = StockReceiver()
    async with served(receiver) as url:
        token, stop = tmp_path / "token", asyncio.Event()
        task = asyncio.create_task(Publisher(film, Target(url, token), SystemClock()).run(stop))
        token.write_text("late")
        await until(lambda: receiver.pictures > 0, timeout=15)
        stop.set()
        await task


async def test_the_process_costs_little_and_ends_with_delete(film: Film, cache: Path, tmp_path: Path) -> None:
    receiver = StockReceiver()
    (tmp_path / "token").write_text("sesame")
    async with served(receiver) as url:
        process = await asyncio.create_subprocess_exec(*_command(url, tmp_path, cache))
        try:
            await until(lambda: receiver.pictures > 10, timeout=20)
            before, first = cpu_seconds(process.pid), receiver.pictures
            await until(lambda: receiver.pictures >= first + 125, timeout=20, what="five seconds of pictures")
            used = cpu_seconds(process.pid) - before
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 10) == 0
        finally:
            if process.returncode is None:
                process.kill()
    assert used / 5 < 0.15
    assert receiver.deleted == ["1"]


async def test_the_process_ends_when_the_one_that_started_it_is_killed(film: Film, cache: Path, tmp_path: Path) -> None:
    receiver = StockReceiver()
    (tmp_path / "token").write_text("sesame")
    starter = "import subprocess, sys; child = subprocess.Popen(sys.argv[1:]); print(child.pid, flush=True); child.wait()"
    async with served(receiver) as url:
        command = (sys.executable, "-c", starter, *_command(url, tmp_path, cache))
        parent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert parent.stdout is not None
        publisher = int(await parent.stdout.readline())
        await until(lambda: receiver.pictures > 0, timeout=20)
        parent.kill()
        await parent.wait()
        await until(lambda: receiver.deleted == ["1"], what="DELETE of the orphaned publisher")
        await until(lambda: not _runs(publisher), what="the end of the orphaned publisher")


def _command(url: URL, folder: Path, cache: Path) -> tuple[str, ...]:
    """The publisher as a process of its own, with the short film."""
    program = (
        "import sys; from pathlib import Path;"
        "from server.demo.film import FilmSpec; from server.demo.publisher import publish;"
        f"sys.exit(publish(url=sys.argv[1], token_file=Path(sys.argv[2]), data_dir=Path(sys.argv[3]), spec={SPEC!r}))"
    )
    return sys.executable, "-c", program, str(url), str(folder / "token"), str(cache)


def _runs(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be collected by its new parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False
