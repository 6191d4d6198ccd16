"""The four figures, on both databases where there are two."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.fanout.joins import listening as audience
from bench.fanout.rooms import Server
from bench.ledger.compare import databases
from bench.measure import BenchFailed, child, cores, free_port, listening, percentile, python, wait_for
from bench.report import Outcome, Row

from . import browser
from .chance import chi_square_p

SHAKERS = int(os.environ.get("BENCH_SHAKERS", "100000"))
CROWD, ROUNDS, PEOPLE = 2000, 15, 1000  # rounds: a p99 of five hundred comments is made by five of them
# The crowd is on the speakers' core, and must not keep them from reading their answers (chrt(1): SCHED_IDLE).
_BESIDE = ("chrt", "--idle", "0", "taskset", "-c", str(cores()[-1]))


def run(scratch: Path) -> Outcome:
    """The figures of contract `shake`."""
    rows: list[Row] = []
    draws: list[float] = []
    for database, url in databases(scratch, "shakers"):
        folder = scratch / f"data-{database}"
        row = _said(python("bench.shake.rounds", url, folder, SHAKERS))
        draws.append(row["draw_p99_ms"])
        rows.append({"database": database, "what": "a round", "shakers": SHAKERS, **row})
    proof = browser.recomputed(folder)
    if proof is not None:
        rows.append({"what": "proof in Chromium", "shakers": SHAKERS, **proof})
    chance = chi_square_p(10_000)
    rows.append({"what": "10,000 rounds", "chi_square_p": chance})
    crowd = _crowd(scratch)
    rows.append({"database": "sqlite", "what": "a crowd shakes", "shakers": CROWD, **crowd})
    whole = SHAKERS == 100_000
    return Outcome(
        rows,
        {
            "draw_p99_ms_100k": max(draws) if whole else None,
            "proof_browser_s_100k": proof["seconds"] if proof is not None and whole else None,
            "chi_square_p": chance,
            "comments_p99_ratio_under_shake": crowd["ack_p99_ratio"],
        },
    )


def _crowd(scratch: Path) -> dict[str, float]:
    """A full room, as `bench.fanout.mix` has it: a thousand listen, forty of them comment. Beside it two thousand people in the
    lobby of a session; in each round all of them shake within 3 s."""
    port, data = free_port(), tempfile.mkdtemp(dir=scratch)
    with child("hall", python("bench.shake.hall", port, data), scratch, core=cores()[0]) as process:
        wait_for(lambda: listening(port), "the server", alive=process)
        town, server = scratch / "hall.json", Server(process, port)
        hall = server.ask("/bench/hall", people=CROWD + 200)
        town.write_text(json.dumps(hall))
        speakers = python("bench.shake.speakers", port, town)
        with (
            audience(scratch, server, hall, PEOPLE),
            child("speakers", speakers, scratch, core=cores()[-1]) as speaking,
        ):
            windows = _said([*_BESIDE, *python("bench.shake.crowd", port, town, CROWD, ROUNDS)])
            process.check()
            speaking.check()
        said = json.loads(speaking.said().splitlines()[-1])
    acks, heard = ({each: _within(said[what], windows[each]) for each in ("quiet", "shaking")} for what in ("acks", "heard"))
    if min(map(len, (*acks.values(), *heard.values()))) < 500:
        raise BenchFailed("too few comments were said for a p99")
    p99 = {each: percentile(found, 0.99) for each, found in acks.items()}
    told = {each: percentile(found, 0.99) for each, found in heard.items()}
    return {
        "shakes": windows["shakes"],
        "shake_ack_p99_ms": windows["shake_ack_p99_ms"],
        "ack_p99_ms_quiet": p99["quiet"] * 1000,
        "ack_p99_ms_shaking": p99["shaking"] * 1000,
        "ack_p99_ratio": p99["shaking"] / p99["quiet"],
        "heard_p99_ratio": told["shaking"] / told["quiet"],
    }


def _within(found: list[list[float]], windows: list[list[float]]) -> list[float]:
    """Delays of what was said in one of the windows. `found`: when, and how long it took."""
    return [took for at, took in found if any(begin <= at < end for begin, end in windows)]


def _said(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise BenchFailed(f"{command[-4:]} ended with {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
