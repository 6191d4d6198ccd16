"""A far-away host on this machine: a network namespace with one cable that can be pulled out.

Needs iproute2, and root or what scripts/own-network gives; `missing` tells. The near end has `near`, the far end `far`.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.browsing import chromium


def missing() -> str | None:
    """In words, what this machine or whoever runs the test lacks for it."""
    if shutil.which("ip") is None:
        return "iproute2 is not installed (apt-get install iproute2)"
    if os.geteuid() != 0:
        return "only root may lay a cable: run the test as root, or with scripts/own-network before the command"
    return None


@dataclass(frozen=True)
class FarAway:
    name: str
    near: str
    far: str
    folder: Path

    def pull_the_cable(self) -> None:
        _ip("link", "set", f"{self.name}n", "down")

    def plug_it_in(self) -> None:
        _ip("link", "set", f"{self.name}n", "up")

    def program(self, executable: str) -> str:
        """A script that runs `executable` over there; file descriptors pass through, as a browser's driver needs."""
        script = self.folder / f"{self.name}-{Path(executable).name}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {executable} "$@"\n')
        script.chmod(0o755)
        return str(script)

    @property
    def chromium(self) -> str:
        return self.program(chromium())


@contextlib.contextmanager
def far_away(folder: Path) -> Iterator[FarAway]:
    assert not (lacking := missing()), lacking
    number = os.getpid() % 250
    place = FarAway(name=f"hb{os.getpid()}", near=f"10.77.{number}.1", far=f"10.77.{number}.2", folder=folder)
    near, far = f"{place.name}n", f"{place.name}f"
    _ip("netns", "add", place.name)
    try:
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", place.name)
        try:
            _ip("addr", "add", f"{place.near}/30", "dev", near)
            _ip("link", "set", near, "up")
            _ip("-n", place.name, "addr", "add", f"{place.far}/30", "dev", far)
            _ip("-n", place.name, "link", "set", far, "up")
            _ip("-n", place.name, "link", "set", "lo", "up")
            yield place
        finally:
            _ip("link", "del", near)  # at once; with its namespace it would go when the kernel finds the time
    finally:
        _ip("netns", "del", place.name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
