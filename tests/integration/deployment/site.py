"""A whole house as an operator of several processes runs it: PostgreSQL, Redis, the Procfile under honcho, nginx in front."""

import asyncio
import os
import re
import signal
import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp

from bench.measure import children_of
from tests.support.publishing import Client, Publisher
from tests.support.serving import Installation, free_port
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
PARTS = ("web", "media", "worker")
PLAN = {
    "title": "“七月的红船”直播党课",
    "starts_at": "2030-07-01T01:00:00Z",
    "visibility": "members",
    "comment_mode": "post_moderated",
}


@dataclass
class House(Installation):
    """Reached through nginx only. `groups` names the processes that share a honcho; when one of them ends, all of them do."""

    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    groups: Sequence[Sequence[str]] = (PARTS,)
    web_port: int = field(default_factory=free_port)
    media_port: int = field(default_factory=free_port)
    honchos: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def client(self, **more: Any) -> aiohttp.ClientSession:
        return super().client(connector=aiohttp.TCPConnector(ssl=self.trust), **more)

    def whole_environment(self) -> dict[str, str]:
        ours = super().whole_environment()
        return ours | {
            "PATH": f"{BIN}:{ours['PATH']}",
            "DATA_DIR": str(self.folder),
            "TRUSTED_PROXIES": "127.0.0.1,::1",
            "MEDIA_ADVERTISE": "127.0.0.1",
            "WEB_PORT": str(self.web_port),
            "MEDIA_HTTP_PORT": str(self.media_port),
        }

    async def start(self) -> None:
        await self.command("migrate")
        for group in self.groups:
            await self.run(*group)
        await until(self._ready, timeout=60, every=0.1, what="readiness through nginx")

    async def run(self, *parts: str) -> None:
        """Start processes of the Procfile under a honcho of their own."""
        honcho = await asyncio.create_subprocess_exec(
            BIN / "honcho", "--no-colour", "-f", ROOT / "Procfile", "start", *parts,
            cwd=ROOT, env=self.whole_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self.honchos |= dict.fromkeys(parts, honcho)
        self.readers.append(asyncio.create_task(self._listen(honcho)))

    async def _listen(self, honcho: asyncio.subprocess.Process) -> None:
        assert honcho.stdout is not None
        async for line in honcho.stdout:
            self.output.append(line.decode(errors="replace").rstrip())

    async def _ready(self) -> bool:
        assert all(honcho.returncode is None for honcho in self.honchos.values()), "\n".join(self.output)
        async with self.client() as http:
            for path in ("/readyz", "/api/v1/broadcasts", "/whip/none"):  # web, media, media
                try:
                    async with http.get(path) as answer:
                        if answer.status >= 500:
                            return False
                except aiohttp.ClientConnectionError:
                    return False
        return True

    def pid(self, part: str) -> int:
        """Of Hongbo itself, below honcho and whatever that puts between."""
        waiting = [self.honchos[part].pid]
        while waiting:
            pid = waiting.pop()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if f"{BIN}/hongbo" in words and part in words:
                return pid
            waiting += children_of(pid)
        raise AssertionError(f"no process of {part}")

    async def stop(self, *parts: str) -> dict[str, int]:
        """SIGTERM to these processes, all of them unless named; gives the exit status of every one that ended.

        Those that share a honcho end by its signal, which it passes on; one alone gets its own.
        """
        chosen = parts or tuple(self.honchos)
        seen = len(self.output)
        for honcho in {self.honchos[part] for part in chosen}:
            below = [part for part, its in self.honchos.items() if its is honcho]
            os.kill(self.pid(below[0]) if len(below) == 1 else honcho.pid, signal.SIGTERM)
        honchos = {self.honchos.pop(part) for part in chosen}
        self.honchos = {part: honcho for part, honcho in self.honchos.items() if honcho not in honchos}
        async with asyncio.timeout(40):
            await asyncio.gather(*(honcho.wait() for honcho in honchos))
        if not self.honchos:
            await asyncio.gather(*self.readers)
        said = await until(lambda: re.findall(r"(\w+)\.1 stopped \(rc=(-?\d+)\)", "\n".join(self.output[seen:])), timeout=5)
        return {part: int(status) for part, status in said}

    async def abandon(self) -> None:
        """After a test, whatever became of it: nothing is left running."""
        for honcho in set(self.honchos.values()):
            if honcho.returncode is None:
                honcho.terminate()
            async with asyncio.timeout(40):
                await honcho.wait()
        await asyncio.gather(*self.readers)

    async def publish(self, broadcast: Any) -> Publisher:
        """A real peer, let in through nginx; its media goes straight to the media process."""
        publisher = Publisher()
        async with aiohttp.ClientSession(self.url, connector=aiohttp.TCPConnector(ssl=self.trust)) as bare:
            answer = await publisher.publish(cast("Client", bare), broadcast["id"], broadcast["whip"]["token"])
            assert answer.status == 201, await answer.text()
        return publisher


async def call(http: aiohttp.ClientSession, method: str, path: str, **more: Any) -> Any:
    """The JSON of a successful answer."""
    async with http.request(method, path, **more) as answer:
        assert answer.status < 300, f"{method} {path}: {answer.status} {await answer.text()}"
        return await answer.json(content_type=None) if answer.status != 204 else None


async def reaches(http: aiohttp.ClientSession, path: str, **wanted: Any) -> Any:
    """The answer, once these fields have these values."""

    async def look() -> Any:
        body = await call(http, "GET", path)
        return body if all(body[key] == value for key, value in wanted.items()) else None

    return await until(look, timeout=30, every=0.2, what=f"{path} with {wanted}")
