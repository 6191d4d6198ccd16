"""Mutes count at once, also on an open connection and in another process; slow mode; reports; and who may do it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import BroadcastRooms
from server.comments import COMMENTS, CommentService
from server.core.audit import Audit
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Journal
from server.core.pulse import EVERY, Pulse
from server.identity import Role
from server.migrations import upgrade
from server.moderation import Moderation, ModerationSettings
from tests.integration.broadcasts.site import Answer, Person, Site, running_site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.moderation.desk import listed, listens_to_own, moderator, of_type, sits_at
from tests.integration.sockets.test_snapshots import member_of
from tests.support.wait import until


async def mute(by: Person, target: Person, broadcast: str | None = None, **more: Any) -> Answer:
    path = "/api/v1/mutes" if broadcast is None else f"/api/v1/broadcasts/{broadcast}/mutes"
    return await by.post(path, {"member": target.id, "reason": "刷屏", **more})


async def test_a_muted_member_is_refused_on_the_open_connection_with_until_when_and_why(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person(name="封书瑶")
    broadcast, other = await on_air(site, host), await on_air(site, host)
    async with await visit(site, viewer) as writer, await visit(site, host) as desk:
        await listens_to_own(writer, viewer)
        await sits_at(desk, broadcast)
        client_id = new_id()
        before = await writer.say(broadcast, "先说一句", client_id=client_id)
        answer = await mute(host, viewer, broadcast, minutes=10)
        assert answer.status == 201, answer.raw.decode()
        refused = (await writer.say(broadcast, "再说一句"))["error"]
        assert (refused["code"], refused["until"], refused["reason"]) == ("muted", answer.body["until"], "刷屏")
        assert "刷屏" in refused["message"]
        assert await writer.say(broadcast, "先说一句", client_id=client_id) == before, "what was accepted stays so"
        assert (await writer.say(other, "别处可以"))["ok"]
        await until(lambda: of_type(writer, "mute.set") and of_type(desk, "mute.set"), what="both hear of it")
        assert "by" not in of_type(writer, "mute.set")[0]
        assert of_type(desk, "mute.set")[0]["member"]["name"] == "封书瑶"
        assert [each["member"]["id"] for each in (await host.get(f"/api/v1/broadcasts/{broadcast}/mutes")).body["items"]] == [
            viewer.id
        ]
        assert (await host.send("DELETE", f"/api/v1/mutes/{answer.body['id']}")).status == 204
        assert (await host.send("DELETE", f"/api/v1/mutes/{answer.body['id']}")).status == 204, (
            "the second time nothing happens"
        )
        assert (await writer.say(broadcast, "又可以了"))["ok"]


async def test_a_mute_everywhere_is_a_moderators_and_ends_by_itself_or_is_lifted_by_one(site: Site) -> None:
    host, viewer, guide = await site.host(), await site.person(), await moderator(site)
    broadcast = await on_air(site, host)
    assert (await mute(host, viewer)).code == "role_needed"
    assert (await mute(guide, viewer)).status == 201
    async with await visit(site, viewer) as writer:
        refused = (await writer.say(broadcast, "你好"))["error"]
        assert refused["code"] == "muted"
        assert "until" not in refused
    (held,) = (await guide.get("/api/v1/mutes")).body["items"]
    assert (await host.send("DELETE", f"/api/v1/mutes/{held['id']}")).code == "mute_not_found"
    assert (await guide.send("DELETE", f"/api/v1/mutes/{held['id']}")).status == 204
    here = (await mute(guide, viewer, broadcast)).body
    assert (await host.send("DELETE", f"/api/v1/mutes/{here['id']}")).code == "standing_too_high"


async def test_nobody_mutes_those_who_stand_as_high(site: Site) -> None:
    host, guide = await site.host(), await moderator(site)
    secretary, chief = await site.person(Role.BRANCH_SECRETARY), await site.person(Role.COMMITTEE_SECRETARY)
    broadcast = await on_air(site, host)
    cases = [
        (host, guide, broadcast), (host, secretary, broadcast), (host, chief, broadcast), (host, host, broadcast),
        (guide, guide, None), (guide, chief, broadcast), (chief, await site.person(Role.ADMINISTRATOR), None),
    ]  # fmt: skip
    for by, target, scope in cases:
        assert (await mute(by, target, scope)).code == "standing_too_high"
    for by, target, scope in [(guide, host, broadcast), (guide, secretary, None), (chief, guide, None)]:
        assert (await mute(by, target, scope)).status == 201
    missing = await host.post(f"/api/v1/broadcasts/{broadcast}/mutes", {"member": new_id()})
    assert missing.code == "member_not_found"


@pytest.mark.postgres
async def test_mutes_and_word_lists_count_in_another_process_at_its_next_look(tmp_path: Path, postgres_url: str) -> None:
    assert EVERY < 2, "s, within which they are to count there"
    database = Database(postgres_url)
    await upgrade(database)
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        viewer, guide = await site.person(), await moderator(site)
        rooms, clock, journal = BroadcastRooms(site.service), SystemClock(), Journal(database, SystemClock())
        there = Moderation(database, journal, site.identity, Audit(database, clock), clock, rooms, ModerationSettings())
        pulse = Pulse(database, every=0.1)
        await there.start(pulse)
        pulse.start()
        try:
            member = await member_of(site, viewer)
            there.check_may_write(member, new_id())
            assert (await mute(guide, viewer)).status == 201
            await listed(guide, "refuse", ["坏词"])
            await until(lambda: there._memory.mute_of(viewer.id, new_id()), what="the mute")
            await until(lambda: there.hits(["坏　词"]), what="the word")
        finally:
            await pulse.close()
            await database.close()


async def test_slow_mode_lets_one_through_and_says_how_long_the_others_wait(any_site: Site) -> None:
    site = any_site
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    await put(site, broadcast, slow_seconds=30)
    async with await visit(site, viewer) as one, await visit(site, viewer) as two, await visit(site, host) as hosting:
        ids = [new_id() for _ in range(6)]
        answers = await asyncio.gather(
            *(visitor.say(broadcast, f"第{number}句", client_id=ids[number]) for number, visitor in enumerate([one, two] * 3))
        )
        accepted = [number for number, answer in enumerate(answers) if answer["ok"]]
        assert len(accepted) == 1, "one comment at a time"
        refused = next(answer["error"] for answer in answers if not answer["ok"])
        assert refused["code"] == "slow_mode"
        assert 25 <= refused["retry_after"] <= 30
        assert str(refused["retry_after"]) in refused["message"]
        (number,) = accepted
        assert await two.say(broadcast, f"第{number}句", client_id=ids[number]) == answers[number], "what was accepted stays so"
        for _ in range(2):
            assert (await hosting.say(broadcast, "主播不受限"))["ok"]
        await put(site, broadcast, slow_seconds=0)
        assert (await one.say(broadcast, "不限了"))["ok"]


@pytest.mark.postgres
async def test_slow_mode_holds_over_two_processes(tmp_path: Path, postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database)
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        host, viewer = await site.host(), await site.person()
        broadcast = await on_air(site, host)
        await put(site, broadcast, slow_seconds=60)
        member, here = await member_of(site, viewer), site.server.app[COMMENTS]
        clock, journal = SystemClock(), Journal(database, SystemClock())
        apart = Moderation(
            database, journal, site.identity, Audit(database, clock), clock, BroadcastRooms(site.service), ModerationSettings()
        )
        there = CommentService(database, journal, site.service, apart, clock)
        try:
            writes = [service.post(member, broadcast, "你好", client_id=new_id()) for service in (here, there) * 4]
            results = await asyncio.gather(*writes, return_exceptions=True)
        finally:
            await there.close()
            await database.close()
        assert sum(not isinstance(each, BaseException) for each in results) == 1
        assert {getattr(each, "code", "said") for each in results} == {"said", "slow_mode"}


async def test_after_the_pause_a_slow_room_takes_the_next_comment(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    await put(site, broadcast, slow_seconds=300)
    member, service = await member_of(site, viewer), site.server.app[COMMENTS]

    class Later(SystemClock):
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=301)

    await service.post(member, broadcast, "先", client_id=new_id())
    service._clock = Later()
    await service.post(member, broadcast, "后", client_id=new_id())


async def test_reports_bring_a_comment_to_the_top_once_for_each_person_and_remove_nothing(any_site: Site) -> None:
    site = any_site
    host, author = await site.host(), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    reporters = [await site.person() for _ in range(3)]
    async with await visit(site, author) as writer, await visit(site, host) as desk:
        await sits_at(desk, broadcast)
        said = (await writer.say(broadcast, "骂人的话"))["id"]
        other = (await writer.say(broadcast, "别的"))["id"]

        async def report(by: Person, comment: str, client_id: str) -> Any:
            async with await visit(site, by) as one:
                payload = {"comment": comment, "reason": "abuse", "words": "太难听", "client_id": client_id}
                return await one.call("comment.report", payload)

        first = new_id()
        for reporter, client_id in zip(reporters, (first, new_id(), new_id()), strict=True):
            assert await report(reporter, said, client_id) == {"ok": True}
        assert await report(reporters[0], said, first) == {"ok": True}
        assert await report(reporters[0], said, new_id()) == {"ok": True}
        assert (await report(reporters[0], other, first))["error"]["code"] == "client_id_reused"
        assert (await report(author, said, new_id()))["error"]["code"] == "own_words"
        await until(lambda: len(of_type(desk, "report.filed")) == 3, what="the desk hears of each")
        assert [each["urgent"] for each in of_type(desk, "report.filed")] == [False, False, True]
        (case,) = (await host.get(f"/api/v1/broadcasts/{broadcast}/reports")).body["items"]
        assert (case["id"], case["count"], case["reasons"], case["urgent"]) == (said, 3, {"abuse": 3}, True)
        page = (await host.get(f"/api/v1/broadcasts/{broadcast}/comments")).body["items"]
        assert page[0]["data"]["text"] == "骂人的话"
        assert (await host.post(f"/api/v1/reports/{said}/dismiss")).body["state"] == "dismissed"
        assert (await (await moderator(site)).post(f"/api/v1/reports/{said}/dismiss")).code == "already_decided"
        assert (await reporters[0].post(f"/api/v1/reports/{said}/dismiss")).code == "report_not_found"
        assert (await host.get(f"/api/v1/broadcasts/{broadcast}/reports")).body["items"] == []


async def test_who_reports_without_end_is_stopped(tmp_path: Path) -> None:
    few = ModerationSettings(reports_most=2)
    async with running_site(tmp_path, {}, lambda settings: replace(settings, moderation=few)) as site:
        host, author, reporter = await site.host(), await site.person(), await site.person()
        broadcast = await on_air(site, host)
        async with await visit(site, author) as writer, await visit(site, reporter) as one:
            codes = []
            for number in range(3):
                said = (await writer.say(broadcast, f"第{number}句"))["id"]
                answer = await one.call("comment.report", {"comment": said, "reason": "spam", "client_id": new_id()})
                codes.append("ok" if answer["ok"] else answer["error"]["code"])
            assert codes == ["ok", "ok", "too_many_reports"]
            assert answer["error"]["retry_after"] > 500


async def test_a_marked_word_is_shown_to_all_and_to_those_who_moderate(site: Site) -> None:
    host, viewer, guide = await site.host(), await site.person(), await moderator(site)
    await listed(guide, "mark", ["红包"])
    broadcast = await on_air(site, host)
    async with await visit(site, viewer) as writer:
        said = await writer.say(broadcast, "哪里领红 包")
        assert said["held"] is False
    (case,) = (await host.get(f"/api/v1/broadcasts/{broadcast}/reports")).body["items"]
    assert (case["id"], case["count"], case["hits"][0]["word"], case["urgent"]) == (said["id"], 0, "红包", False)
