"""Rooms whose time is over are deleted, words and all; a recording keeps its comments unless the operator says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from server.app import DATABASE
from server.broadcasts import Recording, State
from server.broadcasts.retention import Retention
from server.comments import COMMENTS
from server.core.clock import SystemClock
from server.core.db import Session
from server.core.errors import NotFound
from server.core.fanout import HUB
from server.core.journal import Journal
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, put, visit

LONG_AGO = datetime.now(UTC) - timedelta(days=181)
WORDS = "说过的话"
TABLES = ("comments", "removed_comments")


def job(site: Site, *, with_replay: bool = True, broken: bool = False) -> Retention:
    async def fails(session: Session, broadcast_id: str) -> None:
        raise NotFound

    database = site.server.app[DATABASE]
    settings = replace(site.service.settings, said_lives_with_replay=with_replay)
    purges = [site.server.app[COMMENTS].purge, *([fails] if broken else [])]
    return Retention(site.service._registry, Journal(database, SystemClock()), settings, SystemClock(), purges)


async def over(site: Site, host: Person, **more: object) -> str:
    """A broadcast in which something was said, and taken back, and that ended long ago."""
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        said = await one.say(broadcast, WORDS)
        taken_back = await one.say(broadcast, WORDS)
        await one.call("comment.remove", {"comment": taken_back["id"], "client_id": said["id"]})
    await put(site, broadcast, **{"state": State.ENDED, "ended_at": LONG_AGO, "recording": Recording.NONE, **more})
    return broadcast


async def said(site: Site, person: Person, broadcast: str) -> list[str]:
    page = (await person.get(f"/api/v1/broadcasts/{broadcast}/comments")).body
    return [entry["data"].get("text", "") for entry in page["items"]]


async def test_a_room_goes_when_its_time_is_over_and_others_stay(site: Site) -> None:
    host = await site.host()
    gone = await over(site, host)
    recorded = await over(site, host, recording=Recording.SEALED)
    young = await over(site, host, ended_at=LONG_AGO + timedelta(days=2))
    assert await job(site).purge() == 1
    assert await said(site, host, gone) == []
    assert await said(site, host, recorded) == [WORDS, ""]
    assert await said(site, host, young) == [WORDS, ""]
    assert (await host.get(f"/api/v1/broadcasts/{gone}")).status == 200  # that it took place stays known
    assert await job(site).purge() == 0
    async with site.database.reading() as session:
        left = [(await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in TABLES]  # noqa: S608
    assert left == [4, 2]


async def test_whoever_comes_with_an_old_position_is_told_that_it_is_void(site: Site) -> None:
    host = await site.host()
    broadcast = await over(site, host)
    async with await visit(site, host) as one:
        before = await one.subscribe(broadcast)
        await job(site).purge()
        await site.server.app[HUB].look()
        after = await one.subscribe(broadcast, epoch=before["epoch"], after=1)
    assert (after["recovered"], after["entries"]) == (False, [])
    assert after["epoch"] != before["epoch"]
    assert after["head"] == before["head"]  # no offset comes to mean something else
    assert after["snapshot"]["comments"]["latest"] == []
    assert after["snapshot"]["broadcast"]["state"] == "ended"


async def test_the_operator_may_let_them_go_although_the_recording_stays(site: Site) -> None:
    host = await site.host()
    recorded = await over(site, host, recording=Recording.SEALED)
    assert await job(site, with_replay=False).purge() == 1
    assert await said(site, host, recorded) == []


@pytest.mark.parametrize("state", [State.CUT_OFF, State.CANCELLED])
async def test_what_fails_leaves_a_room_whole_for_the_next_time(site: Site, state: State) -> None:
    host = await site.host()
    broadcast = await over(site, host, state=state)
    assert await job(site, broken=True).purge() == 0
    assert await said(site, host, broadcast) == [WORDS, ""]
    assert await job(site).purge() == 1
    assert await said(site, host, broadcast) == []
