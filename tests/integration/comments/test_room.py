"""Comments and broadcast states reach everybody in the room, over both transports, with a foreign client."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.broadcasts import Broadcast, State
from server.broadcasts.registry import Registry
from server.comments import COMMENTS, CommentService
from server.core.clock import SystemClock
from server.core.db import Database, Session
from server.core.ids import new_id
from server.core.journal import Journal
from server.identity import Role, Status
from server.migrations import upgrade
from server.moderation import MODERATION
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.support.room import Visit, visiting
from tests.support.wait import until


async def on_air(site: Site, host: Person, **more: Any) -> str:
    """A broadcast that is on air, as far as the database knows."""
    broadcast_id: str = (await host.schedule(**more))["id"]
    await put(site, broadcast_id, state=State.LIVE, live_at=datetime.now(UTC))
    return broadcast_id


async def put(site: Site, broadcast_id: str, **changes: Any) -> Broadcast:
    changed = await site.service._registry.change(broadcast_id, lambda each: replace(each, **changes))
    assert changed is not None
    return changed


async def visit(site: Site, person: Person, *transports: str) -> AbstractAsyncContextManager[Visit]:
    csrf = (await person.get("/api/v1/me")).body["csrf"] if person.id else None
    cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    return visiting(site.base, cookies, csrf, *transports)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_a_comment_reaches_everybody_once_and_in_order(site: Site, transport: str) -> None:
    host, viewer = await site.person(Role.RED_HOST, name="闻小满"), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    async with await visit(site, host, transport) as one, await visit(site, viewer) as two:
        for each in (one, two):
            joined = await each.subscribe(broadcast)
            assert joined["ok"], joined
            assert joined["recovered"] is False
            assert joined["snapshot"]["broadcast"]["state"] == "live"
        first = await one.say(broadcast, "  大家\n好 ")
        second = await two.say(broadcast, "主播好")
        assert first["ok"], first
        assert second["offset"] == first["offset"] + 1
        for each in (one, two):
            await each.hears("大家 好", "主播好")
            assert [entry["by"]["name"] for entry in each.entries] == ["闻小满", "封书瑶"]
            assert each.entries[0]["by"]["badge"] == "host"


async def test_the_same_client_id_again_gives_the_same_answer_and_no_second_comment(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        await one.subscribe(broadcast)
        client_id = new_id()
        first = await one.say(broadcast, "你好", client_id=client_id)
        again = await one.say(broadcast, "你好", client_id=client_id)
        assert again == first
        other = await one.say(broadcast, "再见", client_id=client_id)
        assert other["error"]["code"] == "client_id_reused"
        await one.say(broadcast, "完")
        await one.hears("你好", "完")


async def test_who_comes_back_gets_what_was_missed_and_a_stranger_position_gets_a_snapshot(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        joined = await one.subscribe(broadcast)
        for number in range(5):
            await one.say(broadcast, f"第{number}条")
        async with await visit(site, host) as two:
            missed = await two.subscribe(broadcast, epoch=joined["epoch"], after=joined["head"] + 2)
            assert missed["recovered"] is True
            assert [entry["data"]["text"] for entry in missed["entries"]] == ["第2条", "第3条", "第4条"]
            for position in ({"epoch": "else", "after": 1}, {"epoch": joined["epoch"], "after": 99}, {}):
                fresh = await two.subscribe(broadcast, **position)
                assert fresh["recovered"] is False
                # A snapshot of a moment ago is as good as a new one: what has come since is told right after it.
                shown = [entry["data"]["text"] for entry in fresh["snapshot"]["comments"]["latest"]]
                if shown[-1:] != ["第4条"]:
                    await two.hears("第4条")
                two.entries.clear()
            await one.say(broadcast, "新的")
            await two.hears("新的")
        page = (await host.get(f"/api/v1/broadcasts/{broadcast}/comments?limit=2")).body
        assert [entry["data"]["text"] for entry in page["items"]] == ["第0条", "第1条"]
        rest = (await host.get(f"/api/v1/broadcasts/{broadcast}/comments?after={page['next']}")).body
        assert [entry["data"]["text"] for entry in rest["items"]] == ["第2条", "第3条", "第4条", "新的"]
        assert rest["next"] is None


async def test_broadcast_states_are_entries(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        await one.subscribe(broadcast)
        assert (await host.post(f"/api/v1/broadcasts/{broadcast}/end")).status == 200
        await one.say(broadcast, "晚了")
        answer = await one.say(broadcast, "晚了")
        assert answer["error"]["code"] == "comments_closed"
        assert one.entries[0]["type"] == "broadcast.ended"
        assert one.entries[0]["data"]["state"] == "ended"


async def test_errors_are_answers(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host, visibility="members")
    stranger = await site.visitor()
    async with await visit(site, host) as one, await visit(site, stranger) as two:
        cases: list[tuple[Visit, str, Any, str]] = [
            (one, "dance", {}, "unknown_event"),
            (one, "comment", {"broadcast": broadcast}, "payload_invalid"),
            (one, "comment", "text", "payload_invalid"),
            (one, "subscribe", {"channel": f"broadcast:{new_id()}"}, "not_found"),
            (one, "subscribe", {"channel": "talk:x"}, "not_found"),
            (two, "subscribe", {"channel": f"broadcast:{broadcast}"}, "sign_in_needed"),
        ]
        for who, event, payload, code in cases:
            answer = await who.call(event, payload)
            assert answer["ok"] is False
            assert answer["error"]["code"] == code, (event, answer)
        assert (await one.say(broadcast, "   "))["error"]["code"] == "text_empty"
        assert (await one.say(broadcast, "长" * 201))["error"]["code"] == "text_too_long"
        assert (await two.say(broadcast, "你好"))["error"]["code"] == "sign_in_needed"


async def test_the_same_again_gets_the_same_answer_also_when_the_broadcast_is_over(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    client_id = new_id()
    async with await visit(site, host) as one:
        first = await one.say(broadcast, "辛苦了", client_id=client_id)
        assert first["ok"] is True
        assert (await host.post(f"/api/v1/broadcasts/{broadcast}/end")).status == 200
        assert await one.say(broadcast, "辛苦了", client_id=client_id) == first
        other = await one.say(broadcast, "另一句", client_id=client_id)
        assert other["error"]["code"] == "client_id_reused"
        late = await one.say(broadcast, "晚了")
        assert late["error"]["code"] == "comments_closed"


async def test_a_broadcast_that_another_process_put_on_air_can_be_commented_at_once(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = (await host.schedule())["id"]
    async with await visit(site, host) as one:
        early = await one.say(broadcast, "还没开始")
        assert early["error"]["code"] == "comments_closed"
        elsewhere = Registry(site.database, Journal(site.database, SystemClock()))
        await elsewhere.change(broadcast, lambda each: replace(each, state=State.LIVE, live_at=datetime.now(UTC)))
        assert (await one.say(broadcast, "开始了"))["ok"] is True


async def test_why_a_broadcast_was_cut_off_is_not_told_to_the_room(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, viewer) as one:
        await one.subscribe(broadcast)
        await put(site, broadcast, state=State.CUT_OFF, ended_at=datetime.now(UTC), cut_off_reason="涉密")
        await until(lambda: [each["type"] for each in one.entries][-1:] == ["broadcast.cut_off"], what="the end")
        assert "涉密" not in str(one.entries)
        assert "涉密" not in str(await one.subscribe(broadcast))


async def test_pages_go_back_to_the_beginning_from_any_offset(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person()
    broadcast = await on_air(site, host)
    comments = f"/api/v1/broadcasts/{broadcast}/comments"
    async with await visit(site, host) as one:
        offsets = [(await one.say(broadcast, f"第{number}条"))["offset"] for number in range(5)]
    pages, before = [], offsets[-1] + 1
    while True:
        page = (await viewer.get(f"{comments}?before={before}&limit=2")).body
        pages.append([entry["data"]["text"] for entry in page["items"]])
        if page["next"] is None:
            break
        before = page["next"]
    assert pages == [["第3条", "第4条"], ["第1条", "第2条"], ["第0条"]]
    # The last page says that it is the last also where it is full, and below the first comment there is nothing.
    assert (await viewer.get(f"{comments}?before={offsets[2]}&limit=2")).body["next"] is None
    assert (await viewer.get(f"{comments}?before={offsets[0]}")).body == {"items": [], "next": None}


async def test_pages_in_either_direction_are_for_those_who_may_see_the_broadcast(site: Site) -> None:
    host, employee, visitor = await site.person(Role.RED_HOST), await site.person(status=Status.EMPLOYEE), await site.visitor()
    broadcast = await on_air(site, host, visibility="members")
    for query in ("after=0", "before=9"):
        comments = f"/api/v1/broadcasts/{broadcast}/comments?{query}"
        answers = [await person.get(comments) for person in (host, employee, visitor)]
        assert [(answer.status, answer.code) for answer in answers] == [
            (200, None),
            (404, "broadcast_not_found"),
            (401, "sign_in_needed"),
        ]


@pytest.mark.parametrize("query", [f"after={10**25}", f"before={10**25}", "before=-1", "after=1&before=9"])
async def test_a_page_that_cannot_be_is_refused_in_words(site: Site, query: str) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    answer = await host.get(f"/api/v1/broadcasts/{broadcast}/comments?{query}")
    assert (answer.status, answer.code) == (400, "query_invalid")


@pytest.mark.postgres
async def test_comments_and_changes_of_the_broadcast_do_not_wait_for_each_other(tmp_path: Path, postgres_url: str) -> None:
    """Either order of their locks must be harmless: comments take the channel, then refer to the broadcast's row."""
    database = Database(postgres_url)
    await upgrade(database)
    await database.close()
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        host = await site.person(Role.RED_HOST)
        broadcast = await on_air(site, host)
        (listed,) = await site.identity.sessions.listed(host.id)
        member = await site.identity.sessions.find_by_id(listed.id)
        assert member is not None
        service = site.server.app[COMMENTS]

        async def talk(number: int) -> None:
            await asyncio.gather(
                *(service.post(member, broadcast, f"{number}-{each}", client_id=new_id()) for each in range(10))
            )

        async def change(number: int) -> None:
            await put(site, broadcast, title=f"第{number}次")

        async with asyncio.timeout(20):
            for number in range(20):
                await asyncio.gather(talk(number), change(number), change(number + 100))


