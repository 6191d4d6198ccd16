"""Roll-calls as hosts and members meet them, over the socket and over HTTP, on both databases."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from server.activities import ACTIVITIES, ActivityKind, Plan
from server.attendance import ROLL_CALLS
from server.attendance.model import RollCall
from server.attendance.tables import AnswerRow, AttendanceRow, RollCallRow
from server.broadcasts import State
from server.core.db import Database
from server.core.errors import Conflict
from server.core.ids import new_id
from server.identity import Role
from tests.integration.attendance.room import answer, clock_of_now, earned, opened, own, process
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.sockets.test_snapshots import member_of
from tests.support.wait import until


async def test_two_of_the_drawn_roll_calls_answered_is_present_and_credited_once(either: Site) -> None:
    site, clock = either, clock_of_now()
    host, viewer = await site.host(), await site.person(name="封书瑶")
    broadcast = await on_air(site, host, minutes_planned=60)
    elsewhere = Database(str(site.database.url.render_as_string(hide_password=False))) if not site.database.is_sqlite else None
    calls = [process(site, clock), process(site, clock, elsewhere)]
    member = await member_of(site, viewer)

    async def look() -> int:
        """Both processes at the same moment; gives how many roll-calls are open."""
        return max(len(some) for some in await asyncio.gather(*(each.look() for each in calls)))

    async with await visit(site, viewer) as room:
        await room.subscribe(broadcast)
        await room.call("subscribe", {"channel": f"member:{viewer.id}"})
        await look()
        start = clock.now()
        met: list[RollCall] = []
        while clock.now() < start + timedelta(minutes=60):
            clock.advance(20)
            await calls[0].close()
            calls[0] = process(site, clock)  # started anew each time: nothing that matters is in its memory
            await look()
            roll_calls = (await calls[0].own(member, broadcast)).roll_calls
            for each in roll_calls[len(met) :]:
                met.append(each)
                if each.number != 2:  # on one device, and on another
                    told = await calls[each.number % 2].answer(member, each.id, client_id=new_id())
                    again = await calls[0].answer(member, each.id, client_id=new_id())
                    assert told == again
                    assert (told.answered, told.needed) == (1 if each.number == 1 else 2, 2)
        assert [each.number for each in met] == [1, 2, 3]
        gaps = [(each.opened_at - start) / timedelta(minutes=1) for each in met]
        assert gaps[0] >= 3
        assert gaps[2] <= 54
        assert all(later - earlier > 10 for earlier, later in itertools.pairwise(gaps)), "spread over the time"
        await until(lambda: "points.credited" in [each["type"] for each in room.entries], what="the credit")
        await until(lambda: len([e for e in room.entries if e["type"] == "roll_call.closed"]) == 3, what="three closes")
    kinds = [each["type"] for each in room.entries if each["type"].startswith("roll_call")]
    assert kinds == ["roll_call.opened", "roll_call.closed"] * 3
    (told,) = [each["data"] for each in room.entries if each["type"] == "points.credited"]
    assert (told["indicator"], told["amount"], told["link"]) == ("N01", 5, f"/b/{broadcast}")
    seen = await own(viewer, broadcast)
    assert (seen["answered"], seen["needed"], seen["drawn"], bool(seen["confirmed_at"])) == (2, 2, 3, True)
    assert [each["answered"] for each in seen["roll_calls"]] == [True, False, True]
    assert await earned(viewer) == [("N01", 5)]
    for one in calls:
        await one.close()
    if elsewhere is not None:
        await elsewhere.close()


async def test_a_hundred_answers_at_once_count_once(either: Site) -> None:
    site = either
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    client_id = new_id()
    async with await visit(site, host) as one, await visit(site, viewer) as two, await visit(site, viewer) as phone:
        first = await opened(one, broadcast)
        same = [answer(two, first, client_id) for _ in range(50)]
        others = [answer(phone, first) for _ in range(50)]
        answers = await asyncio.gather(*same, *others)
        assert all(each == {"ok": True, "answered": 1, "needed": 2} for each in answers), answers[0]
        async with site.database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(AnswerRow)) == 1
            assert await session.scalar(select(func.count()).select_from(AttendanceRow)) == 0
        await host.post(f"/api/v1/broadcasts/{broadcast}/end")
        assert (await answer(two, first, client_id))["ok"], "the same answer, also after the end"
        calls, clock = site.server.app[ROLL_CALLS], clock_of_now()
        clock.advance(10)
        later = process(site, clock)
        await asyncio.gather(*(each.look() for each in (later, calls, later)))
        await later.look()
        async with site.database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(AttendanceRow)) == 1
    assert await earned(viewer) == [("N01", 5)], "the one that was opened was enough"
    await later.close()


async def test_what_comes_too_late_is_refused_in_words_and_what_comes_a_little_late_is_not(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    clock = clock_of_now()
    calls = process(site, clock)
    keeper, member = await member_of(site, host), await member_of(site, viewer)
    made = await calls.open(keeper, broadcast, client_id=new_id(), seconds=30)
    clock.advance(32)
    assert (await calls.answer(member, made.id, client_id=new_id())).answered == 1
    clock.advance(0.5)
    await calls.look()
    other, client_id = await member_of(site, await site.person()), new_id()
    with pytest.raises(Conflict, match="已经结束"):
        await calls.answer(other, made.id, client_id=client_id)
    assert (await own(viewer, broadcast))["roll_calls"][0]["closed_at"] is not None
    await calls.close()


async def test_a_client_id_is_good_for_one_answer_and_one_opening(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast, second = await on_air(site, host), await on_air(site, host)
    client_id = new_id()
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await one.subscribe(broadcast)
        opening = {"broadcast": broadcast, "client_id": client_id}
        first = await one.call("roll_call.open", opening)
        assert first == await one.call("roll_call.open", opening), "the second time the answer is the same"
        assert (await one.call("roll_call.open", {**opening, "broadcast": second}))["error"]["code"] == "client_id_reused"
        more = {"broadcast": broadcast, "client_id": new_id()}
        assert (await one.call("roll_call.open", more))["error"]["code"] == "roll_call_open"
        other = await opened(one, second)
        assert (await answer(two, first["roll_call"], client_id))["ok"]
        assert (await answer(two, other, client_id))["error"]["code"] == "client_id_reused"
        assert (await answer(two, first["roll_call"], client_id))["ok"]
        assert (await answer(two, new_id()))["error"]["code"] == "roll_call_not_found"
        await until(
            lambda: [each for each in one.signals if each.get("roll_call") == {"id": first["roll_call"], "answered": 1}],
            what="the room told how many have answered",
        )
    (entry,) = [each for each in one.entries if each["type"] == "roll_call.opened"]
    assert (entry["by"]["badge"], entry["data"]["number"], entry["data"]["needed"]) == ("host", 1, 2)


async def test_an_interruption_uses_no_roll_call_up(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host, minutes_planned=60)
    clock = clock_of_now()
    calls = process(site, clock)
    viewer = await member_of(site, host)
    await calls.look()

    async def numbers() -> list[int]:
        return [each.number for each in (await calls.own(viewer, broadcast)).roll_calls]

    await put(site, broadcast, state=State.INTERRUPTED, interrupted_at=clock.now())
    for _ in range(90):
        clock.advance(20)
        await calls.look()
    assert await numbers() == [], "the picture is away"
    await put(site, broadcast, state=State.LIVE, interrupted_at=None)
    await calls.look()
    assert await numbers() == [], "people are just coming back"
    clock.advance(70)
    await calls.look()
    assert await numbers() == [1]
    # One that is cut into goes on, and another stands in for it.
    await put(site, broadcast, state=State.INTERRUPTED, interrupted_at=clock.now())
    await calls.look()
    await put(site, broadcast, state=State.LIVE, interrupted_at=None)
    clock.advance(95)
    assert await calls.look() == []
    for _ in range(200):
        clock.advance(20)
        await calls.look()
    assert await numbers() == [1, 2, 3, 4]
    await calls.close()


async def test_the_members_of_an_activity_become_present_there_and_are_credited_for_that_alone(site: Site) -> None:
    staff, host = await site.person(Role.AFFAIRS_STAFF), await site.host()
    insider, guest = await site.person(name="封书瑶"), await site.person(name="洪一舟")
    broadcast = await on_air(site, host)
    activities, now = site.server.app[ACTIVITIES], datetime.now(UTC)
    plan = Plan(ActivityKind.THEME_DAY, "主题党日", now, now + timedelta(hours=1), broadcast_id=broadcast)
    keeper = await member_of(site, staff)
    made = await activities.create(keeper, plan, draft=False)
    committee = Plan(ActivityKind.COMMITTEE, "支委会", now, now + timedelta(hours=1), broadcast_id=broadcast)
    await activities.create(keeper, committee, draft=False)
    async with await visit(site, host) as one, await visit(site, insider) as two, await visit(site, guest) as three:
        roll_call = await opened(one, broadcast)
        for each in (two, three):
            assert (await answer(each, roll_call))["ok"]
        await host.post(f"/api/v1/broadcasts/{broadcast}/end")
        clock = clock_of_now()
        clock.advance(10)
        calls = process(site, clock)
        for _ in range(2):
            await calls.look()
    for person in (insider, guest):
        assert await earned(person) == [("Q04", 5)]
    parts, _ = await activities.roll.people(keeper, made.activity.id)
    there = {part.member_id: part.way for part in parts if part.present_at}
    assert there == {insider.id: "roll_call", guest.id: "roll_call"}
    await calls.close()


async def test_the_host_sets_how_many_until_it_is_on_air_and_integrity_counts_there(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    one = await host.schedule()
    path = f"/api/v1/broadcasts/{one['id']}/attendance/rules"
    usual = {"number": 3, "seconds": 90, "needed": 2, "topic": None, "replay": "none", "replay_days": 30}
    offered = {"checks": ["none", "roll_call"]}
    assert (await host.get(path)).body == usual | offered
    rules = {**usual, "number": 1, "seconds": 60, "needed": 1, "topic": "integrity"}
    assert (await host.send("PUT", path, rules)).body == rules | offered
    assert (await host.get(path)).body == rules | offered
    assert (await host.send("PUT", path, {**rules, "replay": "quiz"})).code == "quiz_off", "there are no questions"
    assert (await host.send("PUT", path, {**rules, "needed": 2})).code == "roll_calls_invalid"
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    assert (await host.send("PUT", path, {**rules, "seconds": 90})).code == "on_air"
    assert (await host.send("PUT", path, rules)).status == 200, "nothing would change"
    replayed = {**rules, "replay": "roll_call", "replay_days": 7}
    assert (await host.send("PUT", path, replayed)).body == replayed | offered, (
        "what makes the replay count can wait until then"
    )
    async with await visit(site, host) as room, await visit(site, viewer) as two:
        assert await answer(two, await opened(room, one["id"])) == {"ok": True, "answered": 1, "needed": 1}
    assert await earned(viewer) == [("L01", 5)]
    async with site.database.reading() as session:
        (row,) = await session.scalars(select(RollCallRow))
    assert (row.closes_at - row.opened_at).total_seconds() == 60
