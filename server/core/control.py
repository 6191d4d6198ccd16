"""One server per data folder, and a door for commands.

SQLite allows one serving process: it holds a lock on `hongbo.lock`, which the kernel releases however the process ends. So does
whoever writes recordings, on a file in their folder. A command that must write while the server runs hands its work over
`control.sock`; only the owner of the folder may connect.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from .errors import AppError, Conflict

Handler = Callable[[bytes, Mapping[str, str]], Awaitable[dict[str, Any]]]
_LONGEST = 107  # bytes of a socket's name
MAX_PAYLOAD = 16 * 1024 * 1024


class FolderLock:
    """An exclusive lock on a folder. Raise Conflict `already_running` when another process holds it."""

    def __init__(self, folder: Path, name: str = "hongbo.lock") -> None:
        self._path = folder / name
        self._descriptor: int | None = None

    def acquire(self) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Conflict("already_running", f"{self._path.parent} 已有一个服务在使用") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "FolderLock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@contextlib.contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """A name for a socket that is short enough, however long the folder's own is: the kernel takes 107 bytes (unix(7))."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class ControlServer:
    """Serves named commands on the socket; a handler takes the raw payload and the query, and answers with plain data."""

    def __init__(self, folder: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = folder / "control.sock"
        self._handlers = handlers
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=MAX_PAYLOAD)
        app.router.add_post("/{command}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        self._path.unlink(missing_ok=True)  # left by a killed process; the folder lock is ours
        previous = os.umask(0o177)
        try:
            with _reachable(self._path) as path:
                await web.UnixSite(self._runner, path).start()
        finally:
            os.umask(previous)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._path.unlink(missing_ok=True)

    async def _serve(self, request: web.Request) -> web.Response:
        handler = self._handlers.get(request.match_info["command"])
        if handler is None:
            return web.json_response({"code": "unknown_command"}, status=404)
        try:
            return web.json_response(await handler(await request.read(), dict(request.query)))
        except AppError as error:
            body = {"code": error.code, "detail": error.detail, "extra": error.extra}
            return web.json_response(body, status=error.status)


class ControlError(Exception):
    """A refusal from the running server; `code`, `detail` and `extra` as in AppError."""

    def __init__(self, code: str, detail: str, extra: dict[str, Any]) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.extra = code, detail, extra


async def control_call(folder: Path, command: str, payload: bytes, **query: str) -> dict[str, Any]:
    """Hand a command to the server that runs on `folder`. Raise ConnectionError when none listens, ControlError if refused."""
    async with contextlib.AsyncExitStack() as stack:
        path = stack.enter_context(_reachable(folder / "control.sock"))
        connector = aiohttp.UnixConnector(path=path)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        try:
            response = await stack.enter_async_context(session.post(f"http://hongbo/{command}", data=payload, params=query))
        except aiohttp.ClientConnectorError as error:
            raise ConnectionError("no server listens in this data folder") from error
        answer: dict[str, Any] = json.loads(await response.read())
        if response.status >= 400:
            raise ControlError(answer.get("code", "failed"), answer.get("detail", ""), answer.get("extra", {}))
        return answer
