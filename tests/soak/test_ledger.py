"""A million operations on the ledger, a fifth of them told again, fifty times `kill -9`; run it with -m pytest tests/soak."""

import os
from pathlib import Path

import pytest
import structlog

from tests.support.ledger.killing import Ordeal, undergo

log = structlog.get_logger(__name__)
OPERATIONS = int(os.environ.get("SOAK_OPERATIONS", "1000000"))


@pytest.mark.timeout(7200)
async def test_a_million_operations_and_fifty_kills(database_url: str, tmp_path: Path) -> None:
    writers = 4 if database_url.startswith("postgresql") else 1
    ordeal = Ordeal(operations=OPERATIONS, kills=50, writers=writers, people=2000)
    outcome = await undergo(database_url, tmp_path, ordeal, patience=3600)
    told = outcome.acknowledged + outcome.again
    log.info("ordeal", told=told, again=outcome.again, acknowledged=outcome.acknowledged, rows=outcome.rows)
    assert outcome.faults == []
    assert told > OPERATIONS
    assert outcome.again > told / 5
