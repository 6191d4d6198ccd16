"""What people have to confirm counts once a second person has confirmed it, and a deduction can be appealed against."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from server.core.ids import new_id
from server.identity import Role, Status
from server.identity.tables import BranchRow, MemberRow
from server.points import Aspect, Entry, Kind
from server.points.store import add
from tests.integration.broadcasts.site import Answer, Person, Site
from tests.support.broadcasts import NOW

TODAY = datetime.now(UTC).date().isoformat()
AWARD = {"indicator": "J03", "day": TODAY, "reason": "食堂错峰就餐", "evidence": "采纳通知第 12 号"}
DEDUCTION = {"indicator": "Q10", "day": TODAY, "reason": "支部党员大会没有请假", "evidence": "签到表"}


async def propose(by: Person, member: Person, what: dict[str, Any] = AWARD) -> Answer:
    return await by.post("/api/v1/points/proposals", what | {"member": member.id})


async def proposed(by: Person, member: Person, what: dict[str, Any] = AWARD) -> str:
    answer = await propose(by, member, what)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def review(by: Person, proposal: str, verb: str = "confirm", words: str = "核对过") -> Answer:
    return await by.post(f"/api/v1/points/proposals/{proposal}/{verb}", {"words": words})


async def waiting(person: Person, kind: str = "proposals", state: str = "open") -> list[str]:
    answer = await person.get(f"/api/v1/points/{kind}?state={state}")
    assert answer.status == 200, answer.body
    return [each["id"] for each in answer.body["items"]]


async def rows(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.get("/api/v1/me/points")).body["items"]
    return found


async def put_in_branch(site: Site, name: str, *people: Person) -> None:
    async with site.database.transaction() as session:
        branch = BranchRow(id=new_id(), name=name, city="广州", created_at=NOW)
        session.add(branch)
        await session.flush()
        for each in people:
            row = await session.get(MemberRow, each.id)
            assert row is not None
            row.branch_id = branch.id
    site.identity.sessions.forget()


async def test_a_second_person_confirms_and_it_counts_once_however_many_do_at_once(site: Site) -> None:
    member, staff = await site.person(name="单予安"), await site.person(Role.AFFAIRS_STAFF, name="祝以宁")
    others = [await site.person(Role.AFFAIRS_STAFF, name=f"同事{number}") for number in range(3)]
    proposal = await proposed(staff, member)
    assert await rows(member) == []

    assert (await review(staff, proposal)).code == "second_person_needed"
    answers = await asyncio.gather(*(review(each, proposal) for each in others for _ in range(3)))
    won = [each for each in answers if each.status == 200]
    assert len(won) == 3, "the one who was first, asked three times"
    assert {each.code for each in answers if each.status != 200} == {"already_decided"}
    [row] = await rows(member)
    assert (row["amount"], row["indicator"], row["reason"]) == (10, "J03", "食堂错峰就餐")
    assert await waiting(others[0]) == []
    assert await waiting(others[0], state="decided") == [proposal]

    async with site.database.reading() as session:
        acts = [act for (act,) in await session.execute(text("SELECT act FROM audit WHERE target = 'points' ORDER BY id"))]
    assert acts == ["proposal.made", "proposal.confirmed"]


async def test_what_is_declined_counts_nothing_and_needs_words(site: Site) -> None:
    member = await site.person()
    one, two = await site.person(Role.AFFAIRS_STAFF), await site.person(Role.COMMITTEE_SECRETARY)
    proposal = await proposed(one, member)
    assert (await review(two, proposal, "decline", "")).code == "text_empty"
    declined = await review(two, proposal, "decline", "通知上不是这位同志")
    assert (declined.body["state"], declined.body["words"]) == ("declined", "通知上不是这位同志")
    assert (await review(two, proposal)).code == "already_decided"
    assert await rows(member) == []


async def test_nobody_proposes_or_confirms_for_themselves_and_nobody_from_below(site: Site) -> None:
    member, staff = await site.person(), await site.person(Role.AFFAIRS_STAFF)
    secretary, deputy = await site.person(Role.BRANCH_SECRETARY), await site.person(Role.BRANCH_DEPUTY_SECRETARY)
    foreign = await site.person(Role.BRANCH_SECRETARY)
    await put_in_branch(site, "研发党支部", member, secretary, deputy)
    await put_in_branch(site, "营销党支部", foreign)
    assert (await propose(member, member)).code == "role_needed"
    assert (await propose(secretary, secretary)).code == "own_points"
    assert (await propose(foreign, member)).code == "role_needed"
    assert (await propose(staff, member, AWARD | {"indicator": "Q04"})).code == "counted_by_itself"
    assert (await propose(staff, member, AWARD | {"link": "javascript:alert(1)"})).code == "link_unfit"
    assert (await propose(staff, member, AWARD | {"day": "2100-01-01"})).code == "day_to_come"

    of_staff = await proposed(staff, member)
    assert (await review(secretary, of_staff)).code == "standing_too_low"
    of_branch = await proposed(secretary, member, DEDUCTION)
    assert of_branch not in await waiting(foreign)
    assert (await review(foreign, of_branch)).code == "proposal_not_found"
    assert (await review(deputy, of_branch)).status == 200
    about_deputy = await proposed(staff, deputy)
    assert (await review(deputy, about_deputy)).code == "own_points"
    found = (await secretary.get("/api/v1/points/people?q=")).body["items"]
    assert {each["id"] for each in found} == {member.id, deputy.id}


async def test_people_are_found_among_all_there_are_by_name_and_by_nothing_else(site: Site) -> None:
    """However many others of that name were there before."""
    others = [
        MemberRow(id=new_id(), name=f"单予{number:03}", mobile=f"139{number:08}", status="full", created_at=NOW)
        for number in range(250)
    ]
    async with site.database.transaction() as session:
        session.add_all(others)
    member, secretary = await site.person(name="单予安"), await site.person(Role.BRANCH_SECRETARY, name="单予宁")
    staff, employee = await site.person(Role.AFFAIRS_STAFF), await site.person(name="单予工", status=Status.EMPLOYEE)
    lost = await site.person(Role.BRANCH_SECRETARY)
    await put_in_branch(site, "研发党支部", member, secretary, employee)

    async def found(person: Person, q: str) -> tuple[list[str], bool]:
        body = (await person.get("/api/v1/points/people", params={"q": q})).body
        return [each["name"] for each in body["items"]], body["more"]

    assert await found(secretary, "单予") == (["单予安"], False)
    assert await found(secretary, "%") == ([], False)
    names, more = await found(staff, "单予")
    assert (len(names), more) == (20, True)
    assert await found(staff, "单予249") == (["单予249"], False)
    assert await found(staff, "13900000001") == ([], False), "mobiles are none of their business"
    assert await found(staff, "单予工") == ([], False), "who is no member"
    assert await found(lost, "") == ([], False), "who is secretary of no branch"


async def test_discipline_is_entered_by_its_secretary_and_seen_by_few(site: Site) -> None:
    member, staff = await site.person(), await site.person(Role.AFFAIRS_STAFF)
    discipline, secretary = await site.person(Role.DISCIPLINE_SECRETARY), await site.person(Role.COMMITTEE_SECRETARY)
    veto = DEDUCTION | {"indicator": "L06"}
    assert (await propose(staff, member, veto)).code == "role_needed"
    assert (await propose(discipline, member)).code == "role_needed"
    proposal = await proposed(discipline, member, veto)
    assert await waiting(staff) == []
    assert (await review(staff, proposal)).code == "proposal_not_found"
    assert await waiting(secretary) == [proposal]
    assert (await review(secretary, proposal)).status == 200
    year = (await member.get("/api/v1/me/points")).body
    assert (year["score"], year["vetoed"]) == (0, True)


async def test_an_appeal_that_is_granted_takes_the_deduction_back_once(site: Site) -> None:
    member, other = await site.person(), await site.person()
    one, two = await site.person(Role.AFFAIRS_STAFF), await site.person(Role.AFFAIRS_STAFF)
    thirds = [await site.person(Role.COMMITTEE_SECRETARY), await site.person(Role.AFFAIRS_STAFF)]
    await review(two, await proposed(one, member, DEDUCTION))
    await review(two, await proposed(one, member))
    award, deduction = await rows(member)
    assert deduction["appealable_until"] is not None
    assert award["appealable_until"] is None

    async def appeal(by: Person, row: dict[str, Any], words: str = "当天已电话请假") -> Answer:
        return await by.post(f"/api/v1/me/points/{row['id']}/appeal", {"text": words})

    assert (await appeal(other, deduction)).code == "entry_not_found"
    assert (await appeal(member, award)).code == "nothing_to_appeal"
    made = {each.body["id"] for each in await asyncio.gather(*(appeal(member, deduction) for _ in range(5)))}
    assert len(made) == 1
    assert (await appeal(member, deduction, "再说一次")).code == "already_appealed"
    [case] = made
    assert await waiting(two, "appeals") == [case]

    async def answer(by: Person, verb: str, words: str = "核实已请假") -> Answer:
        return await by.post(f"/api/v1/points/appeals/{case}/{verb}", {"words": words})

    assert [(await answer(each, "grant")).code for each in (one, two)] == ["third_person_needed"] * 2
    assert (await answer(thirds[0], "uphold", "")).code == "text_empty"
    answers = await asyncio.gather(*(answer(each, "grant") for each in thirds for _ in range(3)))
    assert len([each for each in answers if each.status == 200]) == 3
    back, _, taken = await rows(member)
    assert (back["reverses"], back["amount"], back["reason"]) == (deduction["id"], 10, "申诉成立：核实已请假")
    assert (taken["reversed_by"], taken["appeal"]["state"], taken["appealable_until"]) == (back["id"], "granted", None)


async def test_a_deduction_stands_where_the_appeal_is_upheld(site: Site) -> None:
    member = await site.person()
    one, two, third = [await site.person(Role.AFFAIRS_STAFF) for _ in range(3)]
    await review(two, await proposed(one, member, DEDUCTION))
    [row] = await rows(member)
    made = await member.post(f"/api/v1/me/points/{row['id']}/appeal", {"text": "我请了假"})
    case = made.body["id"]
    upheld = await third.post(f"/api/v1/points/appeals/{case}/uphold", {"words": "没有请假记录"})
    assert (upheld.body["state"], upheld.body["words"]) == ("upheld", "没有请假记录")
    assert (await third.post(f"/api/v1/points/appeals/{case}/grant", {"words": "改主意了"})).code == "already_decided"
    [row] = await rows(member)
    assert (row["reversed_by"], row["appeal"]["words"]) == (None, "没有请假记录")


async def test_fifteen_days_after_it_was_recorded_a_deduction_is_final(site: Site) -> None:
    member, now = await site.person(), datetime.now(UTC)
    ages = {"old": timedelta(days=15, minutes=1), "young": timedelta(days=14, hours=23)}
    entries = {
        name: Entry(
            new_id(),
            member.id,
            "",
            "Q11",
            Aspect.QIN,
            Kind.DEDUCT,
            f"booking.no_show/{name}",
            (now - age).date(),
            -5,
            -5,
            now - age,
            now - age,
        )
        for name, age in ages.items()
    }
    async with site.database.transaction() as session:
        await add(session, list(entries.values()))
    said = {
        name: await member.post(f"/api/v1/me/points/{each.id}/appeal", {"text": "我到了现场"}) for name, each in entries.items()
    }
    assert (said["old"].code, said["young"].status) == ("appeal_too_late", 200)
