"""`python -m bench [NAME …]`: run the named comparisons, or all; print a table and write `bench/results/<name>.json`.

A bench is a module with `run(scratch) -> Outcome`, named in BENCHES.
"""

import argparse
import importlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from . import report
from .measure import BenchFailed

BENCHES = ("live", "fanout", "ledger", "shake")
# Kept between runs: the encoded source takes longer than some of the comparisons.
CACHE = Path(__file__).resolve().parent / ".cache"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run comparisons and write their figures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder with the logs")
    given = parser.parse_args()
    unknown = set(given.names) - set(BENCHES)
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))} (there are {', '.join(BENCHES)})")
    # SIGTERM unwinds like Ctrl-C, so that every process started here is ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return max([_run(name, keep=given.keep) for name in given.names or BENCHES])


def _run(name: str, *, keep: bool) -> int:
    run: Callable[[Path], report.Outcome] = importlib.import_module(f"bench.{name}").run
    began = datetime.now(UTC)
    scratch = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
    try:
        outcome = run(scratch)
    except BenchFailed as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 1
    finally:
        if keep:
            print(f"logs in {scratch}", file=sys.stderr)
        else:
            shutil.rmtree(scratch)
    report.show(name, outcome)
    print(f"\n  written to {report.write(name, outcome, began).relative_to(Path.cwd())}")
    return 1 if None in outcome.figures.values() else 0


if __name__ == "__main__":
    sys.exit(main())
