"""What an HLS answer costs: our server against nginx with the same bytes as a static file.

wrk asks from another core, both in turn (ours, nginx, ours, nginx). Compared are requests per CPU second of the server, so that
it does not matter which of them could have used the core more. Ours checks the viewer's cookie each time, nginx nothing.
"""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .hongbo import Broadcast
from .measure import BenchFailed, child, children_of, cores, cpu_seconds, free_port, listening, median, wait_for
from .report import Row

_ROUNDS = 2
_SECONDS = 5
_CONNECTIONS = 50
_PART_BYTES = 64_000


@dataclass(frozen=True)
class Server:
    name: str
    origin: str
    cpu: Callable[[], float]
    cookie: str = ""


def compare(broadcast: Broadcast, scratch: Path) -> tuple[list[Row], dict[str, float | None]]:
    """`broadcast` has just been interrupted: its playlist and parts stay as they are."""
    if shutil.which("wrk") is None or _nginx() is None:
        raise BenchFailed("wrk and nginx are needed (apt-get install wrk nginx-light)")
    site = broadcast.site
    playlist = f"/hls/{broadcast.id}/live.m3u8"
    text = _fetch(broadcast, playlist)
    part, content = _part_of_size(broadcast, text.decode())
    rows: list[Row] = []
    figures: dict[str, float | None] = {}
    with _static({"part.mp4": content, "live.m3u8": text}, scratch) as nginx:
        ours = Server("hongbo", site.origin, site.cpu_seconds, site.cookie_header())
        for figure, path, file, size in (
            ("hls_part_vs_nginx", part, "/part.mp4", len(content)),
            ("hls_playlist_vs_nginx", playlist, "/live.m3u8", len(text)),
        ):
            rates: dict[str, list[float]] = {"hongbo": [], "nginx": []}
            for _ in range(_ROUNDS):
                for server, target in ((ours, path), (nginx, file)):
                    rate, served = _load(server, target)
                    rates[server.name].append(rate)
                    rows.append(
                        {"what": figure, "server": server.name, "bytes": size, "requests": served, "per_cpu_second": rate}
                    )
            figures[figure] = median(rates["hongbo"]) / median(rates["nginx"])
    return rows, figures


def _fetch(broadcast: Broadcast, path: str) -> bytes:
    status, content = broadcast.site.fetch("GET", path)
    if status != 200:
        raise BenchFailed(f"GET {path} answered {status}")
    return content


def _part_of_size(broadcast: Broadcast, playlist: str) -> tuple[str, bytes]:
    """The part nearest to 64 kB among those listed."""
    names = re.findall(r'#EXT-X-PART:[^\n]*URI="([^"]+)"', playlist)
    parts = [(path, _fetch(broadcast, path)) for path in (f"/hls/{broadcast.id}/{name}" for name in names)]
    if not parts:
        raise BenchFailed("the playlist lists no parts")
    return min(parts, key=lambda part: abs(len(part[1]) - _PART_BYTES))


def _load(server: Server, path: str) -> tuple[float, int]:
    """Requests per CPU second of the server, and how many were answered."""
    command = ["taskset", "-c", str(cores()[-1]), "wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s"]
    if server.cookie:
        command += ["-H", f"Cookie: {server.cookie}"]
    before = server.cpu()
    result = subprocess.run([*command, server.origin + path], capture_output=True, text=True, check=True, timeout=60)
    used = server.cpu() - before
    done = re.search(r"(\d+) requests in", result.stdout)
    if done is None or "Non-2xx" in result.stdout or used <= 0:
        raise BenchFailed(f"wrk against {server.name}: {result.stdout}{result.stderr}")
    return int(done[1]) / used, int(done[1])


@contextlib.contextmanager
def _static(files: dict[str, bytes], scratch: Path) -> Iterator[Server]:
    """nginx with one worker on our server's core."""
    port = free_port()
    home = scratch / "nginx"
    home.mkdir()
    for name, content in files.items():
        (home / name).write_bytes(content)
    # The worker gives up root and must still reach the files.
    scratch.chmod(0o755)
    home.chmod(0o755)
    (home / "nginx.conf").write_text(_CONFIGURATION.format(home=home, port=port))
    command: list[str | Path] = [_nginx() or "nginx", "-p", home, "-c", home / "nginx.conf"]
    with child("nginx", command, scratch, core=cores()[0]) as master:
        wait_for(lambda: listening(port), "nginx", alive=master)
        time.sleep(0.2)
        workers = children_of(master.pid)
        yield Server("nginx", f"http://127.0.0.1:{port}", lambda: cpu_seconds(*workers))


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 10000000;
    types {{ video/mp4 mp4; application/vnd.apple.mpegurl m3u8; }}
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{port}; root {home}; }}
}}
"""
