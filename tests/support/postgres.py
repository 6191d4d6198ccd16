"""A PostgreSQL server of our own for one test session: fresh cluster in a temporary folder, Unix socket and loopback port."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_programs() -> Path | None:
    """The folder that holds initdb and postgres, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    return None


@contextmanager
def running_postgres(folder: Path, *, syncs: bool = True) -> Iterator[str]:
    """Run a server on a fresh cluster under `folder`; gives its URL without a database name. Without `syncs` it outlives no
    power cut, which no test makes, and a database is made and dropped much quicker."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError("PostgreSQL's server programs are not installed (apt-get install postgresql)")
    owner = _unprivileged()
    data = folder / "cluster"
    data.mkdir(parents=True)
    if owner is not None:
        # The server refuses to run as root; its user must reach the folder.
        for parent in (folder, *folder.parents):
            if parent.stat().st_uid == 0 and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o011)
            if parent == Path("/tmp"):  # noqa: S108  # only how far up to look
                break
        shutil.chown(data, owner)
    _run([programs / "initdb", "-D", data, "-U", "hongbo", "--auth=trust", "--no-sync", "-E", "UTF8"], owner)
    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=60"
    options += "" if syncs else " -c fsync=off"
    _run([programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"], owner)
    try:
        yield f"postgresql://hongbo@127.0.0.1:{port}"
    finally:
        _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], owner)


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    pwd.getpwnam("postgres")  # made by the Debian package
    return "postgres"


def _run(command: list[str | Path], owner: str | None) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True, user=owner, cwd="/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
