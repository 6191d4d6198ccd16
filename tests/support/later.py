"""`hongbo` whose clock can be put forward while it runs, by as many days as the file `later` in its data folder says:
`python -m tests.support.later run --data FOLDER …`
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from server.app import building
from server.cli import run
from server.core.clock import SystemClock


class Later(SystemClock):
    def __init__(self, days: Path) -> None:
        self._days = days

    def now(self) -> datetime:
        return super().now() + timedelta(days=int(self._days.read_text()) if self._days.exists() else 0)


def main() -> None:
    folder = Path(sys.argv[sys.argv.index("--data") + 1])
    building.SystemClock = lambda: Later(folder / "later")  # type: ignore[assignment, attr-defined]  # the one place that makes it
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
