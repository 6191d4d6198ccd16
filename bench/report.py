"""What a bench leaves behind: a table for people, and `bench/results/<name>.json` for comparing runs."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
Row = Mapping[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rows` are the single measurements, `figures` what they come to; a figure that could not be taken is None."""

    rows: Sequence[Row]
    figures: Mapping[str, float | None]
    notes: Sequence[str] = field(default=())


def write(name: str, outcome: Outcome, began: datetime) -> Path:
    """Write the result file of one bench, in the shape that contract documents."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    content = {
        "name": name,
        "at": began.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "commit": _commit(),
        "machine": machine(),
        "rows": [dict(row) for row in outcome.rows],
        "figures": dict(outcome.figures),
    }
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return file


def machine() -> str:
    """Processor, cores and memory, without anything that names this very machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory / 2**20:.0f} GB, {system}"


def show(name: str, outcome: Outcome) -> None:
    """Print the figures, then the measurements behind them."""
    print(f"\n{name}")
    for figure, value in outcome.figures.items():
        print(f"  {figure:<28} {'not measured' if value is None else f'{value:.3f}'}")
    for note in outcome.notes:
        print(f"  {note}")
    if outcome.rows:
        print()
        columns = list(dict.fromkeys(key for row in outcome.rows for key in row))
        cells = [columns, *([_cell(row.get(column)) for column in columns] for row in outcome.rows)]
        widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
        for line in cells:
            print("  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _commit() -> str:
    git = ["git", "-C", str(RESULTS.parent)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    if head.returncode != 0:
        return "unknown"
    return head.stdout.strip() + ("+changes" if dirty.stdout.strip() else "")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
