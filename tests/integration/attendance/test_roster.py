"""Who was expected and who was there, as organisers see it."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from openpyxl import load_workbook

from server.activities import ACTIVITIES, ActivityKind, Plan
from server.attendance import Visits
from server.broadcasts import KIND
from server.core.db import Database
from server.core.fanout import HUB
from server.core.ids import new_id
from server.identity import Role
from server.identity.tables import BranchRow, MemberRow
from tests.integration.attendance.room import answer, clock_of_now, opened, process
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.sockets.test_snapshots import member_of
from tests.support.wait import until


async def placed(site: Site, *people: Person, name: str) -> None:
    """These people in a branch of that name."""
    branch_id = new_id()
    async with site.database.transaction() as session:
        session.add(BranchRow(id=branch_id, name=name, city="", created_at=clock_of_now().now()))
        await session.flush()
        for person in people:
            (await session.get_one(MemberRow, person.id)).branch_id = branch_id


async def test_expected_and_present_by_branch_and_a_branch_secretary_sees_their_own(site: Site) -> None:
    host, staff = await site.host(), await site.person(Role.AFFAIRS_STAFF)
    one, two, cunning = await site.person(name="甲"), await site.person(name="乙"), await site.person(name="=1+1")
    secretary = await site.person(Role.BRANCH_SECRETARY, name="书记")
    await placed(site, one, secretary, name="第一党支部")
    await placed(site, two, cunning, name="第二党支部")
    broadcast = await on_air(site, host)
    path = f"/api/v1/broadcasts/{broadcast}/attendance/people"
    async with await visit(site, host) as room, await visit(site, one) as first, await visit(site, two) as second:
        roll_call = await opened(room, broadcast)
        for each in (first, second):
            assert (await answer(each, roll_call))["ok"]
    on_the_air = (await host.get(path)).body
    assert (on_the_air["opened"], on_the_air["present"]) == (1, 0), "one answer is not enough yet"
    assert [each["answered"] for each in on_the_air["people"] if each["name"] in ("甲", "乙")] == [1, 1]
    await host.post(f"/api/v1/broadcasts/{broadcast}/end")
    clock = clock_of_now()
    clock.advance(10)
    calls = process(site, clock)
    await calls.look()
    await calls.look()
    await calls.close()

    seen = (await staff.get(path)).body
    assert (seen["expected"], seen["present"], seen["needed"]) == (6, 2, 1)
    branches = {each["name"]: (each["expected"], each["present"]) for each in seen["branches"]}
    assert branches == {"第一党支部": (2, 1), "第二党支部": (2, 1), None: (2, 0)}
    own = (await site.sign_in(await mobile_of(site, secretary))).get
    assert [each["name"] for each in (await own(path)).body["people"]] == ["书记", "甲"]
    assert (await one.get(path)).code == "organiser_needed"
    assert "watched" not in str(seen)

    book = load_workbook(io.BytesIO((await staff.get(f"{path}.xlsx")).raw))
    cells = {cell.value: cell for row in book["名单"].iter_rows() for cell in row}
    assert cells["=1+1"].data_type == "s", "a text, and no formula"
    assert [row[0] for row in book["按支部"].iter_rows(values_only=True)] == [
        "党支部",
        "第一党支部",
        "第二党支部",
        "未编入支部",
    ]


async def mobile_of(site: Site, person: Person) -> str:
    async with site.database.reading() as session:
        return (await session.get_one(MemberRow, person.id)).mobile


async def test_when_they_came_and_went_and_only_those_on_the_list_of_the_activity_are_expected(either: Site) -> None:
    site, host, staff = either, await either.host(), await either.person(Role.AFFAIRS_STAFF, name="专干")
    one, two = await site.person(name="甲"), await site.person(name="乙")
    broadcast = await on_air(site, host)
    path = f"/api/v1/broadcasts/{broadcast}/attendance/people"
    app, clock = site.server.app, clock_of_now()
    elsewhere = Database(str(site.database.url.render_as_string(hide_password=False))) if not site.database.is_sqlite else None

    def hear() -> Any:
        return app[HUB].listening(KIND)

    visits = [Visits(each or site.database, site.service, clock, hear) for each in (site.database, elsewhere)]

    async def lines() -> dict[str, Any]:
        return {each["name"]: each for each in (await staff.get(path)).body["people"]}

    async with await visit(site, one) as phone, await visit(site, two) as pad:
        assert (await phone.subscribe(broadcast))["ok"]
        for each in visits:
            await each.look()
        clock.advance(30)
        assert (await pad.subscribe(broadcast))["ok"]
        for each in visits:
            await each.look()
        first = await lines()
        assert first["甲"]["joined_at"] < first["乙"]["joined_at"]
        assert first["甲"]["left_at"] is None
        assert (first["专干"]["joined_at"], first["专干"]["left_at"]) == (None, None)
        assert (await staff.get(path)).body["here"] == 2
    await until(lambda: not any(hear().values()), what="both gone")
    for each in visits:
        await each.look()
    await host.post(f"/api/v1/broadcasts/{broadcast}/end")
    gone = await lines()
    assert gone["甲"]["joined_at"] == first["甲"]["joined_at"]
    assert gone["甲"]["left_at"] >= gone["甲"]["joined_at"]
    body = (await staff.get(path)).body
    assert (body["on_air"], body["here"], body["listed"]) == (False, 0, False)
    assert body["others"] == [], "where everybody is expected, nobody comes unexpected"

    now = datetime.now(UTC)
    plan = Plan(ActivityKind.THEME_DAY, "主题党日", now, now + timedelta(hours=1), broadcast_id=broadcast, seats=10)
    keeper, activities = await member_of(site, staff), app[ACTIVITIES]
    made = await activities.create(keeper, plan, draft=False)
    assert (await staff.get(path)).body["listed"] is False, "nobody is on its list yet"
    await activities.roll.expect(keeper, made.activity.id, add=[one.id], remove=[])
    body = (await staff.get(path)).body
    assert (body["listed"], body["expected"], [each["name"] for each in body["people"]]) == (True, 1, ["甲"])
    assert "乙" in [each["name"] for each in body["others"]], "who came without being on the list is not lost"
    assert "甲" not in [each["name"] for each in body["others"]]
    sheet = load_workbook(io.BytesIO((await staff.get(f"{path}.xlsx")).raw))["名单外"]
    assert "乙" in [row[1].value for row in sheet.iter_rows(min_row=2)]
    for each in visits:
        await each.close()
    if elsewhere is not None:
        await elsewhere.close()
