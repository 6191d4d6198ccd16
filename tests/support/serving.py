"""A real Hongbo process, set up as an operator would: first-run link, roster import by command, activation by each member."""

import asyncio
import csv
import os
import re
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support import forked
from tests.support.wait import until

PASSWORD = "red-boat-on-south-lake"
PEOPLE = (
    # name, mobile, branch, status, roles
    ("苏映川", "10000000001", "总部机关党支部", "正式党员", "党委书记"),
    ("闻小满", "10000000006", "总部机关党支部", "正式党员", "红色主播"),
    ("桑见远", "10000000005", "总部机关党支部", "正式党员", "审核员"),
    ("封书瑶", "10000000010", "营销党支部", "预备党员", ""),
    ("乔望舒", "10000000011", "营销党支部", "正式党员", "红色主播"),
    ("檀小溪", "10090000001", "营销党支部", "非党员职工", ""),
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Installation:
    """What an operator has set up in a folder and people reach at an address, whatever processes it is made of."""

    folder: Path
    public_host: str = "localhost"
    environment: Mapping[str, str] = field(default_factory=dict)
    organisation: str = "示例集团党委"
    administrator: str = "倪若舟"
    port: int = field(default_factory=free_port)
    output: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.public_host}:{self.port}"

    def whole_environment(self) -> dict[str, str]:
        """What its processes see: the machine's, without the settings of whoever runs the tests."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("HONGBO_")}
        return ours | {"PUBLIC_URL": self.url, "HONGBO_LOG_JSON": "on"} | dict(self.environment)

    def client(self, **more: Any) -> aiohttp.ClientSession:
        """An HTTP client as our own pages are one; the caller closes it."""
        return aiohttp.ClientSession(self.url, headers={"Origin": self.url}, **more)

    async def command(self, *arguments: str) -> str:
        """Run `hongbo …` on this folder; gives its standard output, fails on a failure."""
        process = await forked.start(
            "server", *arguments, "--data", str(self.folder), environment=self.whole_environment(), errors_apart=True
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def set_up(self) -> None:
        """The first administrator by the printed link, the roster by command, every member by activation code."""
        link = next(found[0] for line in self.output if (found := re.findall(r"/setup#(\S+)", line)))
        async with self.client() as http:
            body = {
                "token": link,
                "organisation": self.organisation,
                "name": self.administrator,
                "mobile": "10000000008",
                "password": PASSWORD,
            }
            async with http.post("/api/v1/setup", json=body) as answer:
                assert answer.status == 201, await answer.text()
        roster = self.folder / "roster.csv"
        with roster.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("姓名", "手机号", "支部", "身份", "角色"), *PEOPLE])
        codes = self.folder / "codes.csv"
        await self.command("roster", "import", str(roster), "--codes", str(codes))
        with codes.open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                await self._activate(row["手机号"], row["激活码"])

    async def _activate(self, mobile: str, code: str) -> None:
        async with self.client() as http:
            body = {"mobile": mobile, "code": code, "password": PASSWORD}
            async with http.post("/api/v1/activations", json=body) as answer:
                assert answer.status == 201, await answer.text()

    async def signed_in(self, mobile: str) -> aiohttp.ClientSession:
        """An HTTP client that is signed in; the caller closes it."""
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[self.url])  # the cookie is Secure, as on localhost
        http = self.client(cookie_jar=jar)
        async with http.post("/api/v1/session", json={"mobile": mobile, "password": PASSWORD}) as answer:
            assert answer.status == 200, await answer.text()
        return http


@dataclass
class Serving(Installation):
    """One server process and the folder it lives in; it can be killed and started again."""

    host: str = "127.0.0.1"
    arguments: Sequence[str] = ()
    module: str = "server"
    part: str = "run"
    process: forked.Program | None = None
    _reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        address = ("--host", self.host, "--port", str(self.port))
        self.process = await forked.start(
            self.module, self.part, "--data", str(self.folder), *address, *self.arguments, environment=self.whole_environment()
        )
        self._reader = asyncio.create_task(self._read())
        await until(self._ready, timeout=120, every=0.1, what="the server's readiness")

    async def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, "\n".join(self.output)
        try:
            async with self.client() as http, http.get("/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

    async def _read(self) -> None:
        assert self.process is not None
        async for line in self.process.stdout:
            self.output.append(line.decode(errors="replace").rstrip())

    async def kill(self) -> None:
        """As the kernel or an impatient operator would: no chance to say goodbye."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self._gone()

    async def stop(self) -> int:
        """SIGTERM; gives the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self._gone()

    async def _gone(self) -> int:
        assert self.process is not None
        assert self._reader is not None
        async with asyncio.timeout(30):
            status = await self.process.wait()
            await self._reader
        return status


async def start_furnished(serving: Serving, pattern: Path) -> None:
    """Start it set up. That takes longer than a start: it is done once, and kept in the folder `pattern` for those after."""
    if not pattern.exists():  # noqa: ASYNC240  # a local disk
        first = Serving(pattern.with_name(f"{pattern.name}.making"))
        first.folder.mkdir()
        await first.start()
        await first.set_up()
        assert await first.stop() == 0
        first.folder.rename(pattern)
    shutil.copytree(pattern, serving.folder, dirs_exist_ok=True)
    await serving.start()
