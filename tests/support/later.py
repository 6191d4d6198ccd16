"""`hongbo` whose clock can be put forward while it runs, as far as `put_forward` says:
`python -m tests.support.later run --data FOLDER …`
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from server.app import building
from server.cli import run
from server.core import ids
from server.core.clock import SystemClock


def put_forward(folder: Path, by: timedelta) -> None:
    """Ahead of the real clock by so much in all. `folder`: where its data are."""
    new = folder / "later.new"
    new.write_text(str(by.total_seconds()))
    new.replace(folder / "later")  # at once: it may be reading


class Later(SystemClock):
    def __init__(self, seconds: Path) -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        by = float(self._seconds.read_text()) if self._seconds.exists() else 0.0
        return super().now() + timedelta(seconds=by)


def main() -> None:
    folder = Path(sys.argv[sys.argv.index("--data") + 1])
    later = Later(folder / "later")
    # Identifiers carry the moment of their making too, and pages believe it.
    ids.time = SimpleNamespace(time_ns=lambda: int(later.now().timestamp() * 1e9))  # type: ignore[assignment, attr-defined]
    building.SystemClock = lambda: later  # type: ignore[assignment, attr-defined]  # the one place that makes it
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
