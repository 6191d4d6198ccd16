"""The churn harness at length: two hundred clients, thousands of comments, many ends of processes.

On one process; on two with Redis between them, which is killed and paused; and on two with NOTIFY. What each run saw is in its
log (`pytest -rP`).
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.churn.outcome import Outcome
from tests.support.churn.run import Churn, run

LONG = Churn(clients=200, writers=24, comments=3000, ends=8, patience=120)


def check(outcome: Outcome) -> None:
    outcome.check()
    outcome.check_trouble()
    assert outcome.total("resyncs") > 0
    assert outcome.total("outrun") > 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_acknowledged_comment_reaches_every_client_once_and_in_order(tmp_path: Path, seed: int) -> None:
    check(await run(replace(LONG, seed=seed), tmp_path))


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [3, 4])
async def test_on_two_processes_too_while_redis_goes_and_comes(tmp_path: Path, postgres_url: str, seed: int) -> None:
    check(await run(replace(LONG, processes=2, redis=True, outages=4, seed=seed), tmp_path, postgres_url))


@pytest.mark.postgres
async def test_on_two_processes_without_redis_too(tmp_path: Path, postgres_url: str) -> None:
    check(await run(replace(LONG, processes=2, seed=5), tmp_path, postgres_url))
