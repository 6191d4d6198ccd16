"""A broadcast from the camera to the phone: delay at the viewer, cost of taking it in, cost of handing it out.

About four minutes. Everything runs on loopback; servers are pinned to the first core, sources and load to the last.
"""

from pathlib import Path

from . import hongbo, ingest, latency, serving, source
from .measure import child, cores, python
from .report import Outcome, Row


def run(scratch: Path) -> Outcome:
    """The figures of contract `live`."""
    source.prepared()
    rows: list[Row] = []
    figures: dict[str, float | None] = {}
    with hongbo.running(scratch, "hongbo", core=cores()[0]) as site:
        broadcast = hongbo.schedule(site, scratch)
        command = python("bench.source", broadcast.whip, broadcast.token_file)
        with child("source", command, scratch, core=cores()[-1]):
            broadcast.go_live()
            _take(latency.measure(broadcast), rows, figures)
        _take(serving.compare(broadcast, scratch), rows, figures)
    _take(ingest.compare(scratch), rows, figures)
    return Outcome(rows, figures)


def _take(part: tuple[list[Row], dict[str, float | None]], rows: list[Row], figures: dict[str, float | None]) -> None:
    rows += part[0]
    figures.update(part[1])
