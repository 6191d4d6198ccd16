"""A comment that is taken back is gone everywhere: screens, latecomers, pages, catching up. And who may do it; and answers."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.comments import COMMENTS
from server.core.db import Database
from server.core.fanout import HUB
from server.core.ids import new_id
from server.identity import Role, Status
from server.migrations import upgrade
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.sockets.test_snapshots import member_of
from tests.support.room import Visit
from tests.support.wait import until

WORDS = "不该说的话"


async def remove(visitor: Visit, comment: str, **more: Any) -> Any:
    return await visitor.call("comment.remove", {"comment": comment, "client_id": new_id(), **more})


async def test_its_words_are_gone_for_those_in_the_room_and_for_all_who_come_later(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        joined = await one.subscribe(broadcast)
        said = await two.say(broadcast, WORDS)
        await two.say(broadcast, "后一句")
        await one.hears(WORDS, "后一句")
        assert await remove(one, said["id"], reason="与主题无关") == {"ok": True}
        await until(lambda: one.entries[-1]["type"] == "comment.removed", what="the removal")
        left = {"id": said["id"], "removed": "host"}
        assert one.entries[-1]["data"] == {"id": said["id"], "redacts": said["offset"], "left": left}
        assert "by" not in one.entries[-1], "who did it is not everybody's business"

        async with await visit(site, viewer) as three:
            fresh = await three.subscribe(broadcast)
            shown = fresh["snapshot"]["comments"]["latest"] + fresh["entries"] + three.entries
            assert [each["data"] for each in shown if each["offset"] == said["offset"]] == [
                {"id": said["id"], "removed": "host"}
            ]
            resumed = await three.subscribe(broadcast, epoch=joined["epoch"], after=joined["head"])
            assert resumed["recovered"] is True
            pages = [
                (await viewer.get(f"/api/v1/broadcasts/{broadcast}/comments?{query}")).body
                for query in ("after=0", "before=999")
            ]
            for told in (fresh, resumed, *pages):
                assert WORDS not in str(told)
                assert "后一句" in str(told)
            blank = next(each for each in pages[0]["items"] if each["offset"] == said["offset"])
            assert "by" not in blank

    async with site.database.reading() as session:
        journal = (await session.execute(text("SELECT data FROM journal"))).scalars().all()
        kept = (await session.execute(text("SELECT comment_id, why, reason, text FROM removed_comments"))).one()
    assert not any(WORDS in data for data in journal)
    assert tuple(kept) == (said["id"], "host", "与主题无关", WORDS), "whoever must answer for it finds it"


async def test_a_snapshot_of_a_moment_before_is_not_shown_any_more(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, host) as two:
        said = await one.say(broadcast, WORDS)
        await one.subscribe(broadcast)
        room = site.server.app[HUB]._rooms[f"broadcast:{broadcast}"]
        before = room.snapshot
        assert before is not None
        assert WORDS.encode() in before.state
        assert (await remove(one, said["id"]))["ok"]
        assert WORDS not in str(await two.subscribe(broadcast))
        assert WORDS.encode() not in b"".join(room.ring.after(room.ring.first - 1, most=999))


async def test_nobody_loses_their_place_by_it_even_where_both_come_in_one_tick(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person()
    broadcast = await on_air(site, host)
    service = site.server.app[COMMENTS]
    author = await member_of(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        for each in (one, two):
            await each.subscribe(broadcast)
        for number in range(5):
            said = await service.post(author, broadcast, WORDS, client_id=new_id())
            await service.remove(author, said.id)
            await one.say(broadcast, f"第{number}句")
        for each in (one, two):
            await each.hears("第4句")
            assert each.resyncs == []
            assert [entry["type"] for entry in each.entries] == ["comment.posted", "comment.removed", "comment.posted"] * 5


async def test_the_second_time_nothing_happens(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        said = await one.say(broadcast, WORDS)
        await one.subscribe(broadcast)
        for _ in range(2):
            assert (await remove(one, said["id"]))["ok"]
        await one.say(broadcast, "完")
        await one.hears("完")
        assert [each["type"] for each in one.entries] == ["comment.removed", "comment.posted"]


async def test_authors_hosts_and_moderators_may_and_nobody_else(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host, visibility="members")
    author, other = await site.person(), await site.person()
    moderator, employee = await site.person(Role.MODERATOR), await site.person(status=Status.EMPLOYEE)
    for person, outcome in (
        (author, "author"),
        (host, "host"),
        (moderator, "moderator"),
        (other, "not_yours"),
        (employee, "broadcast_not_found"),
        (await site.visitor(), "sign_in_needed"),
    ):
        async with await visit(site, author) as writer, await visit(site, person) as one:
            said = await writer.say(broadcast, WORDS)
            answer = await remove(one, said["id"])
            page = (await author.get(f"/api/v1/broadcasts/{broadcast}/comments?after={said['offset'] - 1}")).body
            if answer["ok"]:
                assert page["items"][0]["data"] == {"id": said["id"], "removed": outcome}
            else:
                assert answer["error"]["code"] == outcome
                assert page["items"][0]["data"]["text"] == WORDS
    async with await visit(site, host) as one:
        assert (await remove(one, new_id()))["error"]["code"] == "comment_not_found"


async def test_what_was_removed_is_not_written_again_by_the_same_client_id(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    client_id = new_id()
    async with await visit(site, host) as one:
        said = await one.say(broadcast, WORDS, client_id=client_id)
        assert (await remove(one, said["id"]))["ok"]
        assert await one.say(broadcast, WORDS, client_id=client_id) == said
        assert WORDS not in str(await one.subscribe(broadcast))


async def test_an_answer_says_whom_it_answers(site: Site) -> None:
    host, viewer = await site.person(Role.RED_HOST), await site.person(name="封书瑶")
    broadcast, other = await on_air(site, host), await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await one.subscribe(broadcast)
        asked = await two.say(broadcast, "回看在哪里看？")
        await one.say(broadcast, "结束后在同一个链接", reply_to=asked["id"])
        await one.hears("回看在哪里看？", "结束后在同一个链接")
        assert one.entries[-1]["data"]["reply_name"] == "封书瑶"
        assert (await one.say(other, "串场", reply_to=asked["id"]))["error"]["code"] == "reply_gone"
        assert (await one.say(broadcast, "谁？", reply_to=new_id()))["error"]["code"] == "reply_gone"
        assert (await remove(two, asked["id"]))["ok"]
        assert (await one.say(broadcast, "晚了", reply_to=asked["id"]))["error"]["code"] == "reply_gone"


async def test_an_answer_that_is_sent_again_is_the_same_though_what_it_answers_is_gone(site: Site) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    again = {"client_id": new_id()}
    async with await visit(site, host) as one:
        asked = await one.say(broadcast, "在吗？")
        first = await one.say(broadcast, "在", reply_to=asked["id"], **again)
        assert (await remove(one, asked["id"]))["ok"]
        assert await one.say(broadcast, "在", reply_to=asked["id"], **again) == first


@pytest.mark.postgres
async def test_a_reason_of_any_characters_is_kept_in_either_database(tmp_path: Path, postgres_url: str) -> None:
    async with running_site(tmp_path, {}) as small:
        await _remove_for(small, "坏\u0000的\u202e原因 ")
    database = Database(postgres_url)
    await upgrade(database)
    await database.close()
    async with running_site(tmp_path / "large", {"DATABASE_URL": postgres_url}) as large:
        await _remove_for(large, "坏\u0000的\u202e原因 ")


async def _remove_for(site: Site, reason: str) -> None:
    host = await site.person(Role.RED_HOST)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        said = await one.say(broadcast, WORDS)
        assert (await remove(one, said["id"], reason=reason))["ok"]
    async with site.database.reading() as session:
        assert (await session.execute(text("SELECT reason FROM removed_comments"))).scalar_one() == "坏的原因"
