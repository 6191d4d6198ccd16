"""The house's order holds for code that nobody has written yet: no contract waits for a new feature to be added to a list."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = "The order of the house"
ROOT_ONLY = "Features are entered by their root"
NO_WEBRTC = "Only the media path and the demo publisher know WebRTC"
NO_FRAMEWORK = "Rules and use cases import no framework"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the server with a feature that it does not have, which does as it should."""
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "server", house / "server", ignore=shutil.ignore_patterns("__pycache__"))
    (house / "scripts").mkdir()
    for file in ("pyproject.toml", "scripts/contracts.py"):
        shutil.copy(ROOT / file, house / file)
    files = {
        "__init__.py": "from .service import Tea\n",
        "model.py": "import hashlib\nTea = 1\n",
        "service.py": "from server.core.db import Database\nfrom server.identity import Identity\nfrom .model import Tea\n",
        "routes.py": "import aiohttp\nfrom . import service\n",
        "tables.py": "import sqlalchemy\n",
    }
    (house / "server" / "desk").mkdir()
    for name, text in files.items():
        (house / "server" / "desk" / name).write_text(text)
    return house


def broken(house: Path) -> set[str]:
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    result = subprocess.run([program, "--no-cache"], cwd=house, capture_output=True, text=True, check=False)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", result.stdout)  # the checks ask for colours
    words = [line.rsplit(" ", 1) for line in plain.splitlines()]
    verdicts = {line[0]: line[1] for line in words if line[-1] in ("KEPT", "BROKEN")}
    assert len(verdicts) == 5, result.stdout + result.stderr
    assert (result.returncode == 0) is ("BROKEN" not in verdicts.values())
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_a_feature_that_does_as_it_should_may_come(house: Path) -> None:
    assert broken(house) == set()


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("desk/service.py", "from server.identity.store import Store", ROOT_ONLY),
        ("cli.py", "from server.desk.service import Tea", ROOT_ONLY),
        ("migrations/env.py", "from server.identity.store import Store", ROOT_ONLY),
        ("comments/service.py", "from server.broadcasts.access import BroadcastAccess", ROOT_ONLY),
        ("desk/routes.py", "import aiortc", NO_WEBRTC),
        ("comments/sockets.py", "from aioice import stun", NO_WEBRTC),
        ("doctor.py", "import pylibsrtp", NO_WEBRTC),
        ("__main__.py", "import aiortc", NO_WEBRTC),
        ("demo/film.py", "import aiortc", NO_WEBRTC),
        ("desk/model.py", "import aiohttp", NO_FRAMEWORK),
        ("desk/service.py", "import sqlalchemy", NO_FRAMEWORK),
        ("utils.py", "import json", ORDER),
        ("identity/model.py", "import server.desk", ORDER),
    ],
)
def test_what_breaks_the_order_is_seen_wherever_it_is(house: Path, file: str, line: str, contract: str) -> None:
    path = house / "server" / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        assert contract in broken(house)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)