@pytest.mark.postgres
async def test_a_comment_that_another_process_is_just_committing_gets_its_answer(tmp_path: Path, postgres_url: str) -> None:
    """Its writer was cut off from there and sends it again here, before it can be seen."""
    database = Database(postgres_url)
    await upgrade(database)
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        host = await site.person(Role.RED_HOST)
        broadcast = await on_air(site, host)
        (listed,) = await site.identity.sessions.listed(host.id)
        member = await site.identity.sessions.find_by_id(listed.id)
        assert member is not None
        here = site.server.app[COMMENTS]
        there = CommentService(
            database, Journal(database, SystemClock()), site.service, site.server.app[MODERATION], SystemClock()
        )
        client_id, written, commit = new_id(), asyncio.Event(), asyncio.Event()

        async def late(session: Session, writes: Sequence[Any], careful: bool) -> Any:
            answers = await CommentService._write(there, session, writes, careful)
            written.set()
            await commit.wait()
            return answers

        there._commits._write = late
        first = asyncio.create_task(there.post(member, broadcast, "你好", client_id=client_id))
        await written.wait()
        again = asyncio.create_task(here.post(member, broadcast, "你好", client_id=client_id))
        await until(lambda: _waiting_for_a_lock(database), what="the second attempt")
        commit.set()
        assert await first == await again
        page = (await host.get(f"/api/v1/broadcasts/{broadcast}/comments")).body
        assert [entry["data"]["text"] for entry in page["items"]] == ["你好"]
        await there.close()
    await database.close()


async def _waiting_for_a_lock(database: Database) -> bool:
    async with database.reading() as session:
        query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return (await session.execute(text(query))).first() is not None
