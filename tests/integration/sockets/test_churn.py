"""The churn harness, shortened: sixty official clients, both transports, cut and held lines, a small ring, `kill -9`.

The long one is in tests/soak (`make soak`).
"""

from pathlib import Path

from tests.support.churn import Churn, run


async def test_every_acknowledged_comment_reaches_every_client_once_and_in_order(tmp_path: Path) -> None:
    churn = Churn()
    outcome = await run(churn, tmp_path)
    outcome.check(churn)
    # There was trouble indeed; without it this test would show nothing.
    assert outcome.weather is not None
    assert outcome.weather.cuts > 20
    assert outcome.weather.holds > 20
    assert outcome.total("connects") > 2 * churn.clients
    assert outcome.total("recoveries") > 0
    assert outcome.total("snapshots") > churn.clients
