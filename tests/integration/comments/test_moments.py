"""What a replay reads: comments by the moments they belong to, and their heat. By whoever may see the broadcast."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import State, channel_of
from server.comments import COMMENTS
from server.core.clock import rfc3339
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Draft, Journal
from server.identity import Role, Status
from server.migrations import upgrade
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.integration.comments.test_room import on_air, put, visit

START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


def at(seconds: float) -> str:
    return rfc3339(START + timedelta(seconds=seconds))


async def read(person: Person, broadcast: str, query: str) -> Any:
    answer = await person.get(f"/api/v1/broadcasts/{broadcast}/comments/by-moment?{query}")
    assert answer.status == 200, answer.body
    return answer.body


def texts(page: Any) -> list[str]:
    return [each["data"]["text"] for each in page["items"]]


async def test_a_replay_reads_by_the_moments_however_late_somebody_wrote(site: Site) -> None:
    await _somebody_wrote_late(site)


@pytest.mark.postgres
async def test_the_same_holds_for_postgresql(tmp_path: Path, postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database)
    await database.close()
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        await _somebody_wrote_late(site)


async def _somebody_wrote_late(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person()
    broadcast = await on_air(site, host)
    await put(site, broadcast, live_at=START)
    async with await visit(site, viewer) as one:
        for words, seconds in (("一", 10), ("四", 300), ("三", 299), ("二", 11)):
            assert (await one.say(broadcast, words, media_at=at(seconds)))["ok"]
        everything = await read(viewer, broadcast, "limit=200")
        assert texts(everything) == ["一", "二", "三", "四"]
        assert everything["next"] is None

        first = await read(viewer, broadcast, "limit=3")
        assert texts(first) == ["一", "二", "三"]
        assert texts(await read(viewer, broadcast, f"limit=3&after={first['next']}")) == ["四"]
        middle = int((START + timedelta(seconds=100)).timestamp() * 1000)
        last = await read(viewer, broadcast, f"limit=1&before={middle}")
        assert texts(last) == ["二"]
        assert texts(await read(viewer, broadcast, f"limit=1&before={last['next']}")) == ["一"]
        assert texts(await read(viewer, broadcast, f"after={middle}")) == ["三", "四"]

        # Taken back meanwhile, and said meanwhile in another process.
        (said,) = (each for each in everything["items"] if each["data"]["text"] == "三")
        assert (await one.call("comment.remove", {"comment": said["data"]["id"], "client_id": new_id()}))["ok"]
        elsewhere = Journal(site.database, site.server.app[COMMENTS]._clock)
        async with site.database.transaction() as session:
            moment = START + timedelta(seconds=5)
            draft = Draft(channel_of(broadcast), "comment.posted", {"id": new_id(), "text": "零"}, media_at=moment)
            await elsewhere.append(session, draft)
        assert texts(await read(viewer, broadcast, "limit=200")) == ["零", "一", "二", "四"]

    await put(site, broadcast, state=State.ENDED, ended_at=START + timedelta(seconds=400))
    heat = (await viewer.get(f"/api/v1/broadcasts/{broadcast}/comments/heat")).body
    assert heat["starts_at"] == at(0)
    assert heat["seconds"] == 2
    assert {index: count for index, count in enumerate(heat["counts"]) if count} == {2: 1, 5: 2, 150: 1}


async def test_whoever_may_not_see_the_broadcast_learns_nothing_of_it(site: Site) -> None:
    host, stranger, visitor = await site.host(), await site.person(status=Status.EMPLOYEE), await site.visitor()
    broadcast = await on_air(site, host, visibility="members")
    before = (await host.schedule())["id"]
    for name in ("by-moment", "heat"):
        path = f"/api/v1/broadcasts/{broadcast}/comments/{name}"
        assert (await stranger.get(path)).code == "broadcast_not_found"
        assert (await visitor.get(path)).code == "sign_in_needed"
    assert (await host.get(f"/api/v1/broadcasts/{before}/comments/heat")).body == {
        "starts_at": None,
        "seconds": 1,
        "counts": [],
    }
    bad = await host.get(f"/api/v1/broadcasts/{broadcast}/comments/by-moment?after=1&before=2")
    assert (bad.status, bad.code) == (400, "query_invalid")
    assert (await host.get(f"/api/v1/broadcasts/{broadcast}/comments/by-moment?after=yesterday")).code == "query_invalid"
