"""A quarter's points are frozen, published by branch in the order of names, objected to, answered, corrected by reversal."""

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.audit import Audit
from server.core.errors import Conflict
from server.core.ids import new_id
from server.identity import Identity, IdentitySettings, Member, Role, Status
from server.identity.tables import BranchRow, MemberRow
from server.points import LEDGER, Cause, Objecting, Publishing, publication_store
from server.points import publishing as publishing_module
from server.points.model import Aspect, Sum, score
from server.points.objecting_model import ObjectionState
from server.points.publication import PublicationState
from server.points.sealing import examine
from server.points.tables import EntryRow
from tests.integration.broadcasts.site import Person, Site
from tests.integration.points.test_adopted_answers import points
from tests.support.clock import ManualClock
from tests.support.ledger.town import Town, some_cause, town
from tests.support.wait import until

LAST_YEAR = datetime.now(UTC).year - 1
IN_MARCH = datetime(LAST_YEAR, 3, 8, 4, tzinfo=UTC)
IN_MAY = datetime(LAST_YEAR, 5, 8, 4, tzinfo=UTC)


async def award(site: Site, person: Person, event: str, at: datetime) -> str:
    async with site.database.transaction() as session:
        [credit] = await site.server.app[LEDGER].award(session, [Cause(person.id, event, new_id(), at, title="一件事")])
    assert credit is not None
    return credit.entry.id


async def published(staff: Person, quarter: int = 1) -> dict[str, Any]:
    answer = await staff.post("/api/v1/publications", {"year": LAST_YEAR, "quarter": quarter})
    assert answer.status == 201, answer.body

    async def is_open() -> bool:
        return bool((await staff.get(f"/api/v1/publications/{answer.body['id']}")).body["state"] == "open")

    await until(is_open, timeout=10, what="the publication")
    shown: dict[str, Any] = (await staff.get(f"/api/v1/publications/{answer.body['id']}")).body
    return shown


async def test_a_wrong_row_is_objected_to_and_corrected_by_reversal_while_the_publication_stays(site: Site) -> None:
    staff = await site.person(Role.AFFAIRS_STAFF, name="骆知行")
    one, other = await site.person(name="封书瑶"), await site.person(name="陈志远")
    right = await award(site, one, "suggestion.adopted", IN_MARCH)
    wrong = await award(site, one, "checkin.fraud.confirmed", IN_MARCH)
    await award(site, one, "suggestion.adopted", IN_MAY)
    shown = await published(staff)
    await award(site, other, "suggestion.adopted", IN_MARCH)  # too late for it
    address = f"/api/v1/publications/{shown['id']}"
    again = await staff.post("/api/v1/publications", {"year": LAST_YEAR, "quarter": 1})
    assert again.body["id"] == shown["id"]

    page = (await other.get(f"{address}/members")).body
    assert [each["name"] for each in page["items"]] == ["陈志远", "封书瑶", "骆知行"], "in the order of names"
    assert {each["name"]: each["score"] for each in page["items"]} == {"陈志远": 600, "封书瑶": 590, "骆知行": 600}
    first = (await other.get(f"{address}/members?limit=1")).body
    assert (await other.get(f"{address}/members?limit=2&after={first['next']}")).body["items"] == page["items"][1:]
    assert (shown["branches"][0]["number"], len(shown["branches"][0]["hash"])) == (3, 64)
    found = (await other.get(f"{address}/members?q=书")).body["items"]
    assert [each["name"] for each in found] == ["封书瑶"]
    assert (await other.get(f"{address}/members?q=%25")).body["items"] == []
    own = (await one.get(f"{address}/members/{one.id}")).body
    assert (own["shown"], {each["id"] for each in own["items"]}) == (True, {right, wrong}), "and not what came in May"
    assert (await staff.get(f"{address}/members/{one.id}")).body["shown"]
    strange = (await other.get(f"{address}/members/{one.id}")).body
    assert (strange["shown"], strange["items"], strange["row"]["score"]) == (False, [], 590), "of others the sums alone"

    said = await one.post(
        f"{address}/objections", {"about": one.id, "text": "那天我在车间", "evidence": "有班组长作证", "entry": wrong}
    )
    assert said.status == 201, said.body
    assert (said.body["row"]["id"], said.body["evidence"], said.body["mine"]) == (wrong, "有班组长作证", True)
    foreign = {"about": one.id, "text": "他那天不在", "entry": wrong}
    assert (await other.post(f"{address}/objections", foreign)).code == "entry_not_found", "whose rows one does not see"
    objection = f"/api/v1/objections/{said.body['id']}/answer"
    answer = {"state": "upheld", "text": "经核实，班组长证明属实", "reverse": [wrong]}
    assert (await one.post(objection, answer)).code in ("not_yours", "own_matter")
    assert (await other.post(objection, answer)).status == 404
    assert (await other.get(f"{address}/objections")).body["items"] == []
    assert (await staff.post(objection, {**answer, "reverse": [new_id()]})).status == 404
    answers = await asyncio.gather(*(staff.post(objection, answer) for _ in range(5)))
    assert sorted(each.status for each in answers) == [200, 409, 409, 409, 409]

    (mine,) = (await one.get(f"{address}/objections")).body["items"]
    assert (mine["state"], mine["answer"], mine["corrections"]) == ("upheld", "经核实，班组长证明属实", [wrong])
    year = await points(one, f"?year={LAST_YEAR}")
    assert (year["score"], year["items"][0]["reverses"]) == (620, wrong)
    assert right in [each["id"] for each in year["items"]]
    assert (await other.get(f"{address}/members")).body == page, "what was published stays"


