"""The branches' ledgers: in the order of names, the own branch or all of them, and how far each is sealed."""

from datetime import UTC, datetime
from typing import Any

from server.identity import Role
from tests.integration.broadcasts.site import Person, Site
from tests.integration.points.test_proposals import put_in_branch
from tests.integration.points.test_publications import IN_MARCH, IN_MAY, LAST_YEAR, award
from tests.support.wait import until

LEDGER = "/api/v1/points/ledger"


async def test_a_branch_secretary_reads_the_own_branch_by_name_and_the_staff_all_of_them(site: Site) -> None:
    secretary, foreign = await site.person(Role.BRANCH_SECRETARY, name="骆知行"), await site.person(Role.BRANCH_SECRETARY)
    staff, one, other = (
        await site.person(Role.AFFAIRS_STAFF),
        await site.person(name="封书瑶"),
        await site.person(name="陈志远"),
    )
    await put_in_branch(site, "研发党支部", secretary, one, other)
    await put_in_branch(site, "营销党支部", foreign)
    in_march = await award(site, one, "suggestion.adopted", IN_MARCH)
    in_may = await award(site, one, "checkin.fraud.confirmed", IN_MAY)

    async def sealed() -> dict[str, Any] | None:
        (shown,) = (await secretary.get(f"{LEDGER}/branches")).body["items"]
        return shown if shown["waiting"] == 0 else None

    await until(sealed, what="the seal")
    own = await sealed()
    assert own is not None
    assert (own["name"], own["members"], own["number"], len(own["hash"])) == ("研发党支部", 3, 2, 64)
    every = (await staff.get(f"{LEDGER}/branches")).body
    assert {"研发党支部", "营销党支部", "未编入支部"} <= {each["name"] for each in every["items"]}
    assert every["own"] is None

    page = (await secretary.get(f"{LEDGER}/members?branch={own['id']}&year={LAST_YEAR}&limit=2")).body
    rest = (await secretary.get(f"{LEDGER}/members?branch={own['id']}&year={LAST_YEAR}&after={page['next']}")).body
    assert [each["name"] for each in page["items"] + rest["items"]] == ["陈志远", "封书瑶", "骆知行"], "by name, not by points"
    assert {each["name"]: each["score"] for each in page["items"]} == {"陈志远": 600, "封书瑶": 590}
    assert (await foreign.get(f"{LEDGER}/members?branch={own['id']}")).code == "branch_not_found"

    async def rows(by: Person, query: str = "") -> list[str]:
        answer = await by.get(f"{LEDGER}/members/{one.id}?year={LAST_YEAR}{query}")
        assert answer.status == 200, answer.body
        return [each["id"] for each in answer.body["items"]]

    assert await rows(secretary) == [in_may, in_march]
    assert await rows(staff, "&month=3") == [in_march]
    assert await rows(staff, "&aspect=ji") == [in_march]
    assert await rows(staff, "&month=5&aspect=ji") == []
    assert (await foreign.get(f"{LEDGER}/members/{one.id}")).code == "member_not_found"
    assert (await one.get(f"{LEDGER}/branches")).code == "role_needed"


async def test_the_reason_of_a_matter_of_discipline_is_for_fewer_people_than_its_sum(site: Site) -> None:
    secretary, member = await site.person(Role.BRANCH_SECRETARY), await site.person()
    discipline, committee = await site.person(Role.DISCIPLINE_SECRETARY), await site.person(Role.COMMITTEE_SECRETARY)
    await put_in_branch(site, "研发党支部", secretary, member)
    entered = next(
        each["code"] for each in (await discipline.get("/api/v1/points/proposable")).body["items"] if each["kind"] == "deduct"
    )
    what = {
        "member": member.id,
        "indicator": entered,
        "day": datetime.now(UTC).date().isoformat(),
        "reason": "处分决定第 3 号",
        "evidence": "决定书",
    }
    proposal = (await discipline.post("/api/v1/points/proposals", what)).body["id"]
    assert (await committee.post(f"/api/v1/points/proposals/{proposal}/confirm", {"words": ""})).status == 200

    async def reason(by: Person) -> tuple[str, bool]:
        (row,) = (await by.get(f"{LEDGER}/members/{member.id}")).body["items"]
        return row["reason"], row["amount"] < 0

    assert await reason(committee) == ("处分决定第 3 号", True)
    assert await reason(secretary) == ("", True)
