"""The churn harness, shortened: sixty official clients, both transports, cut and held lines, a small ring, late commits,
`kill -9`; once on one process and once on two.

The long one is in tests/soak (`make soak`).
"""

from pathlib import Path

import pytest

from tests.support.churn.run import Churn, run

pytestmark = pytest.mark.timeout(300)  # several starts of whole processes, on a machine that may have other things to do


async def test_every_acknowledged_comment_reaches_every_client_once_and_in_order(tmp_path: Path) -> None:
    outcome = await run(Churn(), tmp_path)
    outcome.check()
    outcome.check_trouble()


@pytest.mark.postgres
async def test_on_two_processes_too_while_each_is_killed_and_redis_goes_and_comes(tmp_path: Path, postgres_url: str) -> None:
    outcome = await run(Churn(processes=2, redis=True, ends=2, outages=1), tmp_path, postgres_url)
    outcome.check()
    outcome.check_trouble()
