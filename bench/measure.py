"""Processes of our own, their CPU time, and statistics. Loopback only; nothing is ended that was not started here."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
_TICKS = os.sysconf("SC_CLK_TCK")


class BenchFailed(Exception):
    """The comparison could not be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process and the file its output goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def check(self) -> None:
        """Raise BenchFailed with the end of its output if the process has ended."""
        if self.process.poll() is not None:
            raise BenchFailed(f"{self.log.stem} ended with {self.process.returncode}:\n{self.said()[-2000:]}")


@contextlib.contextmanager
def child(
    name: str,
    command: Sequence[str | Path],
    scratch: Path,
    *,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Child]:
    """Run a program until the block is left, on one core if asked; SIGTERM first, SIGKILL after ten seconds."""
    log = scratch / f"{name}.log"
    pin = ["taskset", "-c", str(core)] if core is not None else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*pin, *map(str, command)], stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
        )
    try:
        yield Child(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def python(module: str, *arguments: object) -> list[str]:
    """The command line of a module of this repository."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def cpu_seconds(*pids: int) -> float:
    """User and system time so far of these processes, their threads included (proc(5), /proc/pid/stat, fields 14 and 15)."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cores() -> list[int]:
    """The cores this process may run on."""
    return sorted(os.sched_getaffinity(0))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(look: Callable[[], Found | None], what: str, *, timeout: float = 30.0, alive: Child | None = None) -> Found:
    """The first truthy answer of `look`; BenchFailed after `timeout` seconds, or when `alive` has ended."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if alive is not None:
            alive.check()
        if found := look():
            return found
        time.sleep(0.05)
    tail = f"\n{alive.said()[-2000:]}" if alive is not None else ""
    raise BenchFailed(f"{what} did not come within {timeout:.0f} s{tail}")


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0…1) of the values lie, interpolated."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


median = statistics.median
