"""The churn harness at length: two hundred clients, ten kills, thousands of comments."""

from pathlib import Path

import pytest

from tests.support.churn import Churn, run


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_acknowledged_comment_reaches_every_client_once_and_in_order(tmp_path: Path, seed: int) -> None:
    churn = Churn(clients=200, writers=60, each=100, kills=10, filler=120, patience=120, seed=seed)
    outcome = await run(churn, tmp_path)
    outcome.check(churn)
    assert outcome.total("resyncs") > 0
