"""Tasks: given, read and confirmed once, by whom and which version; who is in charge sees, reminds and registers."""

import asyncio
import io
from datetime import UTC, datetime, timedelta

from openpyxl import load_workbook
from sqlalchemy import func, select, update

from server.core.ids import new_id
from server.identity import Role, Status
from server.points.tables import EntryRow
from server.tasks import TASKS as SERVICE
from server.tasks.tables import TaskBurdenRow, TaskRow
from tests.integration.activities.desk import branch, earned, soon
from tests.integration.broadcasts.site import Site
from tests.integration.tasks.post import TASKS, picture, written


async def test_a_task_is_confirmed_once_from_any_device_and_earns_once(either: Site) -> None:
    post = await written(either, counts_as="pledge")
    member = post.members[0]
    own = (await member.get("/api/v1/me/tasks")).body
    assert (own["waiting"], [each["title"] for each in own["items"]], own["keeps"]) == (1, ["学习安全生产通知"], False)
    seen = await post.look(member)
    answers = await asyncio.gather(*(post.confirm(member, seen) for _ in range(8)))
    assert {each.status for each in answers} == {200}
    assert len({str(each.body["mine"]) for each in answers}) == 1
    mine = answers[0].body["mine"]
    assert (mine["late"], mine["version"], mine["hash"], mine["proxy"]) == (False, 1, seen["hash"], False)
    again = await member.post(f"{post.path}/confirm", {"version": 7, "hash": "0" * 64})
    assert (again.status, again.body["mine"]) == (200, mine)
    async with either.database.reading() as session:
        rows = await session.scalar(select(func.count()).select_from(EntryRow).where(EntryRow.member_id == member.id))
    assert rows == 1
    assert await earned(member) == [("D01", 10)]
    assert (await member.get("/api/v1/me/tasks/waiting")).body == {"waiting": 0}
    assert [(each["name"], each["confirmation"] is not None) for each in await post.people()] == [
        ("林晓", True),
        ("祝以宁", False),
        ("䶮堃", False),
    ]


async def test_what_is_confirmed_is_the_text_on_the_screen_and_which_one_is_kept(either: Site) -> None:
    post = await written(either)
    first, second = post.members
    old = await post.look(first)
    assert (await post.confirm(first, old)).status == 200
    before = await post.look(second)
    changed = await post.write(text="请认真阅读，本周内完成。")
    assert (changed.status, changed.body["version"]) == (200, 2)
    assert (await post.write(due_at=soon(5))).body["version"] == 2, "another deadline is no other text"
    refused = await post.confirm(second, before)
    assert (refused.status, refused.code) == (409, "task_changed")
    assert (await post.confirm(second)).status == 200
    kept = {each["name"]: each["confirmation"] for each in await post.people() if each["confirmation"]}
    assert (kept["林晓"]["version"], kept["林晓"]["hash"]) == (1, old["hash"])
    assert (kept["䶮堃"]["version"], kept["䶮堃"]["hash"]) == (2, changed.body["hash"])
    assert (await first.get(f"{post.path}/versions/1")).body["text"] == old["text"]
    assert (await second.get(f"{post.path}/versions/1")).status == 404
    assert [each["changed"] for each in (await first.get("/api/v1/me/tasks")).body["items"]] == [True]

    assert (await post.secretary.post(f"{post.path}/withdraw", {"reason": " "})).code == "text_empty"
    await post.act("withdraw", {"reason": "发错了文件"})
    assert (await post.look(first))["text"] == "请认真阅读，本周内完成。"
    assert (await post.look(first))["mine"]["hash"] == old["hash"]
    refused = await post.write(text="再改")
    assert (refused.status, refused.code) == (409, "task_over")


