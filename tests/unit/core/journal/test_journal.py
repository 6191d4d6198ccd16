"""Offsets have no gaps whatever fails beside them, and nobody hears of what is not durable."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence

import pytest

from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Author, Draft, Entry, Journal
from server.core.journal.model import Position
from server.core.journal.store import newest
from server.migrations import upgrade
from tests.support.clock import ManualClock


class Changed(Exception):
    """Somebody thought better of it."""


@pytest.fixture
async def journal(database_url: str, clock: ManualClock) -> AsyncIterator[Journal]:
    database = Database(database_url)
    await upgrade(database)
    yield Journal(database, clock)
    await database.close()


def drafts(channel: str, *words: str) -> list[Draft]:
    return [Draft(channel, "comment.posted", {"text": word}) for word in words]


async def test_offsets_are_gapless_under_concurrent_transactions_of_which_some_roll_back(journal: Journal) -> None:
    chance = random.Random(7)
    channels = [f"broadcast:{new_id()}" for _ in range(3)]
    heard: dict[str, list[int]] = {channel: [] for channel in channels}
    durable: dict[str, list[int]] = {channel: [] for channel in channels}

    def hear(entries: Sequence[Entry]) -> None:
        for entry in entries:
            heard[entry.channel].append(entry.offset)

    journal.listen(hear)

    async def write(number: int, fails: bool, chosen: list[str]) -> None:
        async with journal._database.transaction() as session:
            asked = [draft for channel in chosen for draft in drafts(channel, f"{number}a", f"{number}b")]
            entries = await journal.append(session, *asked)
            await asyncio.sleep(0)
            if fails:
                raise Changed
        for entry in entries:
            durable[entry.channel].append(entry.offset)

    plan = [(number, chance.random() < 0.4, chance.sample(channels, chance.randint(1, 3))) for number in range(50)]
    outcomes = await asyncio.gather(*(write(*each) for each in plan), return_exceptions=True)
    assert [isinstance(outcome, Changed) for outcome in outcomes] == [fails for _, fails, _ in plan]
    positions = await journal.positions(channels)
    for channel in channels:
        entries = await journal.read(channel, after=0)
        expected = list(range(1, len(entries) + 1))
        assert [entry.offset for entry in entries] == expected
        # Each once and nothing of what was rolled back. On PostgreSQL the replies to two commits may cross on their way.
        assert sorted(heard[channel]) == expected
        assert sorted(durable[channel]) == expected
        assert positions[channel].head == len(entries)
        survived = [number for number, fails, chosen in plan if channel in chosen and not fails]
        assert sorted({int(entry.data["text"][:-1]) for entry in entries}) == survived
        for first, second in zip(entries[::2], entries[1::2], strict=True):  # those of one transaction stay together
            assert second.data["text"] == first.data["text"][:-1] + "b"


async def test_nothing_is_heard_before_the_commit_nor_after_a_rollback(journal: Journal) -> None:
    channel = f"broadcast:{new_id()}"
    heard: list[Entry] = []
    journal.listen(heard.extend)

    async def write_and_think_better() -> None:
        async with journal._database.transaction() as session:
            await journal.append(session, *drafts(channel, "never"))
            raise Changed

    with pytest.raises(Changed):
        await write_and_think_better()
    assert heard == []
    assert await journal.read(channel, after=0) == []
    assert await journal.positions([channel]) == {}
    async with journal._database.transaction() as session:
        written = await journal.append(session, *drafts(channel, "once"))
        assert heard == []
        assert await journal.read(channel, after=0) == []
    assert heard == written
    assert [entry.offset for entry in await journal.read(channel, after=0)] == [1]


async def test_a_listener_that_fails_undoes_nothing(journal: Journal) -> None:
    def fail(_: Sequence[Entry]) -> None:
        raise RuntimeError

    journal.listen(fail)
    channel = f"broadcast:{new_id()}"
    async with journal._database.transaction() as session:
        await journal.append(session, *drafts(channel, "a"))
    assert len(await journal.read(channel, after=0)) == 1


async def test_appends_to_the_same_channels_in_opposite_order_do_not_wait_for_each_other(journal: Journal) -> None:
    one, two = f"broadcast:{new_id()}", f"broadcast:{new_id()}"

    async def write(*channels: str) -> None:
        async with journal._database.transaction() as session:
            await journal.append(session, *(draft for channel in channels for draft in drafts(channel, "x")))

    async with asyncio.timeout(30):
        await asyncio.gather(*(write(one, two) if number % 2 else write(two, one) for number in range(40)))
    assert {position.head for position in (await journal.positions([one, two])).values()} == {40}


async def test_an_entry_comes_back_as_it_was_written(journal: Journal, clock: ManualClock) -> None:
    channel = f"broadcast:{new_id()}"
    asked = [
        Draft(
            channel,
            "comment.posted",
            {"text": "“红”\u2028\x7f😀", "n": [1, None, 1.5]},
            Author("m", "林晓", "host"),
            clock.now(),
        ),
        Draft(channel, "broadcast.ended", {}),
    ]
    async with journal._database.transaction() as session:
        written = await journal.append(session, *asked)
    assert await journal.read(channel, after=0) == written
    assert written[0].wire()["by"] == {"id": "m", "name": "林晓", "badge": "host"}
    assert written[1].wire().keys() == {"offset", "type", "at", "data"}
    assert await journal.read(channel, after=1) == written[1:]
    assert await journal.read(channel, after=0, limit=1) == written[:1]
    async with journal._database.reading() as session:
        assert await newest(session, channel, "comment.posted", limit=5) == written[:1]
        assert await newest(session, channel, "comment.posted", limit=5, before=2) == written[:1]
        assert await newest(session, channel, "comment.posted", limit=5, before=1) == []
        assert await journal.position(session, f"broadcast:{new_id()}") == Position()


async def test_an_epoch_stays_and_no_two_channels_share_one(journal: Journal) -> None:
    one, two = f"broadcast:{new_id()}", f"broadcast:{new_id()}"
    seen = []
    for _ in range(2):
        async with journal._database.transaction() as session:
            await journal.append(session, *drafts(one, "x"), *drafts(two, "x"))
        seen.append({channel: position.epoch for channel, position in (await journal.positions([one, two])).items()})
    assert seen[0] == seen[1]
    assert len(set(seen[0].values())) == 2


async def test_a_purged_channel_goes_on_under_a_new_epoch_and_others_are_left_alone(journal: Journal) -> None:
    gone, other = (f"broadcast:{new_id()}" for _ in range(2))
    async with journal._database.transaction() as session:
        await journal.append(session, *drafts(gone, "一", "二"), *drafts(other, "三"))
    before = await journal.positions([gone, other])
    async with journal._database.transaction() as session:
        await journal.purge(session, gone)
        await journal.purge(session, f"broadcast:{new_id()}")  # nothing was ever written to it
    after = await journal.positions([gone, other])
    assert await journal.read(gone, after=0) == []
    assert after[gone].head == before[gone].head
    assert after[gone].epoch != before[gone].epoch
    assert after[other] == before[other]
    assert [entry.data["text"] for entry in await journal.read(other, after=0)] == ["三"]
    async with journal._database.transaction() as session:
        (entry,) = await journal.append(session, *drafts(gone, "四"))
    assert entry.offset == before[gone].head + 1