async def test_after_five_working_days_nothing_more_can_be_said(database_url: str) -> None:
    clock = ManualClock(datetime(2026, 4, 1, 4, tzinfo=UTC))
    async with town(database_url, clock, people=4) as here, publishing_in(here, clock) as (publishing, objecting):
        secretary, member = _member(here.members[0], Role.COMMITTEE_SECRETARY), _member(here.members[1])
        made = await publishing.make(secretary, 2026, 1)
        assert [each.state for each in await publishing.seen(member)] == []
        await publishing.work()
        (shown,) = await publishing.seen(member)
        # 清明节 is a holiday: from the 4th to the 6th of April.
        assert (shown.state, str(shown.closes_on), shown.prepared) == (PublicationState.OPEN, "2026-04-09", 3)
        clock.advance(8 * 86_400)
        await publishing.work()
        objection = await objecting.object(member, made.id, member.id, "少记了一次")
        clock.advance(86_400)
        with pytest.raises(Conflict, match="公示期已过"):
            await objecting.object(member, made.id, member.id, "又少记了一次")
        await publishing.work()
        (shown,) = await publishing.seen(member)
        assert shown.state is PublicationState.CLOSED
        answered = await objecting.answer(secretary, objection.id, ObjectionState.REJECTED, "核对无误")
        assert answered.state is ObjectionState.REJECTED
        assert [each async for each in examine(here.database, clock)] == []


async def test_what_is_credited_while_it_is_prepared_is_not_in_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing_module, "_AT_ONCE", 3)
    clock, chance = ManualClock(datetime(2026, 4, 1, 4, tzinfo=UTC)), random.Random(11)
    async with town(database_url, clock, people=20) as here, publishing_in(here, clock) as (publishing, _):
        numbers = itertools.count()

        async def credit_some(count: int) -> None:
            made = await here.award(*(some_cause(chance, here.members, next(numbers)) for _ in range(count)))
            for each in made:
                if each is not None and chance.random() < 0.2:
                    await here.reverse(each)

        await credit_some(300)
        made = await publishing.make(_member(here.members[0], Role.COMMITTEE_SECRETARY), 2026, 1)
        expected = {each: sums for each, sums in (await _added_up(here, made.until)).items() if each in here.members[:-1]}
        moved = False
        while await publishing._prepare_some(made.id):
            if not moved:  # to a branch whose chain had not begun
                await _found_a_branch_with(here, here.members[1:-1])
                moved = True
            await credit_some(30)
            await here.sealer.seal()
            await credit_some(10)
        async with here.database.reading() as session:
            rows = [await publication_store.member(session, made.id, each) for each in here.members[:-1]]
        assert [(each.score, each.vetoed, each.deducted) for each in rows if each is not None] == [
            (score(made.scale, sums), any(each.vetoes for each in sums.values()), sum(each.deducted for each in sums.values()))
            for sums in (expected.get(each, {}) for each in here.members[:-1])
        ]
        assert await _added_up(here, made.until) != expected


async def _added_up(here: Town, until: date) -> dict[str, dict[Aspect, Sum]]:
    """Row by row."""
    found: dict[str, dict[Aspect, Sum]] = defaultdict(lambda: defaultdict(Sum))
    async with here.database.reading() as session:
        for row in await session.scalars(select(EntryRow)):
            if row.year == until.year and row.day <= until:
                sums, vetoes = found[row.member_id], 0 if row.kind != "veto" else -1 if row.reverses else 1
                awarded, deducted = (row.amount if row.kind == kind else 0 for kind in ("award", "deduct"))
                sums[Aspect(row.aspect)] = sums[Aspect(row.aspect)].less(Sum(-awarded, -deducted, -vetoes))
    return found


async def _found_a_branch_with(here: Town, members: list[str]) -> None:
    async with here.database.transaction() as session:
        branch = BranchRow(id=new_id(), name="新建党支部", city="广州", created_at=datetime(2026, 4, 1, tzinfo=UTC))
        session.add(branch)
        await session.flush()
        await session.execute(update(MemberRow).where(MemberRow.id.in_(members)).values(branch_id=branch.id))


async def test_a_year_without_announced_holidays_falls_back_to_weekdays_and_says_so(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2099, 4, 1, 4, tzinfo=UTC))
    async with town(f"sqlite:///{tmp_path}/x.db", clock, people=3) as here, publishing_in(here, clock) as (publishing, _):
        await publishing.make(_member(here.members[0], Role.AFFAIRS_STAFF), 2099, 1)
        await publishing.work()
        (shown,) = await publishing.seen(_member(here.members[0]))
        assert (str(shown.closes_on), shown.deadline_sure) == ("2099-04-08", False)


def _member(member_id: str, *roles: Role) -> Member:
    return Member(member_id, "甲", None, None, Status.FULL, frozenset(roles), "test")


@asynccontextmanager
async def publishing_in(here: Town, clock: ManualClock) -> AsyncIterator[tuple[Publishing, Objecting]]:
    identity = Identity(here.database, IdentitySettings(), clock, b"secret")
    audit = Audit(here.database, clock)
    try:
        publishing = Publishing(here.database, identity, here.rulebook, here.sealer, audit, here.outbox, clock)
        yield publishing, Objecting(here.database, publishing, here.rulebook, here.ledger, audit, clock)
    finally:
        await identity.aclose()
