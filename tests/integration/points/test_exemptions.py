"""Who is not compared in a year: proposed by one, confirmed by another, shown on the own page and in the publication."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from server.identity import Role
from tests.integration.broadcasts.site import Answer, Person, Site
from tests.integration.points.test_adopted_answers import points
from tests.integration.points.test_proposals import put_in_branch
from tests.integration.points.test_publications import LAST_YEAR, published

EXEMPTIONS = "/api/v1/points/exemptions"


async def propose(by: Person, member: Person, *, lift: bool = False, year: int = LAST_YEAR) -> Answer:
    return await by.post(EXEMPTIONS, {"member": member.id, "year": year, "reason": "长期病休", "lift": lift})


async def review(by: Person, proposal: Answer, verb: str = "confirm", words: str = "假条在档") -> Answer:
    return await by.post(f"{EXEMPTIONS}/{proposal.body['id']}/{verb}", {"words": words})


async def test_a_second_person_confirms_and_the_year_is_compared_no_more_until_it_is_lifted(site: Site) -> None:
    member, staff = await site.person(name="封书瑶"), await site.person(Role.AFFAIRS_STAFF, name="祝以宁")
    other, third = await site.person(Role.COMMITTEE_SECRETARY), await site.person(Role.AFFAIRS_STAFF)
    assert (await propose(staff, member, year=LAST_YEAR - 1)).code == "year_unfit"
    assert (await propose(staff, member, lift=True)).code == "not_exempt"
    tries = await asyncio.gather(*(propose(each, member) for each in (staff, staff, other)))
    assert sorted(each.status for each in tries) == [201, 409, 409], "one at a time waits"
    (made,) = [each for each in tries if each.status == 201]
    by = made.body["by"]["id"]
    assert (await points(member, f"?year={LAST_YEAR}"))["exempt"] is False
    proposer = next(each for each in (staff, other) if each.id == by)
    assert (await review(proposer, made)).code == "second_person_needed"
    second = other if proposer is staff else staff
    if second is staff:  # proposed by the committee, which a clerk does not confirm
        assert (await review(staff, made)).code == "standing_too_low"
        second = await site.person(Role.COMMITTEE_DEPUTY_SECRETARY)
    answers = await asyncio.gather(*(review(second, made) for _ in range(3)))
    assert [each.status for each in answers] == [200] * 3
    year = await points(member, f"?year={LAST_YEAR}")
    assert (year["exempt"], year["exempt_reason"]) == (True, "长期病休")
    assert (await points(member, f"?year={LAST_YEAR + 1}"))["exempt"] is False
    assert (await propose(third, member)).code == "already_exempt"

    shown = await published(third)

    async def row() -> dict[str, Any]:
        found = (await member.get(f"/api/v1/publications/{shown['id']}/members?q=封书瑶")).body["items"][0]
        return {name: found[name] for name in ("exempt", "score", "band")}

    assert await row() == {"exempt": True, "score": None, "band": None}
    lifted = await propose(third, member, lift=True)
    assert (await review(second, lifted)).status == 200
    assert (await points(member, f"?year={LAST_YEAR}"))["exempt"] is False
    assert (await row())["exempt"], "what was published stays"


async def test_a_branch_secretary_proposes_for_the_own_branch_and_what_is_declined_changes_nothing(site: Site) -> None:
    secretary, deputy = await site.person(Role.BRANCH_SECRETARY), await site.person(Role.BRANCH_DEPUTY_SECRETARY)
    member, foreign = await site.person(), await site.person(Role.BRANCH_SECRETARY)
    await put_in_branch(site, "研发党支部", secretary, deputy, member)
    await put_in_branch(site, "营销党支部", foreign)
    this_year = datetime.now(UTC).year
    assert (await propose(foreign, member)).code == "role_needed"
    assert (await propose(member, member)).code == "role_needed"
    assert (await propose(secretary, secretary)).code == "own_points"
    made = await propose(secretary, member, year=this_year)
    assert (await foreign.get(EXEMPTIONS)).body["items"] == []
    assert [each["id"] for each in (await deputy.get(EXEMPTIONS)).body["items"]] == [made.body["id"]]
    assert (await review(foreign, made)).code == "proposal_not_found"
    assert (await review(deputy, made, "decline", "")).code == "text_empty"
    assert (await review(deputy, made, "decline", "没有假条")).body["state"] == "declined"
    assert (await points(member))["exempt"] is False
    (decided,) = (await secretary.get(f"{EXEMPTIONS}?state=decided")).body["items"]
    assert (decided["words"], decided["reviewer"]["id"]) == ("没有假条", deputy.id)
