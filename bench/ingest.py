"""CPU of taking a broadcast in: our ingest, packager and recorder against stock aiortc, which decodes.

One source, one receiver at a time, in turn: stock, ours without AAC, ours with AAC, stock, … Each turn is a fresh publishing
session; counted is the CPU time of the receiving process over some seconds after it has settled.
"""

import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import hongbo
from .measure import Child, child, cores, cpu_seconds, free_port, listening, median, python, wait_for
from .report import Row

_SETTLE = 3.0  # seconds of media before counting: handshake, first key frame, jitter buffers
_ROUNDS = 2
_SECONDS = 9.0


@dataclass(frozen=True)
class Receiver:
    name: str
    whip: str
    token_file: Path
    server: Child
    cpu: Callable[[], float]
    receiving: Callable[[], None]


def compare(scratch: Path) -> tuple[list[Row], dict[str, float | None]]:
    """Rows of every turn, and the two ratios."""
    used: dict[str, list[float]] = {"stock": [], "opus": [], "aac": []}
    rows: list[Row] = []
    core = cores()[0]
    with contextlib.ExitStack() as stack:
        stock = stack.enter_context(_stock(scratch, core))
        opus = stack.enter_context(_ours(scratch, "opus", core))
        aac = stack.enter_context(_ours(scratch, "aac", core))
        for receiver in [*[stock, opus, aac] * _ROUNDS, stock]:
            share = _turn(receiver, scratch)
            used[receiver.name].append(share)
            rows.append({"what": f"ingest {receiver.name}", "cpu_share": share})
    base = median(used["stock"])
    return rows, {
        "ingest_cpu_vs_decode_opus": median(used["opus"]) / base,
        "ingest_cpu_vs_decode_aac": median(used["aac"]) / base,
    }


def _turn(receiver: Receiver, scratch: Path) -> float:
    """Publish to one receiver for a while; its CPU seconds per second."""
    command = python("bench.source", receiver.whip, receiver.token_file)
    with child("source", command, scratch, core=cores()[-1]) as source:
        receiver.receiving()
        time.sleep(_SETTLE)
        before, begun = receiver.cpu(), time.monotonic()
        time.sleep(_SECONDS)
        after, ended = receiver.cpu(), time.monotonic()
        source.check()
        receiver.server.check()
    return (after - before) / (ended - begun)


@contextlib.contextmanager
def _stock(scratch: Path, core: int) -> Iterator[Receiver]:
    port = free_port()
    token_file = scratch / "token-stock"
    token_file.write_text("none")
    with child("stock", python("bench.stock_receiver", port), scratch, core=core) as server:
        wait_for(lambda: listening(port), "the stock receiver", alive=server)

        def receiving() -> None:
            before = _counts(port)
            wait_for(lambda: _counts(port)["pictures"] > before["pictures"] + 5, "decoded pictures", alive=server)

        cpu = lambda: cpu_seconds(server.pid)  # noqa: E731  # one line, one use
        yield Receiver("stock", f"http://127.0.0.1:{port}/whip", token_file, server, cpu, receiving)


@contextlib.contextmanager
def _ours(scratch: Path, sound: str, core: int) -> Iterator[Receiver]:
    with hongbo.running(scratch, f"hongbo-{sound}", sound=sound, core=core) as site:
        broadcast = hongbo.schedule(site, scratch)
        yield Receiver(sound, broadcast.whip, broadcast.token_file, site.server, site.cpu_seconds, broadcast.go_live)


def _counts(port: int) -> dict[str, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/counts")
        counts: dict[str, int] = json.load(connection.getresponse())
    return counts
