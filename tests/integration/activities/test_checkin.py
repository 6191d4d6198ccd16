"""Check-in: once for each member, by the code on the wall, by hand, late, or by a claim that a person decides on."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from server.activities import ACTIVITIES
from server.points.tables import EntryRow
from tests.integration.activities.desk import arranged, crowd, earned
from tests.integration.broadcasts.site import Site


async def test_a_member_checks_in_once_and_earns_it_once(site: Site) -> None:
    desk, member = await arranged(site), await site.person()
    early = await member.post(f"{desk.path}/checkin", {"code": "000000"})
    assert (early.status, early.code) == (409, "checkin_not_open")
    await desk.act("open")
    wall = await desk.wall()
    assert wall["qr"].startswith("data:image/svg+xml")
    first = await member.post(f"{desk.path}/checkin", {"code": wall["code"]})
    assert (first.status, first.body["way"]) == (200, "code")
    again = await member.post(f"{desk.path}/checkin", {"code": "wrong by now"})
    assert (again.status, again.body) == (200, first.body)
    assert await earned(member) == [("Q04", 5)]
    wall = await desk.wall()
    assert (wall["present"], wall["latest"]) == (1, ["林晓"])
    other = await site.person(name="另一位")
    scanned = wall["link"].partition("#code=")[2]
    assert (await other.post(f"{desk.path}/checkin", {"code": scanned})).status == 200
    await desk.act("close")
    late = await (await site.person(name="迟到的人")).post(f"{desk.path}/checkin", {"code": wall["code"]})
    assert (late.status, late.code) == (409, "checkin_closed")
    assert (await member.post(f"{desk.path}/checkin", {"code": "x"})).body == first.body


async def test_guessing_ends_after_five_wrong_codes_for_the_one_who_guesses(site: Site) -> None:
    desk, member = await arranged(site, opened=True), await site.person()
    good = (await desk.wall())["code"]
    wrong = f"{(int(good) + 500_000) % 1_000_000:06d}"
    for _ in range(5):
        answer = await member.post(f"{desk.path}/checkin", {"code": wrong})
        assert (answer.status, answer.code) == (400, "code_wrong")
    answer = await member.post(f"{desk.path}/checkin", {"code": good})
    assert (answer.status, answer.code) == (429, "too_many_codes")
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    other = await site.person(name="旁边的人")
    assert (await other.post(f"{desk.path}/checkin", {"code": (await desk.wall())["code"]})).status == 200
    proxy = {"members": [member.id], "way": "proxy_checkin", "reason": "手机坏了"}
    assert await desk.act("presences", proxy) == {"marked": 1}


async def test_a_hundred_identical_check_ins_at_once_have_one_effect(either: Site) -> None:
    desk, [member] = await arranged(either, opened=True), await crowd(either, 1)
    service, code = either.server.app[ACTIVITIES], (await desk.wall())["code"]
    parts = await asyncio.gather(*(service.checkin.check_in(member, desk.id, code) for _ in range(100)))
    assert len({part.present_at for part in parts}) == 1
    assert (await desk.look())["present"] == 1
    async with either.database.reading() as session:
        rows = await session.scalar(select(func.count()).select_from(EntryRow).where(EntryRow.member_id == member.id))
    assert rows == 1


async def test_many_members_check_in_at_once(either: Site) -> None:
    desk, members = await arranged(either, opened=True), await crowd(either, 100)
    service, code = either.server.app[ACTIVITIES], (await desk.wall())["code"]
    await asyncio.gather(*(service.checkin.check_in(member, desk.id, code) for member in members))
    assert (await desk.look())["present"] == 100
    async with either.database.reading() as session:
        credited = set(await session.scalars(select(EntryRow.member_id)))
    assert credited == {member.id for member in members}


async def test_the_person_in_charge_marks_others_with_a_reason_and_takes_a_presence_back(site: Site) -> None:
    desk, member = await arranged(site, opened=True), await site.person()
    marked = {"members": [member.id], "way": "late_checkin"}
    refused = await desk.organiser.post(f"{desk.path}/presences", marked)
    assert (refused.status, refused.code) == (400, "reason_needed")
    own = {"members": [desk.organiser.id], "way": "proxy_checkin", "reason": "我在"}
    refused = await desk.organiser.post(f"{desk.path}/presences", own)
    assert (refused.status, refused.code) == (409, "own_presence")
    assert (await member.post(f"{desk.path}/presences", {**marked, "reason": "来晚了"})).status == 403

    assert await desk.act("presences", {**marked, "reason": "路上堵车"}) == {"marked": 1}
    assert await desk.act("presences", {**marked, "reason": "再按一次"}) == {"marked": 0}
    row = await desk.on_list(member.id)
    assert (row["way"], row["by"], row["reason"]) == ("late_checkin", "祝以宁", "路上堵车")
    assert await earned(member) == [("Q04", 5)]

    for _ in range(2):
        await desk.act("withdrawals", {"member": member.id, "reason": "认错人了"})
    assert (await desk.look(member))["mine"]["present_at"] is None
    assert await earned(member) == [("Q04", -5), ("Q04", 5)]
    assert await desk.act("presences", {"members": [member.id], "way": "ticked"}) == {"marked": 1}
    assert await earned(member) == [("Q04", 5), ("Q04", -5), ("Q04", 5)]


async def test_what_a_phone_kept_without_a_network_is_for_a_person_to_decide(site: Site) -> None:
    desk, member, cheat = await arranged(site, opened=True), await site.person(name="封书瑶"), await site.person(name="没来的")
    scanned = (await desk.wall())["link"].partition("#code=")[2]
    seen_at = datetime.now(UTC)
    claims = f"{desk.path}/claim"
    future = await member.post(claims, {"code": scanned, "scanned_at": (seen_at + timedelta(hours=1)).isoformat()})
    assert (future.status, future.code) == (400, "claim_time_invalid")
    await desk.act("close")
    kept = {"code": scanned, "scanned_at": seen_at.isoformat()}
    for _ in range(2):
        answer = await member.post(claims, kept)
        assert (answer.status, answer.body["state"]) == (200, "waiting")
    assert (await desk.look(member))["mine"]["present_at"] is None, "never by itself"
    await cheat.post(claims, {"code": "123456", "scanned_at": seen_at.isoformat()})
    listed = (await desk.organiser.get(f"{desk.path}/people")).body["claims"]
    assert [(each["name"], each["genuine"]) for each in listed] == [("封书瑶", True), ("没来的", False)]

    confirm = {"member": member.id, "confirm": True, "reason": "会场见到本人"}
    for _ in range(2):
        assert (await desk.act("claims", confirm))["state"] == "confirmed"
    refused = await desk.organiser.post(f"{desk.path}/claims", {**confirm, "confirm": False})
    assert (refused.status, refused.code) == (409, "claim_decided")
    assert (await desk.act("claims", {"member": cheat.id, "confirm": False, "reason": "没有到会"}))["state"] == "declined"
    assert (await desk.look(member))["mine"]["way"] == "late_checkin"
    assert await earned(member) == [("Q04", 5)]
    assert await earned(cheat) == []
    assert (await member.post(claims, kept)).body["state"] == "present"
    assert (await cheat.post(claims, kept)).body == {"state": "declined", "reason": "没有到会"}
