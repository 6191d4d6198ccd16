import asyncio

import pytest
from structlog.testing import capture_logs

from server.core.tasks import Tasks
from tests.support.wait import until


async def test_a_failing_task_is_logged_and_its_siblings_go_on() -> None:
    tasks = Tasks("test")
    stay = asyncio.Event()

    async def fail() -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        tasks.spawn(stay.wait(), "stays")
        tasks.spawn(fail(), "fails")
        await until(lambda: len(tasks) == 1)
    assert [entry["event"] for entry in logs] == ["task_failed"]
    await tasks.aclose()
    assert len(tasks) == 0


async def test_a_round_that_fails_does_not_stop_the_rounds() -> None:
    tasks = Tasks("test")
    rounds: list[int] = []

    async def work() -> None:
        rounds.append(1)
        raise ValueError("again")

    with capture_logs():
        tasks.every(0.001, work, "rounds")
        await until(lambda: len(rounds) >= 3)
        await tasks.aclose()


async def test_a_closed_owner_starts_nothing() -> None:
    tasks = Tasks("test")
    await tasks.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        tasks.spawn(asyncio.sleep(0), "late")
