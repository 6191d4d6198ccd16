import asyncio
from collections.abc import AsyncIterator

import pytest

from server.core.errors import Unavailable
from server.identity.passwords import Passwords
from server.identity.settings import HashSettings


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(HashSettings(time_cost=1, memory_kib=8, workers=2, waiting=1))
    yield made
    made.close()


async def test_hashes_are_argon2id_salted_and_verify(passwords: Passwords) -> None:
    one, two = await passwords.hash("demo-hongbo"), await passwords.hash("demo-hongbo")
    assert one.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert one != two
    assert await passwords.verify(one, "demo-hongbo")
    assert not await passwords.verify(one, "demo-hongbO")
    assert not await passwords.verify("not a hash", "demo-hongbo")


async def test_nobody_is_verified_with_the_same_work(passwords: Passwords) -> None:
    assert not await passwords.verify(None, "anything")
    assert passwords.verifications == 1
    real = await passwords.hash("x")
    assert passwords._nobody.rsplit("$", 2)[0] == real.rsplit("$", 2)[0]  # same algorithm and parameters


async def test_the_queue_is_bounded_and_drains(passwords: Passwords) -> None:
    """ASVS 15.2.2: two run, one waits, the fourth is refused before it costs anything."""
    leave = asyncio.Event()

    async def stay() -> None:
        async with passwords.admitted():
            await leave.wait()

    staying = [asyncio.create_task(stay()) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="too_busy"):
        async with passwords.admitted():
            raise AssertionError
    leave.set()
    await asyncio.gather(*staying)
    async with passwords.admitted():
        assert await passwords.verify(await passwords.hash("x"), "x")


async def test_other_parameters_ask_for_a_new_hash(passwords: Passwords) -> None:
    kept = await passwords.hash("x")
    assert not passwords.needs_rehash(kept)
    stronger = Passwords(HashSettings(time_cost=2, memory_kib=8, workers=1))
    assert stronger.needs_rehash(kept)
    assert await stronger.verify(kept, "x")
    stronger.close()


def test_production_parameters_are_not_below_owasps() -> None:
    settings = HashSettings()
    assert (settings.memory_kib, settings.time_cost, settings.lanes) == (19 * 1024, 2, 1)
