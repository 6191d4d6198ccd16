"""Python programs as `python -m` starts them, without the seconds that loading the modules takes.

They are forked from a process that has loaded them (`forkserver`): one for each process that runs tests, started when first
needed. What is said about `asyncio.subprocess.Process` holds for `Program`, as far as tests need it.
"""

import asyncio
import functools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_LONGEST_LINE = 1 << 20


class Program:
    def __init__(self, pid: int, status: int, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader | None) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self._status = status
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = loop.create_future()
        loop.add_reader(status, self._read_status)

    @property
    def returncode(self) -> int | None:
        """The exit status, or minus the signal that killed it; None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Wait for its end; standard output and standard error."""
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read() if self.stderr else asyncio.sleep(0, b""))
        await self.wait()
        return out, err

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _read_status(self) -> None:
        asyncio.get_running_loop().remove_reader(self._status)
        self._ended.set_result(int(os.read(self._status, 16)))
        os.close(self._status)


async def start(
    module: str, *arguments: str, environment: Mapping[str, str] | None = None, errors_apart: bool = False
) -> Program:
    """Run a module. Standard error goes where standard output does, unless it is to be `errors_apart`."""
    message = {
        "module": module,
        "arguments": arguments,
        "environment": dict(os.environ if environment is None else environment),
    }
    out, out_end = os.pipe()
    err, err_end = os.pipe() if errors_apart else (None, out_end)
    status, status_end = os.pipe()
    ends = {out_end, err_end, status_end}
    try:
        pid = int(_ask(json.dumps(message).encode(), [out_end, err_end, status_end]))
    finally:
        for end in ends:
            os.close(end)
    return Program(pid, status, await _reader(out), None if err is None else await _reader(err))


async def _reader(file: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb", 0))
    return reader


@functools.cache
def _server() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", "tests.support.forkserver"]
        return subprocess.Popen(command, stdin=theirs.fileno(), cwd=_ROOT), ours


def _ask(message: bytes, files: list[int]) -> bytes:
    _, door = _server()
    socket.send_fds(door, [message], files)
    return door.recv(16)


def close() -> None:
    """When all tests are over."""
    if _server.cache_info().currsize:
        process, door = _server()
        door.close()
        process.wait()
