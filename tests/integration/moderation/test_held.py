"""What is held is durable before it is acknowledged, seen by its writer and those who keep the room alone, and decided once."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import CommentMode, State
from server.core.ids import new_id
from server.identity import Role
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.moderation.desk import decide, listed, listens_to_own, moderator, of_type, sits_at, waiting
from tests.support.room import Visit
from tests.support.wait import until


async def reviewed(site: Site, host: Person, **more: Any) -> str:
    """A broadcast on air whose comments are reviewed first."""
    return await on_air(site, host, comment_mode="pre_moderated", **more)


async def texts(person: Person, broadcast: str) -> list[str]:
    items = (await person.get(f"/api/v1/broadcasts/{broadcast}/comments")).body["items"]
    return [item["data"]["text"] for item in items if "text" in item["data"]]


async def test_a_comment_is_seen_by_nobody_until_it_is_approved_and_then_as_it_would_have_been_at_once(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person(name="封书瑶")
    broadcast = await reviewed(site, host)
    async with await visit(site, host) as desk, await visit(site, viewer) as writer, await visit(site, viewer) as own:
        await sits_at(desk, broadcast)
        await writer.subscribe(broadcast)
        assert (await listens_to_own(own, viewer))["ok"]
        client_id = new_id()
        said_at = datetime.now(UTC).isoformat()
        answer = await writer.say(broadcast, "第一次来", client_id=client_id, media_at=said_at)
        assert answer == {"ok": True, "id": answer["id"], "held": True}, "no offset: there is no entry yet"
        await until(lambda: of_type(desk, "held.added"), what="the desk hears of it")
        (shown,) = of_type(desk, "held.added")
        assert (shown["text"], shown["why"], shown["author"]["name"]) == ("第一次来", "pre_moderated", "封书瑶")
        assert await texts(host, broadcast) == []
        assert await writer.say(broadcast, "第一次来", client_id=client_id, media_at=said_at) == answer

        decided = await decide(host, answer["id"], "approve")
        assert decided.status == 200, decided.raw.decode()
        await writer.hears("第一次来")
        (entry,) = writer.entries
        assert entry["data"] == {"id": answer["id"], "text": "第一次来"}
        assert entry["by"] == {"id": viewer.id, "name": "封书瑶"}
        assert entry["media_at"] < entry["at"], "it stands where it was said, not where it was approved"
        await until(lambda: of_type(own, "held.decided"), what="its writer hears the decision")
        (told,) = of_type(own, "held.decided")
        assert told["state"] == "approved"
        assert not {"hits", "why", "decided"} & set(told), "how one is found out is not the writer's to know"
        again = await writer.say(broadcast, "第一次来", client_id=client_id, media_at=said_at)
        assert again == {"ok": True, "id": answer["id"], "offset": entry["offset"], "held": False}
        assert await waiting(host, broadcast) == []


async def test_those_who_keep_the_room_are_not_held(site: Site) -> None:
    host, guide = await site.host(), await moderator(site)
    broadcast = await reviewed(site, host)
    for person in (host, guide, await site.person(Role.BRANCH_SECRETARY)):
        async with await visit(site, person) as one:
            assert (await one.say(broadcast, "大家好"))["held"] is False


async def test_what_was_rejected_is_told_to_its_writer_with_the_reason_and_never_said(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person()
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer:
        client_id = new_id()
        held = await writer.say(broadcast, "广告", client_id=client_id)
        assert (await decide(host, held["id"], "reject", "与主题无关")).status == 200
        again = await writer.say(broadcast, "广告", client_id=client_id)
        assert again["error"]["code"] == "comment_rejected"
        assert "与主题无关" in again["error"]["message"]
        other = await writer.say(broadcast, "别的", client_id=client_id)
        assert other["error"]["code"] == "client_id_reused"
        joined = await listens_to_own(writer, viewer)
        (mine,) = joined["snapshot"]["held"]["latest"]
        assert (mine["text"], mine["state"], mine["reason"]) == ("广告", "rejected", "与主题无关"), "also after a reload"
    assert await texts(host, broadcast) == []
    (kept,) = await waiting(host, broadcast, "state=rejected")
    assert kept["decided"]["by"]["id"] == host.id


async def test_two_who_decide_at_once_have_one_effect_and_the_second_is_told_who_was_first(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person()
    one, two = await moderator(site, "桑见远"), await moderator(site, "倪若舟")
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer:
        ids = [(await writer.say(broadcast, f"第{number}条"))["id"] for number in range(5)]
    for held in ids:
        answers = await asyncio.gather(decide(one, held, "approve"), decide(two, held, "approve"))
        assert sorted(answer.status for answer in answers) == [200, 409]
        (late,) = [answer for answer in answers if answer.status == 409]
        (first,) = [answer for answer in answers if answer.status == 200]
        assert late.code == "already_decided"
        assert late.body["by"]["name"] == first.body["decided"]["by"]["name"]
        assert first.body["decided"]["by"]["name"] in late.body["detail"]
        other = await decide(two, held, "reject")
        assert (other.status, other.body["state"]) == (409, "approved")
    assert await texts(host, broadcast) == [f"第{number}条" for number in range(5)]
    mine = await decide(one if first.body["decided"]["by"]["name"] == "桑见远" else two, ids[-1], "approve")
    assert mine.status == 200, "the same from the same person again is no mistake"


async def test_several_are_decided_at_once_and_each_says_what_became_of_it(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person()
    broadcast, other = await reviewed(site, host), await reviewed(site, await site.host())
    async with await visit(site, viewer) as writer:
        ids = [(await writer.say(broadcast, f"第{number}条"))["id"] for number in range(30)]
        foreign = (await writer.say(other, "别处"))["id"]
    assert (await decide(host, ids[3], "reject")).status == 200
    body = {"ids": [*reversed(ids), new_id(), foreign, "x"], "decision": "approve"}
    answer = await host.post("/api/v1/held/decisions", body)
    assert answer.status == 200, answer.raw.decode()
    found = {item["id"]: item for item in answer.body["items"]}
    assert [item["id"] for item in answer.body["items"]] == body["ids"]
    assert found[ids[3]]["code"] == "already_decided"
    assert [found[each]["code"] for each in body["ids"][-3:]] == ["held_not_found"] * 3
    assert all(found[each]["held"]["state"] == "approved" for each in ids if each != ids[3])
    assert await texts(host, broadcast) == [f"第{number}条" for number in range(30) if number != 3], (
        "in the order they were said"
    )


async def test_a_rejection_can_be_undone_while_the_room_is_open(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer:
        one, two = [(await writer.say(broadcast, text))["id"] for text in ("甲", "乙")]
    for held in (one, two):
        assert (await decide(host, held, "reject", "手误")).status == 200
    restored = await decide(host, one, "restore")
    assert (restored.status, restored.body["state"], restored.body["reason"]) == (200, "held", "")
    assert (await decide(host, one, "approve")).status == 200
    assert (await decide(host, one, "restore")).code == "already_decided", "what was said is taken back by removing it"
    await put(site, broadcast, state=State.ENDED, ended_at=datetime.now(UTC))
    assert (await decide(host, two, "restore")).code == "room_over"
    assert await texts(host, broadcast) == ["甲"]


async def test_words_hold_and_refuse_and_say_nothing_of_how(site: Site) -> None:
    host, viewer, guide = await site.host(), await site.person(), await moderator(site)
    await listed(guide, "refuse", ["加微信"])
    await listed(guide, "hold", ["退休金", "工资"])
    broadcast = await on_air(site, host)
    async with await visit(site, viewer) as writer, await visit(site, host) as hosting:
        assert (await writer.say(broadcast, "大家好"))["held"] is False
        refused = await writer.say(broadcast, "加 薇信 加_微＊信 领红包")
        assert refused["error"]["code"] == "text_refused"
        assert "微信" not in refused["error"]["message"]
        held = await writer.say(broadcast, "我们的工 资什么时候涨")
        assert held["held"] is True
        assert (await hosting.say(broadcast, "工资的事会后说"))["held"] is False
        assert (await hosting.say(broadcast, "加微信"))["error"]["code"] == "text_refused"
    (item,) = await waiting(host, broadcast)
    (hit,) = item["hits"]
    assert (hit["word"], item["text"][hit["start"] : hit["end"]]) == ("工资", "工 资")
    assert item["why"] == "words"


async def test_what_was_held_stays_one_comment_whatever_the_lists_and_the_room_have_become(any_site: Site) -> None:
    site = any_site
    host, viewer, guide = await site.host(), await site.person(), await moderator(site)
    list_id = await listed(guide, "hold", ["工资"])
    broadcast = await on_air(site, host)
    async with await visit(site, viewer) as writer:
        client_id = new_id()
        first = await writer.say(broadcast, "工资", client_id=client_id)
        assert first["held"] is True
        assert (await guide.send("DELETE", f"/api/v1/word-lists/{list_id}")).status == 204
        assert await writer.say(broadcast, "工资", client_id=client_id) == first
        assert (await writer.say(broadcast, "工资"))["held"] is False
        await put(site, broadcast, comment_mode=CommentMode.OFF)
        assert await writer.say(broadcast, "工资", client_id=client_id) == first
    assert await texts(host, broadcast) == ["工资"]


async def test_its_writer_may_take_it_back_while_it_waits(site: Site) -> None:
    host, viewer, other = await site.host(), await site.person(), await site.person()
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer, await visit(site, other) as stranger:
        client_id = new_id()
        held = (await writer.say(broadcast, "说错了", client_id=client_id))["id"]

        async def taken_back(by: Visit) -> Any:
            return await by.call("comment.remove", {"comment": held, "client_id": new_id()})

        assert (await taken_back(stranger))["error"]["code"] == "comment_not_found"
        assert (await taken_back(writer))["ok"]
        assert (await taken_back(writer))["ok"]
        assert (await writer.say(broadcast, "说错了", client_id=client_id))["error"]["code"] == "comment_withdrawn"
    assert await waiting(host, broadcast) == []
    assert (await decide(host, held, "approve")).code == "withdrawn"


async def test_what_is_held_cannot_be_answered_and_is_nobody_elses_business(site: Site) -> None:
    host, viewer, other = await site.host(), await site.person(), await site.host(name="乔望舒")
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer, await visit(site, host) as hosting, await visit(site, other) as stranger:
        held = (await writer.say(broadcast, "悄悄话"))["id"]
        assert (await hosting.say(broadcast, "回复", reply_to=held))["error"]["code"] == "reply_gone"
        for channel in (f"desk:{broadcast}", f"member:{viewer.id}"):
            refused = await stranger.call("subscribe", {"channel": channel})
            assert refused["error"]["code"] == "not_found"
        assert "悄悄话" not in str(await hosting.subscribe(broadcast))
    for decision in ("approve", "reject", "restore"):
        assert (await decide(other, held, decision)).code == "held_not_found"
    assert (await other.get(f"/api/v1/broadcasts/{broadcast}/held")).code == "keeper_needed"


async def test_when_too_much_waits_writers_are_asked_to_come_again(tmp_path: Path) -> None:
    from dataclasses import replace

    async with running_site(
        tmp_path, {}, lambda settings: replace(settings, moderation=replace(settings.moderation, most_waiting=2))
    ) as site:
        host, viewer = await site.host(), await site.person()
        broadcast = await reviewed(site, host)
        async with await visit(site, viewer) as writer:
            ids = [(await writer.say(broadcast, f"第{number}条"))["id"] for number in range(2)]
            third = {"client_id": new_id()}
            assert (await writer.say(broadcast, "第2条", **third))["error"]["code"] == "queue_full"
            assert (await decide(host, ids[0], "approve")).status == 200
            assert (await writer.say(broadcast, "第2条", **third))["held"] is True
        assert [item["text"] for item in await waiting(host, broadcast)] == ["第1条", "第2条"]


@pytest.mark.parametrize(("limit", "newest"), [(1, False), (2, True), (2, False), (50, True)])
async def test_the_queue_is_read_in_pages_the_oldest_or_the_newest_first(site: Site, limit: int, newest: bool) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await reviewed(site, host)
    async with await visit(site, viewer) as writer:
        for number in range(4):
            await writer.say(broadcast, f"第{number}条")
    found: list[str] = []
    query = start = f"limit={limit}&newest={str(newest).lower()}"
    while True:
        page = (await host.get(f"/api/v1/broadcasts/{broadcast}/held?{query}")).body
        assert page["waiting"] == 4
        found += [item["text"] for item in page["items"]]
        if page["next"] is None:
            break
        query = f"{start}&after={page['next']}"
    assert found == sorted((f"第{number}条" for number in range(4)), reverse=newest)
