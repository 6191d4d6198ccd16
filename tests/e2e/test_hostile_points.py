"""Hostile texts in what is said about points: proposals, appeals, objections, rules, appraisals, webhooks; and their files."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from server.points import day_of
from server.points.preview import last_quarter
from tests.support.browsing import DESKTOP
from tests.support.hostile import (
    ADMINISTRATOR,
    HOST,
    MARKUP,
    MODERATOR,
    READER,
    SECRETARY,
    TEXTS,
    WRITER,
    House,
    Watched,
    fitting,
    packs,
    running_house,
    to_the_end,
)
from tests.support.hostile_fields import IN_POINTS
from tests.support.wait import until

STAFF = MODERATOR  # of Party affairs as well
V1 = "/api/v1"
ROLES = {
    SECRETARY: ["committee_secretary"],
    HOST: ["red_host", "committee_deputy_secretary"],
    STAFF: ["moderator", "affairs_staff"],
    READER: ["branch_secretary"],
}
MARKS = dict.fromkeys(("de", "neng", "qin", "ji", "lian"), "good")
LAST = last_quarter(day_of(datetime.now(UTC)))[1]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {}) as house:
        yield house


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_nothing_runs_of_what_is_said_about_points(house: House) -> None:
    ids = await _people_are_named(house)
    await _deductions_are_appealed_against(house, ids)
    await _exemptions_are_proposed(house)
    await _rules_are_written(house)
    publication = await _published(house)
    await _objections_are_made(house, ids, publication)
    desk = await house.opens(SECRETARY, "/points/review", size=DESKTOP)
    member = await house.opens(WRITER, "/me/points")
    staff = await house.opens(STAFF, "/staff/webhooks", size=DESKTOP)
    await _review_is_looked_at(desk)
    await _ledgers_are_looked_at(desk)
    await _publication_is_looked_at(member, publication)
    await _appraisal_is_held(house, ids, desk, staff)
    await _webhooks_are_named(house, staff)
    await staff.goes("/moderation/audit", "修改积分规则")
    await _files_are_taken(house, publication)
    await house.check("points")
    assert set(house.taken) >= IN_POINTS


async def _people_are_named(house: House) -> dict[str, str]:
    """Everybody is called harm, and so are their branches; gives the ids of those who sign in."""
    administrator = await house.member(ADMINISTRATOR)
    async with administrator.get(f"{V1}/members?limit=200") as answer:
        ids = {each["mobile"]: each["id"] for each in (await answer.json())["items"]}
    for mobile, roles in ROLES.items():
        async with administrator.put(f"{V1}/members/{ids[mobile]}/roles", json={"roles": roles}) as answer:
            assert answer.status == 200, await answer.text()
    named = [
        (f"{V1}/members/{ids[mobile]}", {"name": name}) for mobile, name in zip([*ROLES, WRITER], fitting(40), strict=False)
    ]
    await house.posts(ADMINISTRATOR, "PATCH", named, "MemberPatch.name")
    async with administrator.get(f"{V1}/branches") as answer:
        branches = [each["id"] for each in (await answer.json())["items"]]
    again = [(f"{V1}/branches/{each}", {"name": name}) for each, name in zip(branches, fitting(60)[10:], strict=False)]
    await house.posts(ADMINISTRATOR, "PATCH", again, "BranchPatch.name")
    people = [
        (f"{V1}/members", {"name": text, "mobile": f"1300000{number:04}", "status": "full"})
        for number, text in enumerate(TEXTS)
    ]
    await house.posts(ADMINISTRATOR, "POST", people[::3], "MemberIn.name")
    return ids


async def _deductions_are_appealed_against(house: House, ids: dict[str, str]) -> None:
    """Proposed by one, confirmed by another or declined with words, appealed against, and answered by a third."""
    texts = packs(500)
    proposals = [
        {"member": ids[WRITER], "indicator": "Q10", "day": LAST.isoformat(), "reason": text, "evidence": other}
        for text, other in zip([*texts, *texts[:6]], cycle(reversed(texts)))
    ]
    made = await house.posts(
        STAFF, "POST", [(f"{V1}/points/proposals", each) for each in proposals], "ProposalIn.reason", "ProposalIn.evidence"
    )
    waiting = [each["id"] for each in made if each is not None]
    assert len(waiting) == len(proposals)
    confirmed, declined = waiting[: len(texts) - 4], waiting[len(texts) - 4 : len(texts)]
    for verb, which in (("confirm", confirmed), ("decline", declined)):
        reviews = [
            (f"{V1}/points/proposals/{each}/{verb}", {"words": words}) for each, words in zip(which, texts, strict=False)
        ]
        await house.posts(SECRETARY, "POST", reviews, "ReviewIn.words")
    async with (await house.member(WRITER)).get(f"{V1}/me/points?limit=200&year={LAST.year}") as answer:
        rows = [each["id"] for each in (await answer.json())["items"]]
    assert len(rows) == len(confirmed)
    appeals = [(f"{V1}/me/points/{each}/appeal", {"text": text}) for each, text in zip(rows, texts, strict=False)]
    said = [each["id"] for each in await house.posts(WRITER, "POST", appeals, "AppealIn.text") if each is not None]
    answers = [
        (f"{V1}/points/appeals/{each}/{verb}", {"words": words})
        for each, words, verb in zip(said[::2], texts, cycle(("uphold", "grant")), strict=False)
    ]
    await house.posts(HOST, "POST", answers, "ReviewIn.words")


async def _exemptions_are_proposed(house: House) -> None:
    staff, texts = await house.member(STAFF), packs(500)
    async with staff.get(f"{V1}/points/people", params={"q": "<"}) as answer:
        people = (await answer.json())["items"]
    house.taken.update(["PeopleQuery.q"])
    assert len(people) == 20
    year = datetime.now(UTC).year
    both = [(each["id"], when) for when in (year, year - 1) for each in people]
    wanted = [{"member": who, "year": when, "reason": text} for (who, when), text in zip(both, texts, strict=False)]
    made = await house.posts(STAFF, "POST", [(f"{V1}/points/exemptions", each) for each in wanted], "ExemptionIn.reason")
    decided = [
        (f"{V1}/points/exemptions/{each['id']}/decline", {"words": words})
        for each, words in zip(made, reversed(texts), strict=False)
        if each is not None
    ]
    await house.posts(SECRETARY, "POST", decided[::2], "ReviewIn.words")


async def _rules_are_written(house: House) -> None:
    """Every indicator under another name from tomorrow on, and again from the day after, until all texts have been one."""
    async with (await house.member(SECRETARY)).get(f"{V1}/points/rules") as answer:
        rules = (await answer.json())["indicators"]
    names, triggers = packs(40), packs(200)
    edits = [
        {**{key: each[key] for key in ("code", "value", "caps")}, "name": name, "trigger": trigger}
        for each, name, trigger in zip(cycle(rules), names, cycle(triggers))
    ]
    written = []
    for number, reason in zip(range(-(-len(edits) // len(rules))), cycle(packs(500))):
        since = day_of(datetime.now(UTC)) + timedelta(days=number + 1)
        some = edits[number * len(rules) : (number + 1) * len(rules)]
        written.append({"since": since.isoformat(), "reason": reason, "indicators": some})
    for each in written:
        (made,) = await house.posts(
            SECRETARY, "POST", [(f"{V1}/points/rules", each)], "RulesIn.reason", "EditIn.name", "EditIn.trigger"
        )
        assert made is not None, each


async def _published(house: House) -> str:
    wanted = {"year": LAST.year, "quarter": (LAST.month + 2) // 3}
    (made,) = await house.posts(STAFF, "POST", [(f"{V1}/publications", wanted)])
    assert made is not None
    one = f"{V1}/publications/{made['id']}"
    staff = await house.member(STAFF)

    async def opened() -> bool:
        async with staff.get(one) as answer:
            return str((await answer.json())["state"]) == "open"

    await until(opened, timeout=30, every=0.1, what="the publication")
    return str(made["id"])


async def _objections_are_made(house: House, ids: dict[str, str], publication: str) -> None:
    texts, one = packs(500, "异议"), f"{V1}/publications/{publication}/objections"
    made: list[Any] = []
    for mobile, part in ((WRITER, texts[:20]), (READER, texts[20:40]), (HOST, texts[40:60])):
        bodies = [
            {"about": ids[WRITER], "text": text, "evidence": other} for text, other in zip(part, reversed(part), strict=True)
        ]
        made += await house.posts(mobile, "POST", [(one, each) for each in bodies], "ObjectionIn.text", "ObjectionIn.evidence")
    answers = [
        (f"{V1}/objections/{each['id']}/answer", {"state": "rejected", "text": text})
        for each, text in zip(made[::2], texts, strict=False)
        if each is not None
    ]
    await house.posts(SECRETARY, "POST", answers, "AnswerIn.text")


async def _review_is_looked_at(desk: Watched) -> None:
    page = desk.page
    for kind in ("加分扣分", "申诉", "不参评"):
        for state in ("待处理", "已处理"):
            await page.get_by_role("radio", name=kind, exact=True).click()
            await page.get_by_role("radio", name=state, exact=True).click()
            await page.locator("ul[aria-busy=false]").get_by_role("article").first.wait_for()
            await to_the_end(desk, "更早的事项")
    await page.get_by_role("button", name="提出不参评").click()
    await page.get_by_label("党员", exact=True).fill(MARKUP[0][:10])
    await desk.check("who is looked for")


async def _ledgers_are_looked_at(desk: Watched) -> None:
    await desk.goes("/points/rules", packs(40)[0])
    await desk.goes("/points/ledger", "支部台账")
    await desk.page.get_by_role("table").get_by_role("button").first.click()
    await desk.check("a member's rows")
    await desk.goes("/publications/objections", "异议001")
    await to_the_end(desk, "更多异议")
    await desk.page.get_by_role("radio", name="已答复", exact=True).click()
    await desk.page.locator("ul[aria-busy=false]").get_by_role("article").first.wait_for()
    await to_the_end(desk, "更多异议")


async def _publication_is_looked_at(member: Watched, publication: str) -> None:
    page = member.page
    if day_of(datetime.now(UTC)).year != LAST.year:
        await page.get_by_label("年份").select_option(label=f"{LAST.year} 年")
    rows = page.get_by_role("button").filter(has_text="无故缺席")
    await rows.first.click()
    await member.check("a row and its appeal")
    await member.goes(f"/publications/{publication}", "异议000")
    await page.get_by_role("searchbox").fill(MARKUP[0][:40])
    await member.check("who is looked for in a publication")
    await member.goes("/publications")


async def _appraisal_is_held(house: House, ids: dict[str, str], desk: Watched, other: Watched) -> None:
    """Three of a branch, who assess themselves, mark one another, are graded, object and are answered."""
    three, day = (SECRETARY, HOST, STAFF), (day_of(datetime.now(UTC)) + timedelta(days=3)).isoformat()
    async with (await house.member(ADMINISTRATOR)).get(f"{V1}/members?limit=200") as answer:
        branch = next(each["branch"] for each in (await answer.json())["items"] if each["id"] == ids[SECRETARY])["id"]
    plan = {"branch": branch, "year": datetime.now(UTC).year, "self_until": day, "peers_until": day}
    (made,) = await house.posts(SECRETARY, "POST", [(f"{V1}/appraisals", plan)])
    assert made is not None
    one, own, page = f"{V1}/appraisals/{made['id']}", f"{V1}/me/appraisals/{made['id']}", f"/appraisals/{made['id']}"
    words = packs(2000)
    for start in range(0, len(words), 3):
        for mobile, text in zip(three, words[start : start + 3], strict=False):
            await house.posts(
                mobile, "PUT", [(f"{own}/self", {"marks": MARKS, "grade": "qualified", "words": text})], "SelfIn.words"
            )
        await _lines_are_opened(desk, page)
    for mobile in three:
        sheet = [{"member": ids[each], "marks": MARKS} for each in three if each != mobile]
        await house.posts(mobile, "POST", [(f"{own}/peers", {"sheet": sheet})])
    await house.posts(SECRETARY, "POST", [(f"{one}/close", {})])
    opinions = packs(500, "意见")
    for start in range(0, len(opinions), 3):
        for mobile, text in zip(three, opinions[start : start + 3], strict=False):
            grader = HOST if mobile != HOST else SECRETARY
            graded = {"grade": "qualified", "opinion": text}
            await house.posts(grader, "PUT", [(f"{one}/members/{ids[mobile]}", graded)], "GradeIn.opinion")
        await _lines_are_opened(desk, page)
    for text in packs(500)[:2]:
        await house.posts(HOST, "POST", [(f"{one}/submit", {})])
        await house.posts(SECRETARY, "POST", [(f"{one}/return", {"text": text})], "WordsIn.text")
        await desk.goes(page, "党委退回")
    await house.posts(HOST, "POST", [(f"{one}/submit", {})])
    await house.posts(SECRETARY, "POST", [(f"{one}/confirm", {})])
    for mobile, text, said in zip(three, opinions, reversed(opinions), strict=False):
        await house.posts(mobile, "POST", [(f"{own}/objection", {"text": text})], "WordsIn.text")
        answerer = SECRETARY if mobile == STAFF else STAFF  # neither oneself nor who has graded
        rejected = {"state": "rejected", "text": said}
        await house.posts(answerer, "POST", [(f"{one}/members/{ids[mobile]}/answer", rejected)], "GradeAnswerIn.text")
    await _lines_are_opened(desk, page)
    await other.goes("/me/appraisal", "意见002")
    for form in ("xlsx", "pdf"):
        async with (await house.member(SECRETARY)).get(f"{one}/result.{form}") as answer:
            assert answer.status == 200


async def _lines_are_opened(desk: Watched, page: str) -> None:
    await desk.goes(page, "已自评")
    lines = desk.page.locator(".sheet li button")
    for number in range(await lines.count()):
        await lines.nth(number).click()
        await desk.page.get_by_role("dialog").wait_for()
        await desk.check(f"line {number} of {page}")
        await desk.page.keyboard.press("Escape")
        await desk.page.get_by_role("dialog").wait_for(state="hidden")


async def _webhooks_are_named(house: House, staff: Watched) -> None:
    names = packs(40, "推送", texts=MARKUP)
    some = [
        {"name": name, "url": f"https://points.example/{number}", "events": ["publication.opened"]}
        for number, name in enumerate(names[:20])
    ]
    made = await house.posts(STAFF, "POST", [(f"{V1}/webhooks", each) for each in some], "EndpointIn.name")
    await staff.goes("/staff/webhooks", "推送000")
    again = [
        (f"{V1}/webhooks/{each['endpoint']['id'] if 'endpoint' in each else each['id']}", {"name": name})
        for each, name in zip(made, names[20:], strict=False)
        if each is not None
    ]
    await house.posts(STAFF, "PATCH", again, "EndpointPatch.name")
    await staff.goes("/staff/webhooks", "推送020")


async def _files_are_taken(house: House, publication: str) -> None:
    """Formulas are words in a workbook, and markup is words on paper."""
    staff, writer, one = await house.member(STAFF), await house.member(WRITER), f"{V1}/publications/{publication}"
    async with staff.get(f"{one}/members", params={"q": MARKUP[0][:40]}) as answer:
        assert answer.status == 200
    house.taken.update(["PublishedQuery.q"])
    for http, path in ((staff, f"{one}/members"), (writer, f"{V1}/me/points")):
        async with http.get(f"{path}.xlsx") as answer:
            book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"], "a formula"
        async with http.get(f"{path}.csv") as answer:
            rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
        assert not [cell for row in rows for cell in row if cell.lstrip().startswith(("=", "+", "@", "＝", "＋", "＠"))]
    async with staff.get(f"{one}/pdf") as answer:
        assert answer.status == 200
        paper = pypdf.PdfReader(io.BytesIO(await answer.read()))
    said = "".join(page.extract_text() for page in paper.pages)
    assert "<script>" in said.replace("\n", "")
