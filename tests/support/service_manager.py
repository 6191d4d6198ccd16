"""Plays systemd for one service below a folder: `python -m tests.support.service_manager ROOT enable --now NAME`.

It starts what the unit in ROOT/etc/systemd/system says, in the environment that the unit says and no other, and comes back when
the service answers. Its output goes to ROOT/NAME.log, its process id to ROOT/NAME.pid. The user stays who it is.
"""

import asyncio
import configparser
import http.client
import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.support.wait import until


def environment_of(unit: configparser.SectionProxy) -> dict[str, str]:
    """systemd.exec(5): settings of the file win over those of the unit."""
    given = dict(word.split("=", 1) for word in shlex.split(unit["Environment"]))
    file = unit["EnvironmentFile"]
    if not file.startswith("-") or Path(file[1:]).exists():
        lines = Path(file.removeprefix("-")).read_text().splitlines()
        given |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {"PATH": os.environ["PATH"], **given}


def start(root: Path, name: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as configparser's documentation says to do it
    parser.read_string((root / "etc" / "systemd" / "system" / f"{name}.service").read_text())
    unit = parser["Service"]
    state = root / "var" / "lib" / unit["StateDirectory"]
    state.mkdir(mode=int(unit["StateDirectoryMode"], 8), parents=True)
    command = shlex.split(unit["ExecStart"])
    with (root / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment_of(unit), cwd="/", stdout=log, stderr=log, start_new_session=True)
    (root / f"{name}.pid").write_text(str(process.pid))
    port = int(command[command.index("--port") + 1])
    asyncio.run(until(lambda: _is_ready(process, port), timeout=60, every=0.1, what="the service's readiness"))


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the service has ended"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    folder, verb, now, service = sys.argv[1:]
    assert (verb, now) == ("enable", "--now")
    start(Path(folder), service)
