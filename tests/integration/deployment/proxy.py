"""nginx with the shipped configuration, on ports and in a folder of the test's own; and which process each address goes to."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"

_AROUND = """
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
{user}
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/hongbo.conf;
}}
"""


def configuration(home: Path, *, port: int, plain_port: int, web: int, media: int) -> str:
    """The shipped file with all replaced that its head tells an operator to replace, and the two ports nginx listens on."""
    text = SHIPPED.read_text()
    for shipped, ours, count in (
        ("live.example.com", "localhost", 3),
        ("/etc/ssl/hongbo/", f"{home}/", 3),
        ("/var/log/nginx/hongbo.log", f"{home}/access.log", 2),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};", 1),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;", 1),
        ("    listen [::]:80;\n", "", 1),
        ("    listen [::]:443 ssl http2;\n", "", 1),
    ):
        assert text.count(shipped) == count, f"{shipped} stands {text.count(shipped)} times in deploy/nginx.conf"
        text = text.replace(shipped, ours)
    for upstream, address in (("hongbo_web", web), ("hongbo_media", media)):
        text, count = re.subn(rf"(upstream {upstream} {{[^}}]*server 127\.0\.0\.1:)8080;", rf"\g<1>{address};", text)
        assert count == 1, upstream
    return text


def upstream_of(path: str) -> str:
    """Where the shipped configuration sends an address (nginx: an exact location, else the first expression, else a prefix)."""
    text = re.sub(r"#[^\n]*", "", SHIPPED.read_text())
    found = re.findall(r"location\s+(=|~)?\s*(\S+)\s*{\s*(?:proxy_pass http://(\w+);|deny all;)\s*}", text)
    exact: list[str] = [to for kind, pattern, to in found if kind == "=" and pattern == path]
    matched = [to for kind, pattern, to in found if kind == "~" and re.search(pattern, path)]
    prefixes = sorted((len(pattern), to) for kind, pattern, to in found if not kind and path.startswith(pattern))
    return (exact or matched or [prefixes[-1][1]])[0]


@contextmanager
def running_nginx(home: Path, shipped: str) -> Iterator[None]:
    """Runs while the block does. Certificate and key are in `home`."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program is not None, "nginx is not installed (apt-get install nginx-light)"
    user = "user root;" if os.geteuid() == 0 else ""  # its workers must reach the test's folder
    (home / "hongbo.conf").write_text(shipped)
    (home / "nginx.conf").write_text(_AROUND.format(home=home, user=user))
    command = [program, "-p", str(home), "-c", str(home / "nginx.conf")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0, (home / "error.log").read_text()
