"""Objections to a publication: taken back, answered by whoever is not concerned, corrected by reversals and awards, once."""

import asyncio

from sqlalchemy import text

from server.identity import Role
from tests.integration.broadcasts.site import Person, Site
from tests.integration.points.test_adopted_answers import points
from tests.integration.points.test_proposals import put_in_branch
from tests.integration.points.test_publications import IN_MARCH, LAST_YEAR, award, published


async def test_what_was_missing_is_awarded_by_the_answer_and_what_was_wrong_reversed_with_it(site: Site) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person(name="封书瑶")
    wrong = await award(site, member, "checkin.fraud.confirmed", IN_MARCH)
    shown = await published(staff)
    address = f"/api/v1/publications/{shown['id']}"
    said = await member.post(f"{address}/objections", {"about": member.id, "text": "少记了一条建议，还多扣了一次"})
    answer = f"/api/v1/objections/{said.body['id']}/answer"

    def upheld(code: str, day: str) -> dict[str, object]:
        missing = [{"indicator": code, "day": day}]
        return {"state": "upheld", "text": "采纳通知在档", "reverse": [wrong], "award": missing}

    assert (await staff.post(answer, upheld("J03", f"{LAST_YEAR}-04-01"))).code == "day_unfit", "after the published time"
    assert (await staff.post(answer, upheld("Q10", f"{LAST_YEAR}-03-08"))).code == "indicator_unfit", "a deduction"
    assert (await staff.post(answer, {**upheld("J03", f"{LAST_YEAR}-03-08"), "state": "rejected"})).code == "answer_invalid"
    assert (await points(member, f"?year={LAST_YEAR}"))["score"] < 600
    answers = await asyncio.gather(*(staff.post(answer, upheld("J03", f"{LAST_YEAR}-03-08")) for _ in range(4)))
    assert sorted(each.status for each in answers) == [200, 409, 409, 409]
    (won,) = [each.body for each in answers if each.status == 200]

    year = await points(member, f"?year={LAST_YEAR}")
    added = next(each for each in year["items"] if each["id"] in won["awards"])
    assert (added["indicator"], added["amount"], added["day"]) == ("J03", 10, f"{LAST_YEAR}-03-08")
    assert added["title"].endswith("（公示补记）")
    assert next(each for each in year["items"] if each["id"] == wrong)["reversed_by"] is not None
    assert year["score"] == 610
    async with site.database.reading() as session:
        acts = [act for (act,) in await session.execute(text("SELECT act FROM audit WHERE target = 'points' ORDER BY id"))]
    assert acts == ["publication.made", "objection.made", "objection.upheld"]


async def test_an_objection_is_taken_back_by_whoever_said_it_until_it_is_answered(site: Site) -> None:
    staff, one, other = await site.person(Role.AFFAIRS_STAFF), await site.person(), await site.person()
    address = f"/api/v1/publications/{(await published(staff))['id']}"
    said = (await one.post(f"{address}/objections", {"about": other.id, "text": "他那天没有来"})).body
    objection = f"/api/v1/objections/{said['id']}"
    assert (await other.post(f"{objection}/withdraw", {})).code == "objection_not_found"
    (about,) = (await other.get(f"{address}/objections")).body["items"]
    assert (about["text"], about["by"], about["by_name"]) == ("他那天没有来", None, ""), "what was said, and not who"
    assert [(await one.post(f"{objection}/withdraw", {})).body["state"] for _ in range(2)] == ["withdrawn", "withdrawn"]
    assert (await staff.post(f"{objection}/answer", {"state": "rejected", "text": "晚了"})).code == "already_answered"

    again = (await one.post(f"{address}/objections", {"about": one.id, "text": "合计不对"})).body
    await staff.post(f"/api/v1/objections/{again['id']}/answer", {"state": "rejected", "text": "核对无误"})
    assert (await one.post(f"/api/v1/objections/{again['id']}/withdraw", {})).code == "already_answered"


