"""Broadcasts in both databases: nothing is lost when many change one at once, and every field comes back as it went in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from server.broadcasts import Recording, State, Visibility, model
from server.broadcasts.registry import Registry
from server.broadcasts.store import Scope, Wanted
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import Conflict
from server.core.ids import new_id
from server.core.journal import Journal
from server.identity.tables import MemberRow
from server.migrations import upgrade
from tests.support.broadcasts import CO_HOST, HOST, NOW, broadcast

EVERYTHING = Scope(frozenset(), None, everything=True)


@pytest.fixture
async def registry(database_url: str) -> AsyncIterator[Registry]:
    database = Database(database_url)
    await upgrade(database)
    async with database.transaction() as session:
        for number, member_id in enumerate((HOST, CO_HOST)):
            row = MemberRow(id=member_id, name="甲", mobile=f"1380000000{number}", status="full", created_at=NOW)
            session.add(row)
    yield Registry(database, Journal(database, SystemClock()))
    await database.close()


async def test_every_field_comes_back(registry: Registry) -> None:
    full = replace(
        broadcast(State.CUT_OFF),
        title="“七月的红船”\U0001f6a2",
        intro="一\n二",
        interrupted_at=NOW + timedelta(microseconds=1),
        cut_off_reason="与主题无关",
        cut_off_by=CO_HOST,
        publisher_id=HOST,
        peak_viewers=12_345,
        recorded_seconds=1234.567,
        recorded_bytes=5 * 2**40,
        recorded_video=False,
        replay_published=True,
        replay_published_at=NOW,
        download_allowed=True,
        poster="a" * 64,
        visibility=Visibility.PUBLIC,
    )
    await registry.add(full)
    assert await registry.load(full.id) == full
    plain = broadcast()
    await registry.add(plain)
    changed = await registry.change(plain.id, lambda each: replace(full, id=plain.id))
    assert await registry.load(plain.id) == changed == replace(full, id=plain.id)


async def test_a_hundred_renewals_at_once_give_a_hundred_versions(registry: Registry) -> None:
    made = broadcast()
    await registry.add(made)
    seen = [await each for each in asyncio.as_completed(
        [registry.change(made.id, lambda each: model.renew_token(each, HOST)) for _ in range(100)]
    )]  # fmt: skip
    assert sorted(each.publishers[0].token_version for each in seen if each) == list(range(3, 103))


async def test_of_live_and_cancel_at_once_one_wins(registry: Registry) -> None:
    for _ in range(10):
        made = broadcast(State.REHEARSAL)
        await registry.add(made)
        outcomes = await asyncio.gather(
            registry.change(made.id, lambda each: model.go_live(each, NOW, receiving=True)),
            registry.change(made.id, lambda each: model.cancel(each, NOW)),
            return_exceptions=True,
        )
        refused = [each for each in outcomes if isinstance(each, Conflict)]
        assert len(refused) == 1
        kept = await registry.load(made.id)
        assert kept is not None
        assert [each for each in outcomes if each not in refused] == [kept]


async def test_a_refused_change_leaves_nothing_and_tells_nobody(registry: Registry) -> None:
    told: list[str] = []
    made = broadcast(State.ENDED)
    await registry.add(made)
    registry.tell(lambda each: told.append(each.id))
    with pytest.raises(Conflict):
        await registry.change(made.id, lambda each: model.cancel(each, NOW))
    await registry.change(made.id, lambda each: each)
    assert (await registry.load(made.id), told) == (made, [])
    assert await registry.change(new_id(), lambda each: each) is None
    assert await registry.change("no id\x00", lambda each: each) is None


async def test_pages_are_whole_where_all_times_are_equal(registry: Registry) -> None:
    made = [broadcast(starts_at=NOW) for _ in range(7)]
    for each in made:
        await registry.add(each)
    for states in (frozenset[State](), frozenset({State.SCHEDULED})):
        seen: list[str] = []
        after: str | None = None
        while True:
            found, after = await registry.page(EVERYTHING, Wanted(states=states), after=after, limit=2)
            seen += [each.id for each in found]
            if after is None:
                break
        assert seen == sorted((each.id for each in made), reverse=not states)


async def test_what_is_overdue_is_left_out_of_what_is_to_come_and_the_clock_alone_says_so(registry: Registry) -> None:
    hour = timedelta(hours=1)
    kept = {
        "longest": broadcast(starts_at=NOW - 12 * hour, minutes_planned=720),
        "ends now": broadcast(State.REHEARSAL, starts_at=NOW - hour),
        "to come": broadcast(starts_at=NOW + hour),
    }
    on_air = broadcast(State.LIVE, starts_at=NOW - 30 * hour)
    gone = [
        broadcast(starts_at=NOW - hour - timedelta(microseconds=1)),
        broadcast(State.REHEARSAL, starts_at=NOW - 12 * hour, minutes_planned=719),
        *(broadcast(starts_at=NOW - 500 * hour) for _ in range(20)),
    ]
    for each in (*gone, on_air, *kept.values()):
        await registry.add(each)
    before = frozenset({State.SCHEDULED, State.REHEARSAL})
    found, after = await registry.page(EVERYTHING, Wanted(before, ends_since=NOW), after=None, limit=3)
    assert [each.id for each in found] == [each.id for each in kept.values()]
    assert after is None
    assert all(each.overdue(NOW, timedelta(0)) == (each in gone) for each in (*gone, on_air, *kept.values()))
    found, _ = await registry.page(EVERYTHING, Wanted(before | {State.LIVE}, ends_since=NOW), after=None, limit=50)
    assert {each.id for each in found} == {each.id for each in (on_air, *kept.values())}
    found, _ = await registry.page(EVERYTHING, Wanted(before), after=None, limit=50)
    assert len(found) == len(gone) + len(kept)


async def test_published_replays_are_found_behind_any_number_of_others(registry: Registry) -> None:
    shown = broadcast(State.ENDED, starts_at=NOW - timedelta(days=9), replay_published=True)
    thrown_away = broadcast(State.ENDED, replay_published=True, recording=Recording.DISCARDED)
    for each in (shown, thrown_away, *(broadcast(State.ENDED) for _ in range(13))):
        await registry.add(each)
    found, after = await registry.page(EVERYTHING, Wanted(frozenset({State.ENDED}), published=True), after=None, limit=12)
    assert [each.id for each in found] == [shown.id]
    assert after is None
