"""The three servers under comparison, started on the first core, and the load client on the last."""

import contextlib
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import BenchFailed, Child, child, children_of, cores, cpu_seconds, free_port, listening, python, wait_for
from tests.support.node import node_program

from .drive import CHANNEL

HERE = Path(__file__).parent
HELLO = "420" + json.dumps(["subscribe", {"channel": CHANNEL}])


@dataclass
class Server:
    """A room that says comments when it is told to."""

    process: Child
    port: int

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process.pid, *children_of(self.process.pid))

    def memory_kb(self) -> float:
        """Resident memory (proc(5), /proc/pid/status)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))

    def say(self, count: int, rate: float) -> None:
        self.ask("/bench", count=count, rate=rate)

    def ask(self, path: str, **plan: Any) -> Any:
        """The JSON answer to a POST; None if there is none."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, json.dumps(plan).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None


Launch = Callable[[Path, float], contextlib.AbstractContextManager[Server]]


@contextlib.contextmanager
def _started(name: str, command: Sequence[object], scratch: Path, port: int) -> Iterator[Server]:
    with child(name, [str(word) for word in command], scratch, core=cores()[0]) as process:
        wait_for(lambda: listening(port), name, alive=process)
        yield Server(process, port)


@contextlib.contextmanager
def hongbo(scratch: Path, tick: float = 0.0) -> Iterator[Server]:
    port, data = free_port(), tempfile.mkdtemp(dir=scratch)
    with _started("hongbo", python("bench.fanout.hongbo_room", port, data, tick), scratch, port) as server:
        yield server


@contextlib.contextmanager
def node(scratch: Path, tick: float = 0.0, *, key: str = "") -> Iterator[Server]:
    port = free_port()
    command = [node_program(), HERE / "node_room.mjs", port, tick * 1000, *([key] if key else [])]
    with _started("node", command, scratch, port) as server:
        yield server


@contextlib.contextmanager
def stock(scratch: Path, tick: float = 0.0) -> Iterator[Server]:
    port = free_port()
    with _started("stock", python("bench.fanout.stock_room", port), scratch, port) as server:
        yield server


def compiled(scratch: Path) -> Path:
    """The load client, built from its source."""
    program = scratch / "load"
    if not program.exists():
        built = subprocess.run(["cc", "-O2", "-o", program, HERE / "load.c"], capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise BenchFailed(f"the load client was not built: {built.stderr[-1000:]}")
    return program


class Load:
    """Many listeners; see load.c."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.joined: Mapping[str, Any] = {}

    def expect(self, items: int) -> None:
        """From now on count `items` for each client."""
        self._write(f"expect {items}")
        self.read()

    def stop_some(self) -> None:
        self._write("slow")

    def read(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BenchFailed(f"the load client ended: {self._process.wait()}")
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextlib.contextmanager
def load(
    scratch: Path,
    port: int,
    clients: int,
    *,
    slow: int = 0,
    cookies: Path | None = None,
    auths: Path | None = None,
    hello: str = HELLO,
) -> Iterator[Load]:
    """Listeners that have joined."""
    command = ["taskset", "-c", str(cores()[-1]), str(compiled(scratch)), str(port), str(clients), str(slow)]
    command += [str(cookies or "-"), str(auths or "-"), hello]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        listeners = Load(process)
        listeners.joined = listeners.read()
        yield listeners
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
