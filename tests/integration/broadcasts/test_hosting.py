"""Having hosted: brought before a second person when the replay is published, and taken back when it is withdrawn."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import State
from server.broadcasts.model import Recording
from server.core.ids import new_id
from server.identity import Role, Status
from server.identity.tables import BranchRow, MemberRow
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.integration.comments.test_room import put

QUEUE = "/api/v1/points/proposals"


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    async with running_site(tmp_path, {"DATABASE_URL": database_url}) as site:
        yield site


async def in_branch(site: Site, *people: Person) -> None:
    branch_id = new_id()
    async with site.database.transaction() as session:
        session.add(BranchRow(id=branch_id, name="第一党支部", city="", created_at=datetime.now(UTC)))
        await session.flush()
        for person in people:
            (await session.get_one(MemberRow, person.id)).branch_id = branch_id


async def ended(site: Site, host: Person, title: str = "七一党课") -> str:
    broadcast: str = (await host.schedule(title=title))["id"]
    now = datetime.now(UTC)
    over = {"state": State.ENDED, "live_at": now - timedelta(minutes=52), "ended_at": now, "recording": Recording.SEALED}
    await put(site, broadcast, **over, recorded_seconds=3120.0, peak_viewers=12)
    return broadcast


async def published(host: Person, broadcast: str, *, on: bool = True) -> None:
    answer = await host.post(f"/api/v1/broadcasts/{broadcast}/replay", {"published": on})
    assert answer.status == 200, answer.raw.decode()


async def queue(person: Person, state: str = "open") -> list[Any]:
    items: list[Any] = (await person.get(f"{QUEUE}?state={state}")).body["items"]
    return items


async def rows(person: Person) -> list[tuple[str, int]]:
    items = (await person.get("/api/v1/me/points")).body["items"]
    return [(each["indicator"], each["amount"]) for each in reversed(items)]


async def test_another_person_approves_it_once_and_withdrawing_takes_it_back(either: Site) -> None:
    site, secretary = either, await either.person(Role.BRANCH_SECRETARY, name="书记")
    host = await site.person(Role.RED_HOST, Role.BRANCH_DEPUTY_SECRETARY, name="闻小满")
    elsewhere = await site.person(Role.BRANCH_SECRETARY, name="邻支部书记")
    await in_branch(site, host, secretary)
    broadcast = await ended(site, host)
    await asyncio.gather(*(published(host, broadcast) for _ in range(3)))
    (waiting,) = await queue(secretary)
    assert (waiting["indicator"], waiting["member"]["name"], waiting["reason"]) == ("N06", "闻小满", "主持直播《七一党课》")
    assert waiting["evidence"] == "直播 52 分钟（预计 60 分钟），最多 12 人同时观看；回看已发布"
    assert waiting["link"] == f"/b/{broadcast}/replay"
    confirm = f"{QUEUE}/{waiting['id']}/confirm"
    assert (await host.post(confirm, {})).code == "own_points"
    assert await queue(elsewhere) == []
    assert (await elsewhere.post(confirm, {})).code == "proposal_not_found"
    assert await rows(host) == []
    told = await asyncio.gather(*(secretary.post(confirm, {}) for _ in range(3)))
    assert {each.status for each in told} == {200}
    assert await rows(host) == [("N06", 10)]
    await published(host, broadcast)
    assert await queue(secretary) == [], "it is approved already"

    await published(host, broadcast, on=False)
    assert await rows(host) == [("N06", 10), ("N06", -10)]
    assert [each["state"] for each in await queue(secretary, "decided")] == ["withdrawn"]
    assert (await secretary.post(confirm, {})).code == "already_decided"
    await published(host, broadcast)
    (anew,) = await queue(secretary)
    assert (await secretary.post(f"{QUEUE}/{anew['id']}/confirm", {})).status == 200
    assert await rows(host) == [("N06", 10), ("N06", -10), ("N06", 10)]
    assert (await host.send("DELETE", f"/api/v1/broadcasts/{broadcast}/replay")).status == 200
    assert len(await rows(host)) == 3, "what was approved outlives the recording"


async def test_what_was_declined_is_not_brought_again_and_what_waits_goes_with_the_replay(either: Site) -> None:
    site, staff = either, await either.person(Role.AFFAIRS_STAFF)
    host, worker = await site.host(), await site.person(Role.RED_HOST, status=Status.EMPLOYEE)
    await published(worker, await ended(site, worker))
    assert await queue(staff) == [], "who is no member has no points"
    one, two = await ended(site, host, "第一课"), await ended(site, host, "第二课")
    for each in (one, two):
        await published(host, each)
    second, first = await queue(staff)
    assert (await staff.post(f"{QUEUE}/{first['id']}/decline", {"words": "中途断了"})).status == 200
    await published(host, one, on=False)
    await published(host, one)
    await published(host, two, on=False)
    assert await queue(staff) == []
    states = {each["reason"]: each["state"] for each in await queue(staff, "decided")}
    assert states == {"主持直播《第一课》": "declined", "主持直播《第二课》": "withdrawn"}
    assert second["id"] != first["id"]
    assert await rows(host) == []
