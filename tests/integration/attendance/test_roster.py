"""Who was expected and who was there, as organisers see it."""

import io

from openpyxl import load_workbook

from server.core.ids import new_id
from server.identity import Role
from server.identity.tables import BranchRow, MemberRow
from tests.integration.attendance.room import answer, clock_of_now, opened, process
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, visit


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
