"""Sign-up: the last seat goes to one, the others wait in order and move up; who does not come pays for the empty seat."""

import asyncio

from server.activities import ACTIVITIES
from server.activities.model import Seat
from tests.integration.activities.desk import arranged, crowd, earned, soon
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import visit
from tests.support.wait import until


async def test_a_hundred_sign_ups_for_the_last_seat_give_it_to_one(either: Site) -> None:
    desk, members = await arranged(either, seats=1), await crowd(either, 100)
    seats = either.server.app[ACTIVITIES].seats
    parts = await asyncio.gather(*(seats.sign_up(member, desk.id) for member in members))
    [winner] = [part for part in parts if part.seat is Seat.GOING]
    assert len({part.turn for part in parts}) == 100
    shown = await desk.look()
    assert (shown["going"], shown["waiting"], shown["expected"]) == (1, 99, 1)
    by_id = {member.id: member for member in members}
    first, second = sorted((part for part in parts if part.seat is Seat.WAITING), key=lambda part: part.turn)[:2]
    await asyncio.gather(*(seats.give_back(by_id[winner.member_id], desk.id) for _ in range(20)))
    assert (await desk.on_list(first.member_id))["seat"] == "going"
    assert (await desk.on_list(second.member_id))["seat"] == "waiting"
    assert (await desk.look())["going"] == 1


async def test_who_waits_moves_up_in_order_and_is_told(site: Site) -> None:
    desk = await arranged(site, seats=1)
    one, two, three = [await site.person(name=name) for name in ("甲", "乙", "丙")]
    seats = [(await person.post(f"{desk.path}/signup")).body["seat"] for person in (one, one, two, three)]
    assert seats == ["going", "going", "waiting", "waiting"]
    async with await visit(site, two) as socket:
        await socket.call("subscribe", {"channel": f"member:{two.id}"})
        assert (await one.send("DELETE", f"{desk.path}/signup")).body["seat"] is None

        def told() -> list[str]:
            return [each["data"]["title"] for each in socket.entries if each["type"] == "activity.seated"]

        await until(told, what="the news")
        assert told() == ["主题党日：护河净滩"]
    assert (await desk.look(three))["mine"]["seat"] == "waiting"
    assert (await desk.organiser.send("PATCH", desk.path, {"seats": 2})).body["going"] == 2
    assert (await desk.look(three))["mine"]["seat"] == "going"


async def test_a_seat_is_given_back_until_a_set_time(site: Site) -> None:
    desk = await arranged(site, seats=1, starts_at=soon(1))
    one, two = await site.person(), await site.person()
    for person in (one, two):
        await person.post(f"{desk.path}/signup")
    late = await one.send("DELETE", f"{desk.path}/signup")
    assert (late.status, late.code) == (409, "cancel_too_late")
    assert (await two.send("DELETE", f"{desk.path}/signup")).status == 200, "who only waits may leave"
    await desk.act("cancel")
    over = await two.post(f"{desk.path}/signup")
    assert (over.status, over.code) == (409, "signup_over")


async def test_an_empty_seat_costs_and_a_used_one_earns(site: Site) -> None:
    desk = await arranged(site, seats=4)
    came, missing, excused = [await site.person(name=name) for name in ("来了", "没来", "请假")]
    for person in (came, missing, excused):
        await person.post(f"{desk.path}/signup")
    await desk.act("open")
    assert (await came.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    assert (await excused.post(f"{desk.path}/leave", {"reason": "临时加班"})).body["absence"] == "临时加班"
    for _ in range(2):
        await desk.act("close")
    assert sorted(await earned(came)) == [("Q04", 5), ("Q07", 5)]
    assert await earned(missing) == [("Q11", -5)]
    assert await earned(excused) == []
    await desk.act("presences", {"members": [missing.id], "way": "late_checkin", "reason": "现场见到，未带手机"})
    rows = await earned(missing)
    assert sorted(rows) == [("Q04", 5), ("Q07", 5), ("Q11", -5), ("Q11", 5)]
