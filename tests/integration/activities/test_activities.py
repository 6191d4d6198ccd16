"""Who sees and runs an activity, whom it expects, and the calendar."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from server.activities.tables import BurdenRow
from server.core.ids import new_id
from server.identity import Role, Status
from server.points import day_of
from tests.integration.activities.desk import ACTIVITIES, arranged, branch, crowd, soon
from tests.integration.broadcasts.site import Site

PLAN = {"kind": "general", "title": "第三季度支部党员大会", "starts_at": soon()}


async def test_a_branchs_activity_is_its_own(site: Site) -> None:
    secretary, member = await site.person(Role.BRANCH_SECRETARY), await site.person()
    probationary = await site.person(status=Status.PROBATIONARY)
    employee, stranger = await site.person(status=Status.EMPLOYEE), await site.person(Role.BRANCH_SECRETARY)
    home = await branch(site, "生产第一党支部", secretary, member, probationary, employee)
    other = await branch(site, "西北党支部", stranger)
    made = (await secretary.post(ACTIVITIES, PLAN)).body
    assert (made["branch_id"], made["branch_name"]) == (home, "生产第一党支部")
    assert made["expected"] == 3, "its Party members, the probationary too"
    path = f"{ACTIVITIES}/{made['id']}"
    assert (await member.get(path)).body["mine"]["expected"]
    missing = await stranger.get(f"{ACTIVITIES}/{new_id()}")
    for person, method, target in (
        (stranger, "GET", path),
        (stranger, "POST", f"{path}/signup"),
        (stranger, "POST", f"{path}/open"),
    ):
        answer = await person.send(method, target)
        assert (answer.status, answer.code) == (404, missing.code)
    assert [each["id"] for each in (await member.get(ACTIVITIES)).body["items"]] == [made["id"]]
    assert (await stranger.get(ACTIVITIES)).body["items"] == []
    refused = await member.post(f"{path}/open")
    assert (refused.status, refused.code) == (403, "organiser_needed")
    for person, target in ((member, home), (stranger, home), (secretary, other)):
        refused = await person.post(ACTIVITIES, {**PLAN, "branch_id": target})
        assert (refused.status, refused.code) == (403, "organiser_needed")
    staff = await site.person(Role.AFFAIRS_STAFF)
    assert (await staff.post(ACTIVITIES, {**PLAN, "branch_id": other})).status == 201
    assert (await staff.post(f"{path}/open")).status == 200
    invited = {"add": [stranger.id], "remove": [probationary.id]}
    assert (await secretary.post(f"{path}/expected", invited)).status == 204
    assert (await stranger.get(path)).body["expected"] == 3


async def test_a_draft_is_for_those_who_run_it(site: Site) -> None:
    desk, member = await arranged(site, draft=True), await site.person()
    assert (await member.get(desk.path)).status == 404
    assert (await member.get(ACTIVITIES)).body["items"] == []
    assert (await desk.look())["expected"] == 0
    for _ in range(2):
        assert (await desk.act("announce"))["state"] == "announced"
    assert (await member.get(desk.path)).body["mine"]["expected"]
    assert (await desk.look())["expected"] == 2


async def test_the_same_request_again_makes_no_second_activity(site: Site) -> None:
    organiser = await site.person(Role.ORGANISER)
    key = {"Idempotency-Key": new_id()}
    answers = [await organiser.post(ACTIVITIES, PLAN, headers=key) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len((await organiser.get(ACTIVITIES)).body["items"]) == 1


async def test_plans_that_do_not_hold_together_are_refused(site: Site) -> None:
    organiser = await site.person(Role.ORGANISER)
    for changes, code in (
        ({"ends_at": soon(-3)}, "times_invalid"),
        ({"cancel_until": soon(99)}, "times_invalid"),
        ({"topic": "integrity"}, "topic_invalid"),
        ({"broadcast": new_id()}, "broadcast_unknown"),
        ({"branch_id": new_id()}, "branch_unknown"),
        ({"title": " \u200b "}, "text_empty"),
        ({"kind": "party"}, "body_invalid"),
    ):
        answer = await organiser.post(ACTIVITIES, {**PLAN, **changes})
        assert (answer.status, answer.code) == (400, code)


async def test_the_calendar_has_what_concerns_its_member_and_no_session_is_needed(site: Site) -> None:
    desk, member = await arranged(site, place="广州，河涌边"), await site.person(name="后来的人")
    seats = await arranged(site, seats=3, title="暖冬衣物分拣")
    url = (await member.get("/api/v1/me/calendar")).body["url"]
    path = url[url.index("/api/") :]
    visitor = await site.visitor()
    assert "护河净滩" not in (await visitor.get(path)).raw.decode(), "they came after it was announced"
    await desk.act("expected", {"add": [member.id]})
    text = (await visitor.get(path)).raw.decode()
    assert "SUMMARY:主题党日：护河净滩" in text
    assert "暖冬" not in text
    await member.post(f"{seats.path}/signup")
    await desk.act("cancel")
    text = (await visitor.get(path)).raw.decode()
    assert "暖冬" in text
    assert "STATUS:CANCELLED" in text
    missing = await visitor.get(path.replace(".ics", "0.ics"))
    assert missing.status == 404
    renewed = [(await member.post("/api/v1/me/calendar/renew")).body["url"] for _ in range(2)]
    assert (await member.get("/api/v1/me/calendar")).body["url"] == renewed[1]
    for old in (path, renewed[0][renewed[0].index("/api/") :]):
        answer = await visitor.get(old)
        assert (answer.status, answer.code) == (404, missing.code), "an address that was renewed is none any more"
    assert (await visitor.get(renewed[1][renewed[1].index("/api/") :])).status == 200


async def test_too_much_is_counted_without_names(site: Site) -> None:
    desk, staff, member = await arranged(site), await site.person(Role.AFFAIRS_STAFF), await site.person()
    for _ in range(2):
        assert (await member.post(f"{desk.path}/burden")).status == 204
    assert (await desk.look(member))["burdened"]
    await crowd(site, 1)
    assert (await staff.get("/api/v1/activity-burdens")).body["items"] == [], "or whoever was there a minute ago has said it"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with site.database.transaction() as session:
        await session.execute(update(BurdenRow).values(at=yesterday))
    (shown,) = (await staff.get("/api/v1/activity-burdens")).body["items"]
    assert (shown["id"], shown["people"]) == (desk.id, 1)
    assert "林晓" not in str(shown)
    assert member.id not in str(shown)
    assert shown["last_day"] == day_of(yesterday).isoformat()
    assert [name for name in shown if name.endswith("_at")] == ["starts_at"], "the day, not the minute"
    assert (await desk.organiser.get("/api/v1/activity-burdens")).status == 403


async def test_a_broadcast_tells_what_it_belongs_to_as_far_as_one_may_see_it(site: Site) -> None:
    host, member = await site.host(), await site.person()
    broadcast = await host.schedule()
    desk = await arranged(site, broadcast=broadcast["id"])
    drafted = await arranged(site, broadcast=broadcast["id"], draft=True)
    path = f"/api/v1/broadcasts/{broadcast['id']}/activities"
    assert [each["id"] for each in (await member.get(path)).body["items"]] == [desk.id]
    assert [each["id"] for each in (await drafted.organiser.get(path)).body["items"]] == [desk.id, drafted.id]
    await desk.act("cancel")
    assert (await member.get(path)).body["items"] == []
    assert (await member.get(f"/api/v1/broadcasts/{new_id()}/activities")).status == 404


async def test_people_of_other_branches_are_found_by_name_and_expected(site: Site) -> None:
    organiser = await site.person(Role.BRANCH_SECRETARY, name="祝以宁")
    await branch(site, "生产第一党支部", organiser)
    guest, other = await site.person(name="封书瑶"), await site.person(name="封一诺")
    far = await branch(site, "西北党支部", guest, other)
    plan = {"kind": "talk", "title": "谈心谈话", "starts_at": soon()}
    path = f"{ACTIVITIES}/{(await organiser.post(ACTIVITIES, plan)).body['id']}"
    found = (await organiser.get("/api/v1/people?q=书瑶")).body["items"]
    assert [(each["id"], each["branch_name"]) for each in found] == [(guest.id, "西北党支部")]
    assert (await organiser.get("/api/v1/people?q=138")).body["items"] == [], "nobody is found by a number"
    assert (await guest.get(path)).status == 404
    assert (await organiser.post(f"{path}/expected", {"add": [guest.id]})).status == 204
    assert (await guest.get(path)).body["mine"]["expected"] is True
    refused = await organiser.post(f"{path}/expected", {"branches": [far]})
    assert (refused.status, refused.code) == (403, "organiser_needed")
    staff = await site.person(Role.AFFAIRS_STAFF)
    assert (await staff.post(f"{path}/expected", {"branches": [far]})).status == 204
    assert (await other.get(path)).body["mine"]["expected"] is True
