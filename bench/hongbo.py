"""A real server for a bench, used as anybody would: set up through its link, one host, one broadcast, all through the API."""

import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .measure import BenchFailed, Child, child, children_of, cpu_seconds, free_port, python, wait_for

MOBILE, PASSWORD = "10000000001", "red-boat-clock-bench"  # of a server that lives for some minutes


@dataclass
class Site:
    """A running server and the cookies of its one user."""

    server: Child
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.server.pid, *children_of(self.server.pid))

    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def fetch(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """One request with the user's cookies; cookies of the answer are kept."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Origin": self.origin, "Cookie": self.cookie_header()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            for line in answer.msg.get_all("Set-Cookie", []):
                name, _, rest = line.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, answer.read()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer of a request that must succeed."""
        status, content = self.fetch(method, f"/api/v1{path}", body)
        if status >= 300:
            raise BenchFailed(f"{method} {path} answered {status}: {content.decode(errors='replace')[:500]}")
        return json.loads(content) if content else None


@contextlib.contextmanager
def running(scratch: Path, name: str, *, sound: str = "aac", core: int | None = None) -> Iterator[Site]:
    """A server on its own data folder, with a first user who is administrator and red host. 0.25 s parts."""
    port = free_port()
    data = scratch / name
    environment = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HONGBO_PART_TARGET": "0.25",
        "HONGBO_LOG_LEVEL": "WARNING",
        "MEDIA_ADVERTISE": "127.0.0.1",
    }
    command = python("bench.serve", sound, "run", "--port", port, "--data", data)
    with child(name, command, scratch, core=core, environment=environment) as server:
        link = wait_for(lambda: re.search(r"/setup#(\S+)", server.said()), "the set-up link", alive=server)
        site = Site(server, port)
        wait_for(lambda: _answers(site), "the server", alive=server)
        first = {"token": link[1], "organisation": "比较测试", "name": "测试", "mobile": MOBILE, "password": PASSWORD}
        member = site.api("POST", "/setup", first)["member"]
        site.api("PUT", f"/members/{member['id']}/roles", {"roles": ["administrator", "red_host"]})
        yield site


@dataclass(frozen=True)
class Broadcast:
    """A broadcast of a site; its token is in a file for the source."""

    site: Site
    id: str
    whip: str
    token_file: Path

    def status(self) -> Any:
        return self.site.api("GET", f"/broadcasts/{self.id}/status")

    def wait_until_publishing(self) -> None:
        wait_for(lambda: self.status()["publishing"], "media", alive=self.site.server)

    def go_live(self) -> None:
        """Once media comes. Asked again until the server has seen enough of it."""
        self.wait_until_publishing()
        wait_for(self._live, "going on air", alive=self.site.server)

    def _live(self) -> bool:
        status, _ = self.site.fetch("POST", f"/api/v1/broadcasts/{self.id}/live")
        return status == 200


def schedule(site: Site, scratch: Path) -> Broadcast:
    """A broadcast that can be sent to now."""
    body = {
        "title": "比较测试",
        "starts_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "visibility": "employees",
        "comment_mode": "off",
    }
    made = site.api("POST", "/broadcasts", body)
    token_file = scratch / f"token-{made['id']}"
    token_file.write_text(made["whip"]["token"])
    return Broadcast(site, made["id"], f"{site.origin}/whip/{made['id']}", token_file)


def _answers(site: Site) -> bool:
    try:
        return site.fetch("GET", "/healthz")[0] == 200
    except OSError:
        return False
