"""Lists: who is shown what, in which order, page by page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from server.broadcasts import Recording, State
from server.identity import Role, Status
from tests.integration.broadcasts.site import Site

DAY = "2030-07-{:02d}T01:00:00Z"


async def test_pages_neither_repeat_nor_skip_when_broadcasts_come_and_go_in_between(site: Site) -> None:
    host = await site.host()
    made = [(await host.schedule(starts_at=DAY.format(day), minutes_planned=60))["id"] for day in range(1, 8)]
    page = (await host.get("/api/v1/broadcasts?limit=3")).body
    assert [each["id"] for each in page["items"]] == made[:3:-1]
    await host.schedule(starts_at="2031-01-01T00:00:00Z")  # before the first page
    between = (await host.schedule(starts_at=DAY.format(2)))["id"]  # behind it
    seen: list[str] = []
    following = page["next"]
    while following is not None:
        page = (await host.get(f"/api/v1/broadcasts?limit=3&after={following}")).body
        seen += [each["id"] for each in page["items"]]
        following = page["next"]
    assert seen == [made[3], made[2], between, made[1], made[0]]


async def test_what_is_to_come_runs_from_the_soonest(site: Site) -> None:
    host = await site.host()
    made = [(await host.schedule(starts_at=DAY.format(day)))["id"] for day in (3, 1, 2, 2)]
    soonest = [made[1], made[2], made[3], made[0]]
    assert await host.listed("state=scheduled,rehearsal") == soonest
    assert await host.listed("state=scheduled,live") == soonest[::-1]
    page = (await host.get("/api/v1/broadcasts?state=scheduled&limit=2")).body
    assert await host.listed(f"state=scheduled&after={page['next']}") == soonest[2:]


async def test_states_and_ownership_filter(site: Site) -> None:
    host, other = await site.host(), await site.host("江一苇")
    kept, gone = await host.schedule(), await host.schedule(co_hosts=[other.id])
    foreign = await other.schedule()
    await host.act(gone, "cancel")
    assert set(await host.listed()) == {kept["id"], gone["id"], foreign["id"]}
    assert await host.listed("state=cancelled") == [gone["id"]]
    assert set(await host.listed("mine=true")) == {kept["id"], gone["id"]}
    assert set(await other.listed("mine=true")) == {gone["id"], foreign["id"]}
    assert await other.listed("mine=true&state=scheduled") == [foreign["id"]]
    assert await host.listed("state=live") == []


async def test_what_nobody_began_hides_nothing_that_is_to_come_and_stays_with_its_host(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    now = datetime.now(UTC)
    stale = [await host.schedule(starts_at=(now - timedelta(days=2)).isoformat()) for _ in range(3)]
    late = await host.schedule(starts_at=(now - timedelta(minutes=110)).isoformat(), minutes_planned=60)
    tomorrow = await host.schedule(starts_at=(now + timedelta(days=1)).isoformat())
    coming = "state=scheduled,rehearsal&overdue=false"
    for person in (viewer, host):
        assert await person.listed(f"{coming}&limit=2") == [late["id"], tomorrow["id"]]
    assert set(await host.listed("mine=true")) == {each["id"] for each in (*stale, late, tomorrow)}
    assert [(await viewer.look(each))["overdue"] for each in (stale[0], late, tomorrow)] == [True, False, False]
    # It can still be held: at another time, or not at all.
    path = f"/api/v1/broadcasts/{stale[0]['id']}"
    moved = await host.send("PATCH", path, {"starts_at": (now + timedelta(hours=1)).isoformat()})
    assert (moved.status, moved.body["overdue"]) == (200, False)
    assert await viewer.listed(coming) == [late["id"], stale[0]["id"], tomorrow["id"]]
    assert (await host.act(stale[1], "cancel"))["overdue"] is False


async def test_replays_are_listed_by_publication(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    shown, withheld = [(await host.schedule(starts_at=DAY.format(day)))["id"] for day in (1, 2)]
    for each in (shown, withheld):
        over = {"state": State.ENDED, "recording": Recording.SEALED, "replay_published": each == shown}
        await site.service._registry.change(each, partial(replace, **over))
    for person in (viewer, host):
        assert await person.listed("state=ended&replay=published&limit=1") == [shown]
    assert set(await host.listed("state=ended")) == {shown, withheld}
    assert (await viewer.get("/api/v1/broadcasts?replay=withheld")).code == "query_invalid"


async def test_lists_hold_what_one_may_see_and_one_s_own(site: Site) -> None:
    host, helper = await site.person(Role.RED_HOST, status=Status.EMPLOYEE), await site.host("江一苇")
    made = await host.schedule(visibility="members", co_hosts=[helper.id])
    employee = await site.person(status=Status.EMPLOYEE)
    moderator = await site.person(Role.MODERATOR, status=Status.EMPLOYEE)
    for person, seen in ((host, True), (helper, True), (moderator, True), (employee, False)):
        assert (await person.listed() == [made["id"]]) == seen
    visitor = await site.visitor()
    assert await visitor.listed() == []
    assert (await visitor.get("/api/v1/broadcasts?mine=true")).status == 401


async def test_odd_queries_are_refused(site: Site) -> None:
    host = await site.host()
    await host.schedule()
    good = (await host.get("/api/v1/broadcasts?limit=1")).body["next"]
    assert good is None
    for query, code in (
        ("state=on_air", "state_unknown"),
        ("state=live,", None),
        ("after=x", "cursor_invalid"),
        ("after=MQ", "cursor_invalid"),
        ("after=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjAxYTIwYTJjLWYwN2QtNzMwYS04ZmE1LTNkYmNmNjMyMGY1Mw", "cursor_invalid"),
        ("limit=0", "query_invalid"),
        ("limit=201", "query_invalid"),
        ("mine=perhaps", "query_invalid"),
        ("x=1", "query_invalid"),
    ):
        answer = await host.get(f"/api/v1/broadcasts?{query}")
        assert (answer.status, answer.code) == ((400, code) if code else (200, None)), query