async def test_the_desk_has_what_waits_of_ones_branch_and_counts_what_is_late(site: Site) -> None:
    staff = await site.person(Role.AFFAIRS_STAFF)
    secretary, member = await site.person(Role.BRANCH_SECRETARY, name="骆知行"), await site.person()
    foreign = await site.person(Role.BRANCH_SECRETARY)
    await put_in_branch(site, "研发党支部", secretary, member)
    await put_in_branch(site, "营销党支部", foreign)
    address = f"/api/v1/publications/{(await published(staff))['id']}"
    first = (await member.post(f"{address}/objections", {"about": member.id, "text": "少记了一次"})).body["id"]
    own = (await secretary.post(f"{address}/objections", {"about": secretary.id, "text": "我也少记了"})).body["id"]
    assert (await member.get("/api/v1/objections")).code == "role_needed"
    assert (await foreign.get("/api/v1/objections")).body["items"] == []
    waiting = (await secretary.get("/api/v1/objections")).body["items"]
    assert [(each["id"], each["may_answer"]) for each in waiting] == [(first, True), (own, False)]
    page = (await staff.get("/api/v1/objections?limit=1")).body
    assert [each["id"] for each in page["items"]] == [first]
    assert [each["id"] for each in (await staff.get(f"/api/v1/objections?after={page['next']}")).body["items"]] == [own]
    rejected = {"state": "rejected", "text": "无误"}
    assert (await secretary.post(f"/api/v1/objections/{own}/answer", rejected)).code == "own_matter"
    assert (await foreign.post(f"/api/v1/objections/{first}/answer", rejected)).code == "objection_not_found"

    head = (await secretary.get(address)).body
    assert (head["waiting"], head["late"], head["own"]["name"]) == (2, 0, "骆知行")
    assert (await member.get(address)).body["waiting"] is None
    async with site.database.transaction() as session:
        await session.execute(text("UPDATE objections SET due_on = '2020-01-01' WHERE id = :id").bindparams(id=first))
    listed = (await staff.get("/api/v1/publications")).body
    assert (listed["publishes"], listed["waiting"], listed["late"]) == (True, 2, 1)
    assert (await secretary.post(f"/api/v1/objections/{first}/answer", rejected)).status == 200
    (done,) = (await secretary.get("/api/v1/objections?state=decided")).body["items"]
    assert (done["id"], done["state"], done["answered_by"]) == (first, "rejected", "骆知行")


async def test_an_answer_takes_back_only_what_was_published_and_whoever_answers_had_no_part_in(site: Site) -> None:
    staff, discipline = await site.person(Role.AFFAIRS_STAFF), await site.person(Role.DISCIPLINE_SECRETARY)
    committee, secretary = await site.person(Role.COMMITTEE_SECRETARY), await site.person(Role.BRANCH_SECRETARY)
    member, friend = await site.person(name="封书瑶"), await site.person()
    await put_in_branch(site, "研发党支部", member, friend, secretary)

    async def deducted(by: Person, reviewer: Person, indicator: str) -> str:
        what = {
            "member": member.id,
            "indicator": indicator,
            "day": f"{LAST_YEAR}-03-08",
            "reason": "经查实",
            "evidence": "在档",
        }
        proposal = (await by.post("/api/v1/points/proposals", what)).body["id"]
        assert (await reviewer.post(f"/api/v1/points/proposals/{proposal}/confirm", {"words": ""})).status == 200
        items = (await points(member, f"?year={LAST_YEAR}"))["items"]
        return str(next(each["id"] for each in items if each["indicator"] == indicator))

    veto, absence = await deducted(discipline, committee, "L06"), await deducted(secretary, staff, "Q10")
    address = f"/api/v1/publications/{(await published(staff))['id']}"
    later = await deducted(discipline, committee, "L05")
    said = (await friend.post(f"{address}/objections", {"about": member.id, "text": "有误"})).body["id"]

    async def upheld(who: Person, *rows: str) -> str | None:
        answer = await who.post(f"/api/v1/objections/{said}/answer", {"state": "upheld", "text": "同意", "reverse": rows})
        code: str | None = None if answer.status == 200 else answer.code
        return code

    assert await upheld(secretary, veto) == "standing_too_low"
    assert await upheld(secretary, absence) == "own_matter"
    assert await upheld(staff, absence) == "own_matter"
    assert await upheld(committee, veto) == "own_matter"
    assert await upheld(committee, later) == "not_in_publication"
    assert (await points(member, f"?year={LAST_YEAR}"))["vetoed"] is True
    assert await upheld(committee, absence) is None