async def test_an_attachment_must_have_been_opened(site: Site) -> None:
    post = await written(site, given=False)
    sent = await post.secretary.post(f"{post.path}/files?name=a%2Fb%2F通知.png", picture())
    assert (sent.status, sent.body["name"], sent.body["kind"]) == (200, "通知.png", "jpeg")
    again = await post.secretary.post(f"{post.path}/files?name=通知.png", picture())
    assert again.body["id"] == sent.body["id"]
    spare = await post.secretary.post(f"{post.path}/files?name=备用.png", picture())
    assert (await post.write(files=[sent.body["id"]])).body["version"] == 1
    await post.act("give")
    member, address = post.members[0], f"{post.path}/files/{sent.body['id']}"
    refused = await post.confirm(member)
    assert (refused.status, refused.code) == (409, "attachment_unopened")
    assert (await member.get(f"{post.path}/files/{spare.body['id']}")).status == 404
    opened = await member.get(address)
    assert (opened.status, opened.headers["Content-Type"]) == (200, "image/jpeg")
    assert [each["opened"] for each in (await post.look(member))["files"]] == [True]
    assert (await post.confirm(member)).status == 200
    outsider = await site.person(name="路人")
    assert {(await outsider.get(each)).status for each in (address, post.path, f"{TASKS}/{new_id()}")} == {404}


async def test_being_late_is_marked_and_the_end_is_the_end(site: Site) -> None:
    post = await written(site, counts_as="integrity_pledge")
    late, never = post.members
    seen = await post.look(never)
    async with site.database.transaction() as session:
        await session.execute(update(TaskRow).values(due_at=datetime.now(UTC) - timedelta(hours=1)))
    assert (await post.confirm(late)).body["mine"]["late"] is True
    assert await earned(late) == [("L02", 10)]
    await post.act("close")
    await post.act("close")
    refused = await post.confirm(never, seen)
    assert (refused.status, refused.code) == (409, "task_over")
    assert (await never.get("/api/v1/me/tasks")).body == {"items": [], "waiting": 0, "keeps": False}


async def test_the_person_in_charge_confirms_for_others_never_for_themselves(site: Site) -> None:
    post = await written(site, counts_as="pledge")
    member = post.members[0]
    refused = await post.secretary.post(f"{post.path}/confirmations", {"members": [member.id], "reason": ""})
    assert (refused.status, refused.code) == (400, "text_empty")
    own = {"members": [post.secretary.id, member.id], "reason": "念给他们听了"}
    refused = await post.secretary.post(f"{post.path}/confirmations", own)
    assert (refused.status, refused.code) == (409, "own_confirmation")
    assert (await member.post(f"{post.path}/confirmations", own)).status == 403
    proxy = {"members": [member.id], "reason": "老党员没有手机，当面念过"}
    assert await post.act("confirmations", proxy) == {"confirmed": 1}
    assert await post.act("confirmations", proxy) == {"confirmed": 0}
    mine = (await post.look(member))["mine"]
    assert (mine["proxy"], mine["by"], mine["reason"]) == (True, "祝以宁", "老党员没有手机，当面念过")
    assert await earned(member) == [("D01", 10)]

    mistake = {"member": member.id, "reason": "登记错了人"}
    for _ in range(2):
        await post.act("confirmations/take-back", mistake)
    assert (await post.look(member))["mine"] is None
    assert await earned(member) == [("D01", -10), ("D01", 10)]
    assert (await post.confirm(member)).status == 200
    assert [amount for _, amount in await earned(member)] == [10, -10, 10]
    refused = await post.secretary.post(f"{post.path}/confirmations/take-back", mistake)
    assert (refused.status, refused.code) == (409, "confirmed_in_person")


