"""The commands below "running it for real" in the README, typed as they stand, on a machine that is a folder of its own.

Real: the shell, make, the files of deploy/, the server and its commands. Played: apt-get, git, useradd and systemd. What make
builds is there already.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.support.serving import free_port

REPOSITORY = Path(__file__).resolve().parents[3]
PREPARED = ("Makefile", "pyproject.toml", "requirements", "deploy", "static/package-lock.json")


def commands(readme: str, heading: str) -> list[str]:
    """The lines of the block below a heading, without their comments."""
    block = re.search(rf"^## {heading}\n.*?^```\n(.*?)^```", (REPOSITORY / readme).read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    return [line.split(" #")[0].rstrip() for line in block[1].splitlines()]


@pytest.fixture
def machine() -> Iterator[Path]:
    """A root folder, of a short name: a socket's path has room for 108 bytes. What was started on it ends with it."""
    root = Path(tempfile.mkdtemp(prefix="hongbo-"))
    for folder in ("bin", "etc/systemd/system", "opt", "var/lib", "home"):
        (root / folder).mkdir(parents=True)
    _prepare(root / "prepared", root)
    played = {
        "apt-get": "exit 0",
        "useradd": "exit 0",
        "git": f'[ "$1" = clone ] && cp -a {root}/prepared "$3"',
        "systemctl": f'cd {REPOSITORY} && exec {sys.executable} -m tests.support.service_manager {root} "$@"',
        "journalctl": f"[ $1 = -u ] && cat {root}/$2.log",
    }
    for name, line in played.items():
        (root / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (root / "bin" / name).chmod(0o755)
    yield root
    for file in root.glob("*.pid"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGKILL)
    shutil.rmtree(root, ignore_errors=True)


def _prepare(clone: Path, root: Path) -> None:
    """What a clone holds, as far as the commands look at it, and what `make build` would make of it."""
    for name in PREPARED:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, clone / name)
    for unit in (clone / "deploy" / "systemd").iterdir():
        unit.write_text(_moved(unit.read_text(), root).replace("8080", str(free_port())))
    (clone / ".venv").symlink_to(sys.prefix)
    (clone / ".make").mkdir()
    for stamp in ("run", "npm", "dist"):
        (clone / ".make" / stamp).touch()


def _moved(text: str, root: Path) -> str:
    """The absolute paths of commands and units, below `root`."""
    return re.sub(r"(?<![\w./])/(opt|etc|var)/", rf"{root}/\1/", text)


def test_what_the_readme_says_works_as_it_stands(machine: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (("姓名", "手机号", "身份"), ("滕砚秋", "10000000009", "正式党员")):
        book.active.append(row)
    book.save(machine / "home" / "members.xlsx")
    script = "\n".join(commands("README.md", "Running it for real"))
    done = subprocess.run(
        ["bash", "-eux", "-c", _moved(script, machine)],
        cwd=machine / "home",
        env={"PATH": f"{machine}/bin:{os.environ['PATH']}", "HOME": str(machine / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    logs = "".join(log.read_text() for log in machine.glob("*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    assert "First run: make the first administrator at https://live.example.com/setup#" in done.stdout
    assert "将新增支部 0 个，新增人员 1 人" in done.stdout
    assert f"{machine}/var/lib/hongbo" in done.stdout
    state = machine / "var" / "lib" / "hongbo"
    assert (state / "hongbo.db").exists()
    assert state.stat().st_mode & 0o077 == 0
    # Nobody made a second data folder beside the service's.
    assert [file.name for file in (machine / "home").iterdir()] == ["members.xlsx"]
    assert not (machine / "opt" / "hongbo" / "data").exists()


def test_both_readmes_say_the_same_commands() -> None:
    assert commands("README.zh-CN.md", "正式部署") == commands("README.md", "Running it for real")
