"""A branch's year is appraised: oneself, the others in secret, the branch, the committee, an objection."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from server.core.ids import new_id
from server.identity import Role, Status
from server.identity.tables import BranchRow, MemberRow
from server.points.tables import AppraisalRow
from tests.integration.broadcasts.site import Answer, Person, Site, running_site
from tests.support.broadcasts import NOW

ASPECTS = ("de", "neng", "qin", "ji", "lian")
YEAR = datetime.now(UTC).year
DAY = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
PAST = (datetime.now(UTC) - timedelta(days=2)).date()


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {"DATABASE_URL": database_url}) as site:
        yield site


async def settled(site: Site, *people: Person) -> str:
    branch_id = new_id()
    async with site.database.transaction() as session:
        session.add(BranchRow(id=branch_id, name="研发党支部", city="广州", created_at=NOW))
        await session.flush()
        await session.execute(
            update(MemberRow).where(MemberRow.id.in_([each.id for each in people])).values(branch_id=branch_id)
        )
    site.identity.sessions.forget()
    return branch_id


async def opened(by: Person, branch: str) -> str:
    answer = await by.post("/api/v1/appraisals", {"branch": branch, "year": YEAR, "self_until": DAY, "peers_until": DAY})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def marks(mark: str) -> dict[str, str]:
    return dict.fromkeys(ASPECTS, mark)


async def own(person: Person) -> dict[str, Any]:
    (found,) = (await person.get("/api/v1/me/appraisals")).body["items"]
    return dict(found)


async def send(person: Person, one: str, mark: str = "good") -> Answer:
    sheet = [{"member": each["id"], "marks": marks(mark)} for each in (await own(person))["others"]]
    return await person.post(f"/api/v1/me/appraisals/{one}/peers", {"sheet": sheet})


async def test_from_the_first_word_to_the_answered_objection(site: Site) -> None:
    secretary = await site.person(Role.BRANCH_SECRETARY, name="祝以宁")
    members = [await site.person(name=name) for name in ("单予安", "封书瑶", "陈志远", "骆知行")]
    young = await site.person(name="许小满", status=Status.PROBATIONARY)
    staff, chief = await site.person(Role.AFFAIRS_STAFF), await site.person(Role.COMMITTEE_SECRETARY)
    foreign = await site.person(Role.BRANCH_SECRETARY)
    branch = await settled(site, secretary, *members, young)
    one = await opened(secretary, branch)
    path = f"/api/v1/appraisals/{one}"
    again = {"branch": branch, "year": YEAR, "self_until": DAY, "peers_until": DAY}
    assert (await secretary.post("/api/v1/appraisals", again)).code == "appraisal_exists"
    assert (await foreign.get(path)).status == 404
    assert (await foreign.post("/api/v1/appraisals", again)).code == "branch_not_found"
    assert (await members[0].get(path)).status == 403

    assess = {"marks": marks("fair"), "grade": "qualified", "words": "认真履职，按时参加组织生活"}
    assert (await young.send("PUT", f"/api/v1/me/appraisals/{one}/self", assess)).status == 204
    assert (await young.send("PUT", f"/api/v1/me/appraisals/{one}/self", assess | {"marks": {}})).code == "marks_missing"
    assert (await send(young, one)).code == "no_vote"

    assert (await send(members[0], one, "poor")).status == 204
    assert (await send(members[0], one, "good")).code == "already_marked"
    assert (await secretary.post(f"{path}/close")).code == "still_open"
    halfway = (await secretary.get(path)).body
    assert {each["name"]: each["took_part"] for each in halfway["lines"]} == {
        "单予安": True, "封书瑶": False, "陈志远": False, "骆知行": False, "祝以宁": False, "许小满": None,
    }  # fmt: skip
    assert all(each["tally"] is None for each in halfway["lines"]), "nothing before it is over"
    answers = await asyncio.gather(*(send(each, one) for each in (*members[1:], secretary) for _ in range(2)))
    assert sorted(each.status for each in answers) == [204] * 4 + [409] * 4, "each counts once"

    sheet = (await secretary.post(f"{path}/close")).body
    line = {each["name"]: each for each in sheet["lines"]}
    assert line["封书瑶"]["tally"]["de"] == {"good": 3, "fair": 0, "plain": 0, "poor": 1}
    assert line["许小满"]["raters"] == 5
    assert (sheet["graded"], sheet["most"]) == (5, 1)
    assert (await send(members[0], one)).code in ("already_marked", "appraisal_over")

    ids = {each["name"]: each["member"] for each in sheet["lines"]}
    grade = {"grade": "qualified", "opinion": "表现良好"}

    def member(name: str) -> str:
        return f"{path}/members/{ids[name]}"

    assert (await secretary.send("PUT", member("祝以宁"), grade)).code == "own_matter"
    assert (await secretary.send("PUT", member("许小满"), grade)).code == "not_gradable"
    assert (await secretary.post(f"{path}/submit")).code == "grades_missing"
    for name in ("单予安", "封书瑶", "陈志远", "骆知行"):
        assert (await secretary.send("PUT", member(name), grade)).status == 200
    assert (await staff.send("PUT", member("祝以宁"), grade)).status == 200
    assert (await secretary.post(f"{path}/submit")).body["appraisal"]["state"] == "submitted"
    assert (await own(members[0]))["grade"] is None, "told only when it is confirmed"
    assert (await staff.post(f"{path}/confirm")).code == "role_needed"
    assert (await chief.post(f"{path}/return", {"text": "陈志远同志的意见请写具体"})).body["appraisal"]["state"] == "grading"
    assert (await secretary.send("PUT", member("陈志远"), grade | {"opinion": "带队完成技改"})).status == 200
    await secretary.post(f"{path}/submit")
    assert (await chief.post(f"{path}/confirm")).body["appraisal"]["state"] == "confirmed"

    mine = await own(members[0])
    assert (mine["grade"], mine["opinion"], mine["may_object"]) == ("qualified", "表现良好", True)
    assert (await members[0].post(f"/api/v1/me/appraisals/{one}/objection", {"text": "漏了志愿服务"})).status == 204
    assert (await members[0].post(f"/api/v1/me/appraisals/{one}/objection", {"text": "再说一次"})).code == "already_objected"
    answer = {"state": "upheld", "text": "补上了", "grade": "excellent"}
    assert (await secretary.post(f"{member('单予安')}/answer", answer)).code == "role_needed"
    assert (await staff.post(f"{member('单予安')}/answer", answer)).status == 200
    assert ((await own(members[0]))["grade"], (await own(members[0]))["objection_state"]) == ("excellent", "upheld")

    book, paper = await staff.get(f"{path}/result.xlsx"), await staff.get(f"{path}/result.pdf")
    assert (book.raw[:2], paper.raw[:5]) == (b"PK", b"%PDF-")
    summary = (await chief.get("/api/v1/appraisals")).body["items"][0]
    assert (summary["members"], summary["voters"], summary["raters"], summary["objections"]) == (6, 5, 5, 0)


async def test_what_is_kept_does_not_tell_who_marked_whom(site: Site) -> None:
    members = [await site.person(name=f"同志{number}") for number in range(3)]
    secretary = await site.person(Role.BRANCH_SECRETARY)
    one = await opened(secretary, await settled(site, secretary, *members))
    assert (await send(members[0], one, "poor")).status == 204
    assert (await send(members[1], one, "good")).status == 204
    async with site.database.reading() as session:
        raters = [dict(row) for row in (await session.execute(text("SELECT * FROM appraisal_raters"))).mappings()]
        tallies = (await session.execute(text("SELECT about_id, good, fair, plain, poor FROM appraisal_tallies"))).all()
        audited = await session.scalar(
            text("SELECT count(*) FROM audit WHERE act <> 'appraisal.opened' AND target = 'appraisal'")
        )
        keys = await session.scalar(text("SELECT count(*) FROM idempotency_keys"))
    assert all(set(row) == {"appraisal_id", "member_id"} for row in raters), "not even when"
    assert {row["member_id"] for row in raters} == {each.id for each in members[:2]}
    by_member = {row[0]: tuple(row[1:]) for row in tallies}
    assert by_member == {
        members[0].id: (1, 0, 0, 0), members[1].id: (0, 0, 0, 1), members[2].id: (1, 0, 0, 1), secretary.id: (1, 0, 0, 1),
    }  # fmt: skip
    assert (audited, keys) == (0, 0)
    # Over, and only two have marked: nothing is shown.
    async with site.database.transaction() as session:
        await session.execute(update(AppraisalRow).values(self_until=PAST, peers_until=PAST))
    assert (await send(members[2], one)).code == "appraisal_over"
    sheet = (await secretary.post(f"/api/v1/appraisals/{one}/close")).body
    assert sheet["appraisal"]["state"] == "grading"
    assert all(each["tally"] is None and each["raters"] is None for each in sheet["lines"])


async def test_the_last_excellent_given_twice_at_once_is_given_once(site: Site) -> None:
    members = [await site.person(name=f"同志{number}") for number in range(6)]
    staff = await site.person(Role.AFFAIRS_STAFF)
    one = await opened(staff, await settled(site, *members))
    async with site.database.transaction() as session:
        await session.execute(update(AppraisalRow).values(state="grading"))
    paths = [f"/api/v1/appraisals/{one}/members/{each.id}" for each in members]
    answers = await asyncio.gather(*(staff.send("PUT", path, {"grade": "excellent", "opinion": "突出"}) for path in paths))
    assert sorted(each.status for each in answers) == [200, 200, 409, 409, 409, 409]
    refused = next(each for each in answers if each.status == 409)
    assert (refused.code, refused.body["most"]) == ("too_many_excellent", 2)
    assert "最多 2 人" in refused.body["detail"]