async def test_the_committee_gives_to_several_branches_and_each_sees_its_own(either: Site) -> None:
    post = await written(either)
    other = await either.person(Role.BRANCH_SECRETARY, name="封书瑶")
    far = await branch(either, "西北党支部", other, await either.person(name="=HYPERLINK(1)"))
    refused = await other.post(TASKS, {"title": "甲", "text": "乙", "due_at": soon(), "branches": [post.branch]})
    assert (refused.status, refused.code) == (403, "organiser_needed")
    staff = await either.person(Role.AFFAIRS_STAFF, name="党务", status=Status.EMPLOYEE)
    task = {"title": "学习通知", "text": "全文", "due_at": soon(), "branches": [post.branch]}
    made = (await staff.post(TASKS, task)).body
    path = f"{TASKS}/{made['id']}"
    assert (await other.get(path)).status == 404
    assert (await staff.post(f"{path}/give")).body["people"] == 3
    fewer = await staff.send("PUT", path, {**task, "branches": [far]})
    assert (fewer.status, fewer.code) == (400, "terms_settled")
    assert (await staff.send("PUT", path, {**task, "branches": [post.branch, far]})).body["people"] == 5
    assert {each["branch_name"] for each in (await other.get(f"{path}/people")).body["items"]} == {"西北党支部"}
    assert (await other.get(path)).body["people"] == 2
    assert (await other.post(f"{path}/close")).status == 403
    foreign = {"members": [post.members[0].id], "reason": "不是本支部的"}
    assert (await other.post(f"{path}/confirmations", foreign)).status == 404
    assert (await other.post(f"{path}/remind")).body == {"reminded": 2, "lately": 0}
    assert (await staff.post(f"{path}/remind")).body == {"reminded": 3, "lately": 2}
    listed = (await other.get(TASKS)).body["items"]
    assert [(each["title"], each["people"], each["runs"]) for each in listed] == [("学习通知", 2, False)]
    assert (await post.members[0].get(TASKS)).body["items"] == []

    sheet = await staff.get(f"{path}/people.xlsx")
    rows = list(load_workbook(io.BytesIO(sheet.raw))["名单"].iter_rows(values_only=True))
    assert len(rows) == 6
    assert "=HYPERLINK(1)" in {row[1] for row in rows}, "a name stays a text"

    newcomer = await either.person(name="新来的")
    await branch(either, "新支部", newcomer)
    assert (await newcomer.get(path)).status == 404
    whole = await staff.post(TASKS, {"title": "全体", "text": "全文", "due_at": soon(), "whole": True})
    assert (await staff.post(f"{TASKS}/{whole.body['id']}/give")).body["people"] == 6
    late = await either.person(name="后来的")
    await either.server.app[SERVICE].ask_newcomers()
    assert (await late.get("/api/v1/me/tasks")).body["waiting"] == 1


async def test_drafts_are_for_those_who_write_them_and_can_be_thrown_away(site: Site) -> None:
    post = await written(site, given=False, text="")
    assert (await post.members[0].get(post.path)).status == 404
    empty = await post.secretary.post(f"{post.path}/give")
    assert (empty.status, empty.code) == (400, "content_needed")
    past = await post.write(due_at="2020-01-01T00:00:00Z")
    assert (past.status, past.code) == (400, "due_invalid")
    assert (await post.secretary.send("DELETE", post.path)).status == 204
    assert (await post.secretary.get(post.path)).status == 404
    key = {"Idempotency-Key": new_id()}
    task = {"title": "甲", "text": "乙", "due_at": soon(), "branches": [post.branch]}
    made = [await post.secretary.post(TASKS, task, headers=key) for _ in range(2)]
    assert made[0].body["id"] == made[1].body["id"]
    given = made[0].body["id"]
    assert (await post.secretary.post(f"{TASKS}/{given}/give")).status == 200
    assert (await post.secretary.send("DELETE", f"{TASKS}/{given}")).code == "task_given"


async def test_too_much_reaches_the_committee_without_a_name(site: Site) -> None:
    post = await written(site)
    for member in (*post.members, post.members[0]):
        assert (await member.post(f"{post.path}/burden")).status == 204
    assert (await post.look(post.members[0]))["burdened"] is True
    staff = await site.person(Role.COMMITTEE_SECRETARY)
    assert (await staff.get("/api/v1/task-burdens")).body["items"] == [], "or whoever was there a minute ago has said it"
    async with site.database.transaction() as session:
        await session.execute(update(TaskBurdenRow).values(at=datetime.now(UTC) - timedelta(days=1)))
    [burden] = (await staff.get("/api/v1/task-burdens")).body["items"]
    assert (burden["title"], burden["people"]) == ("学习安全生产通知", 2)
    assert (await post.members[0].get("/api/v1/task-burdens")).status == 403
