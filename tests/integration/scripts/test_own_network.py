"""What tests need of the machine is installed or named, for root and for everybody else."""

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ELSEWHERE = {"node", "npm"}  # scripts/npm sees to them
ALTERNATIVES = {"chromium-browser", "google-chrome"}  # to chromium
BASE = {"bash", "dirname", "sh"}


def test_every_program_that_tests_look_for_has_its_package() -> None:
    text = (ROOT / "scripts" / "system-packages").read_text()
    packaged = set(re.findall(r"\[([\w-]+)\]=", text))
    tests = "\n".join(file.read_text() for file in (ROOT / "tests").rglob("*.py"))
    wanted = set(re.findall(r'which\("([\w-]+)"', tests)) - ELSEWHERE - ALTERNATIVES - BASE
    assert {"ip", "nginx", "initdb"} <= wanted
    assert wanted <= packaged


def test_everybody_may_lay_a_cable_in_a_network_of_their_own() -> None:
    # The near end is looked at last: a network lives only as long as somebody is in it, and takes the cable with it.
    lay = "ip netns add over && ip link add name near type veth peer name far netns over"
    look = "ip -n over -brief link && ip -brief link"
    everybody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    script = (ROOT / "scripts" / "own-network").read_text()  # as text, for everybody need not be able to read our folder
    command = [*everybody, "bash", "-c", script, "own-network", "bash", "-c", f"{lay} && {look}"]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if result.returncode == 0:
        assert "far@" in result.stdout
        assert "near@" in result.stdout
    else:  # and where the machine forbids it, that is what is said
        assert result.stderr.startswith("This machine gives a network of one's own to root only"), result.stderr
