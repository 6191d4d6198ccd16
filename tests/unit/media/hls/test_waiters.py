"""Requests that wait: their number is bounded, and nothing of them stays."""

import asyncio

import pytest

from server.core.errors import TooMany
from server.media.hls.waiters import Client, Outcome, WaitBudget, Waiters

ALICE = Client("alice", 2)


def waiting(waiters: Waiters, ready: list[bool], client: Client = ALICE, deadline: float = 10.0) -> asyncio.Task[Outcome]:
    return asyncio.create_task(waiters.until(lambda: bool(ready), client=client, deadline=deadline, gone=lambda: False))


async def test_who_is_ready_does_not_wait() -> None:
    budget = WaitBudget(0)
    assert await Waiters(budget).until(lambda: True, client=ALICE, deadline=0, gone=lambda: True) is Outcome.MOVED


async def test_waiters_look_again_each_time_something_moves() -> None:
    waiters, ready = Waiters(WaitBudget(9)), list[bool]()
    task = waiting(waiters, ready)
    await asyncio.sleep(0)
    waiters.moved()
    await asyncio.sleep(0)
    assert not task.done()
    ready.append(True)
    await asyncio.sleep(0)
    waiters.moved()
    assert await task is Outcome.MOVED
    assert len(waiters) == 0


async def test_shares_are_taken_and_given_back() -> None:
    budget = WaitBudget(3)
    waiters, ready = Waiters(budget), list[bool]()
    tasks = [waiting(waiters, ready), waiting(waiters, ready)]
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await waiting(waiters, ready)
    tasks.append(waiting(waiters, ready, Client("bob", 2)))
    await asyncio.sleep(0)
    with pytest.raises(TooMany):
        await waiting(waiters, ready, Client("carol", 2))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (budget.waiting, len(waiters), len(budget._clients)) == (0, 0, 0)


async def test_the_sweep_ends_the_late_and_the_gone() -> None:
    waiters, ready = Waiters(WaitBudget(9)), list[bool]()
    late = waiting(waiters, ready, deadline=5.0)
    left = asyncio.create_task(waiters.until(lambda: False, client=ALICE, deadline=99, gone=lambda: bool(ready)))
    await asyncio.sleep(0)
    waiters.sweep(4.9)
    assert not late.done()
    waiters.sweep(5.0)
    assert await late is Outcome.TOO_LONG
    ready.append(True)
    waiters.sweep(5.1)
    assert await left is Outcome.GONE


async def test_release_lets_everyone_go() -> None:
    waiters = Waiters(WaitBudget(9))
    task = waiting(waiters, [])
    await asyncio.sleep(0)
    waiters.release()
    assert await task is Outcome.GONE
