"""What somebody who runs an activity, or takes part in one, cannot get for themselves or keep from others."""

import pytest

from server.identity import Role
from tests.integration.activities.desk import ACTIVITIES, Desk, arranged, branch, crowd, earned, soon
from tests.integration.broadcasts.site import Site


async def test_nobody_marks_or_excuses_themselves(site: Site) -> None:
    desk = await arranged(site, seats=3)
    me = desk.organiser
    await me.post(f"{desk.path}/signup")
    await desk.act("open")
    for way in ("ticked", "late_checkin", "proxy_checkin"):
        mark = {"members": [me.id], "way": way, "reason": "在场"}
        assert (await me.post(f"{desk.path}/presences", mark)).code == "own_presence"
    await desk.act("close")
    assert await earned(me) == [("Q11", -5)]
    assert (await me.post(f"{desk.path}/absences", {"member": me.id, "reason": "忙"})).code == "own_presence"
    assert await earned(me) == [("Q11", -5)]


async def test_check_in_opens_a_day_ahead_at_most_and_what_was_long_ago_is_the_committees(site: Site) -> None:
    far = await arranged(site, starts_at="2031-05-01T01:00:00Z")
    assert (await far.organiser.post(f"{far.path}/open")).code == "checkin_too_early"
    secretary, staff = await site.person(Role.BRANCH_SECRETARY), await site.person(Role.AFFAIRS_STAFF)
    await branch(site, "研发党支部", secretary, staff)
    old = {"kind": "theme_day", "title": "去年的主题党日", "starts_at": soon(-24 * 40)}
    assert (await secretary.post(ACTIVITIES, old)).code == "too_long_ago"
    assert (await staff.post(ACTIVITIES, old)).status == 201


async def test_an_opening_by_mistake_is_taken_back_while_nobody_is_present(site: Site) -> None:
    desk, member = await arranged(site, opened=True, seats=3), await site.person()
    await member.post(f"{desk.path}/signup")
    await desk.act("announce")
    assert (await desk.look())["state"] == "announced"
    await desk.act("open")
    assert (await member.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    for move in ("announce", "cancel"):
        assert (await desk.organiser.post(f"{desk.path}/{move}")).code == "somebody_present"


async def test_what_a_withdrawn_presence_earned_goes_whatever_the_seats_are_now(site: Site) -> None:
    desk, member = await arranged(site, seats=3), await site.person()
    await member.post(f"{desk.path}/signup")
    await desk.act("open")
    assert (await member.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    assert (await desk.organiser.send("PATCH", desk.path, {"seats": None})).status == 200
    await desk.act("withdrawals", {"member": member.id, "reason": "没有来"})
    assert sum(amount for _, amount in await earned(member)) == 0


async def test_a_seat_that_stayed_empty_after_all_costs_what_it_would_have(site: Site) -> None:
    desk, member = await arranged(site, seats=3), await site.person()
    await member.post(f"{desk.path}/signup")
    await desk.act("open")
    await desk.act("close")
    await desk.act("presences", {"members": [member.id], "way": "late_checkin", "reason": "认错人"})
    assert sum(amount for _, amount in await earned(member)) == 10
    await desk.act("withdrawals", {"member": member.id, "reason": "认错人了"})
    assert sum(amount for _, amount in await earned(member)) == -5


async def test_whoever_sits_in_at_a_committees_meeting_earns_nothing_by_it(site: Site) -> None:
    member, secretary = await site.person(), await site.person(Role.BRANCH_SECRETARY)
    await branch(site, "研发党支部", member, secretary)
    plan = {"kind": "committee", "title": "支委会", "starts_at": soon()}
    desk = Desk(secretary, (await secretary.post(ACTIVITIES, plan)).body["id"])
    await desk.act("open")
    for each in (member, secretary):
        assert (await each.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    assert [await earned(member), await earned(secretary)] == [[], [("Q02", 5)]]


async def test_a_seat_goes_to_who_waits_when_leave_is_asked_and_not_to_who_is_there_already(site: Site) -> None:
    desk = await arranged(site, seats=1)
    one, two, three = [await site.person() for _ in range(3)]
    for each in (one, two, three):
        await each.post(f"{desk.path}/signup")
    await desk.act("open")
    assert (await two.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    assert (await one.post(f"{desk.path}/leave", {"reason": "出差"})).status == 200
    assert [(await desk.look(each))["mine"]["seat"] for each in (one, two, three)] == [None, "waiting", "going"]


async def test_a_branch_marks_its_own_people_and_whoever_was_asked(site: Site) -> None:
    (stranger,), organiser = await crowd(site, 1), await site.person(Role.BRANCH_ORGANISER)
    await branch(site, "甲党支部", organiser)
    plan = {"kind": "theme_day", "title": "甲支部", "starts_at": soon()}
    desk = Desk(organiser, (await organiser.post(ACTIVITIES, plan)).body["id"])
    await desk.act("open")
    mark = {"members": [stranger.id], "way": "ticked", "reason": ""}
    assert (await organiser.post(f"{desk.path}/presences", mark)).code == "member_not_found"
    await desk.act("expected", {"add": [stranger.id], "remove": []})
    assert (await organiser.post(f"{desk.path}/presences", mark)).status == 200


@pytest.mark.parametrize("moment", ["9999-12-31T23:30:00Z", "0001-01-01T00:00:00+14:00"])
async def test_times_near_the_ends_of_time_are_refused(site: Site, moment: str) -> None:
    desk, member = await arranged(site, opened=True), await site.person()
    answers = [
        await member.get(f"{ACTIVITIES}?since={moment.replace('+', '%2B')}"),
        await desk.organiser.post(ACTIVITIES, {"kind": "theme_day", "title": "很远", "starts_at": moment}),
        await member.post(f"{desk.path}/claim", {"code": "123456", "scanned_at": moment}),
    ]
    assert [answer.status for answer in answers] == [400] * 3


async def test_what_is_written_about_an_activity_is_tidied_line_by_line(site: Site) -> None:
    desk = await arranged(site, place="  一楼\u202e礼堂\x00 ", intro="第一行\x00 \n\n\n\n第\u202e二行  \n")
    shown = await desk.look()
    assert (shown["place"], shown["intro"]) == ("一楼礼堂", "第一行\n\n\n\n第二行")
    await desk.organiser.send("PATCH", desk.path, {"place": "二楼\x00"})
    assert (await desk.look())["place"] == "二楼"
