"""Every check; one line each, and the whole output of what failed.

The quick ones come first, so that most mistakes are told at once; the test suites follow, the browser last. What is slow, only
reads and minds no waiting runs beside the tests and takes what these leave of the processor: whatever else is ready to run
goes first (SCHED_IDLE, sched(7)), so no test is later for it.

What the tests write lies in memory where there is room. No test takes the power away, and to have a disk sure of every commit
and of every copied database costs a third of the processor's time.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
NPM = f"{ROOT}/scripts/npm"
MEMORY = Path("/dev/shm")  # noqa: S108  # a file system in memory, where there is one
ENOUGH = 4 << 30  # bytes; several times what the tests need


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]


# The longest first, so that neither core waits at the end.
READING_QUICKLY = [
    Check("vitest", (NPM, "run", "test", "--silent")),
    Check("API types are fresh", (f"{ROOT}/scripts/api-types", "--check")),
    Check("stylelint", (NPM, "run", "lint:css", "--silent")),
    Check("import contracts", (f"{BIN}/lint-imports", "--no-cache")),
    Check("vue-tsc", (NPM, "run", "typecheck", "--silent")),
    Check("ruff lint", (f"{BIN}/ruff", "check", "server", "tests", "bench", "scripts")),
    Check("ruff format", (f"{BIN}/ruff", "format", "--check", "server", "tests", "bench", "scripts")),
]
READING_SLOWLY = [
    Check("mypy strict", (f"{BIN}/mypy",)),
    Check("eslint", (NPM, "run", "lint", "--silent")),
]
# What encodes pictures in the browser, or takes their time, wants the machine to itself.
TESTING = [
    Check(
        "pytest: unit and integration",
        # Four, for most of them wait now and then.
        (f"{BIN}/pytest", "tests/unit", "tests/integration", "-q", "-n", "4", "--dist", "worksteal"),
    ),
    Check(
        "pytest: browser",
        (f"{BIN}/pytest", "tests/e2e", "-q", "-m", "not cable and not alone", "-n", "2", "--dist", "worksteal"),
    ),
    Check("pytest: browser, in time", (f"{BIN}/pytest", "tests/e2e", "-q", "-m", "alone and not cable")),
    # Only root may lay a cable, so who is not becomes root of a network that holds nothing else.
    Check(
        "pytest: browser, with a cable to pull",
        (*(() if os.geteuid() == 0 else (f"{ROOT}/scripts/own-network",)), f"{BIN}/pytest", "tests/e2e", "-q", "-m", "cable"),
    ),
]


@contextmanager
def _folder_in_memory() -> Iterator[dict[str, str]]:
    """The variable that leads there; none where there is not enough room."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="hb-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield {"TMPDIR": folder}


def _environment() -> dict[str, str]:
    """Compiled modules are kept: the tests start hundreds of processes, and each would compile all of them again."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {"FORCE_COLOR": "0"}


def _after_all_others() -> None:
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def run(check: Check, *, live: bool = False, waits: bool = False, more: Mapping[str, str] | None = None) -> bool:
    started = time.monotonic()
    result = subprocess.run(
        check.command,
        cwd=ROOT,
        check=False,
        text=True,
        env=_environment() | dict(more or {}),
        stdout=None if live else subprocess.PIPE,
        stderr=None if live else subprocess.STDOUT,
        preexec_fn=_after_all_others if waits else None,  # no lock is held by the threads here
    )
    passed = result.returncode == 0
    print(f"{'passed' if passed else 'FAILED'}  {check.name}  {time.monotonic() - started:.0f} s", flush=True)
    if not passed and not live:
        print(result.stdout, flush=True)
    return passed


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--static", action="store_true", help="only the checks that read")
    chosen = arguments.parse_args()
    testing = not chosen.static
    with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(1) as beside:
        if testing:
            passed = list(pool.map(run, READING_QUICKLY))
            slowly = [beside.submit(run, check, waits=True) for check in READING_SLOWLY]
            with _folder_in_memory() as folder:
                passed += [run(check, live=True, more=folder) for check in TESTING]
            passed += [each.result() for each in slowly]
        else:
            passed = list(pool.map(run, READING_SLOWLY + READING_QUICKLY))
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
