"""Questions reach everybody in the room: asked once, marked, pinned, answered in writing, taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from server.broadcasts import CommentMode, Recording, State
from server.core.clock import rfc3339
from server.core.ids import new_id
from server.identity import Role
from server.questions import QUESTIONS
from server.questions.model import MOST_OPEN
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.questions.room import ask, code, mark, of, reply, shown
from tests.support.wait import until

WORDS = "不该问的话"


async def test_a_question_reaches_everybody_once_and_stands_in_the_snapshot(site: Site) -> None:
    host, viewer = await site.host(), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await one.subscribe(broadcast)
        first = await ask(two, broadcast, "  会有\n回看吗？ ", client_id=(again := new_id()))
        assert await ask(two, broadcast, "会有 回看吗？", client_id=again) == first
        assert code(await ask(two, broadcast, "另一个问题", client_id=again)) == "client_id_reused"
        await until(lambda: of(one, "question.asked"), what="the question")
        (entry,) = of(one, "question.asked")
        assert (entry["offset"], entry["data"]) == (first["offset"], {"id": first["id"], "text": "会有 回看吗？"})
        assert entry["by"] == {"id": viewer.id, "name": "封书瑶"}
        (question,) = await shown(site, broadcast)
        assert question == {
            "id": first["id"],
            "at": entry["at"],
            "by": entry["by"],
            "text": "会有 回看吗？",
            "state": "asked",
            "answering_at": None,
            "answered_at": None,
            "votes": 0,
            "pinned": False,
            "adopted": None,
            "replies": [],
        }
        assert code(await ask(two, broadcast, " \u200b ")) == "text_empty"
        assert code(await ask(two, broadcast, "长" * 201)) == "text_too_long"


async def test_one_person_has_so_many_open_questions_and_an_answer_makes_room(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast, other = await on_air(site, host), await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        asked = [(await ask(two, broadcast, f"第{number}问"))["id"] for number in range(MOST_OPEN)]
        assert code(await ask(two, broadcast, "再问一个")) == "too_many_open"
        assert code(await ask(two, other, "别处可以")) == "ok"
        assert code(await mark(one, asked[0], "answered")) == "ok"
        assert code(await ask(two, broadcast, "再问一个")) == "ok"
        assert code(await two.call("question.remove", {"question": asked[1]})) == "ok"
        assert code(await ask(two, broadcast, "又问一个")) == "ok"
        for number in range(MOST_OPEN + 1):
            assert code(await ask(one, broadcast, f"代问{number}")) == "ok"  # the hall's questions, read out by the host


async def test_they_are_taken_before_the_air_and_while_comments_are_off(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = (await host.schedule())["id"]
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        early = await ask(two, broadcast, "提前问一个")
        assert early["ok"]
        assert code(await mark(one, early["id"], "answering")) == "not_on_air"
        await put(site, broadcast, state=State.LIVE, live_at=datetime.now(UTC), comment_mode=CommentMode.OFF)
        assert code(await ask(two, broadcast)) == "ok"
        await put(site, broadcast, muted=True)
        assert code(await ask(two, broadcast)) == "room_muted"
        assert code(await reply(two, early["id"])) == "room_muted"
        assert code(await ask(one, broadcast)) == "ok"


async def test_after_the_end_nobody_asks_and_the_host_still_answers_in_writing(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        again: dict[str, Any] = {"client_id": new_id()}
        asked = await ask(two, broadcast, **again)
        assert (await host.post(f"/api/v1/broadcasts/{broadcast}/end")).status == 200
        assert await ask(two, broadcast, **again) == asked  # it was written, and the answer lost
        assert code(await ask(two, broadcast)) == "questions_closed"
        assert code(await one.call("question.vote", {"question": asked["id"], "up": True})) == "questions_closed"
        written = await reply(one, asked["id"], "已发到群里", **again)
        assert written["ok"]
        assert await reply(one, asked["id"], "已发到群里", **again) == written
        assert code(await reply(one, asked["id"], "别的", **again)) == "client_id_reused"
        await put(site, broadcast, recording=Recording.DISCARDED)
        assert code(await reply(one, asked["id"], "太晚了")) == "questions_closed"


async def test_the_answer_on_air_is_a_span_and_the_next_one_ends_it(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    live_at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    broadcast = await on_air(site, host)
    await put(site, broadcast, live_at=live_at)
    minute = [rfc3339(live_at + timedelta(minutes=number)) for number in range(10)]
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await two.subscribe(broadcast)
        first, second = (await ask(two, broadcast, "一"))["id"], (await ask(two, broadcast, "二"))["id"]
        for question, state, at in (
            (first, "answering", 1),
            (first, "answering", 2),  # pressed twice
            (second, "answering", 4),
            (second, "answered", 6),
            (first, "asked", 7),
        ):
            assert code(await mark(one, question, state, minute[at])) == "ok"
        assert code(await mark(two, first, "answered")) == "keeper_needed"
        await until(lambda: of(two, "question.reopened"), what="the last mark")
        told = [
            (each["type"], each["data"]["id"], each["data"]["answering_at"], each["data"]["answered_at"], each["media_at"])
            for each in two.entries
            if "state" in each["data"]
        ]
        assert told == [
            ("question.answering", first, minute[1], None, minute[1]),
            ("question.answered", first, minute[1], minute[4], minute[4]),
            ("question.answering", second, minute[4], None, minute[4]),
            ("question.answered", second, minute[4], minute[6], minute[6]),
            ("question.reopened", first, None, None, minute[7]),
        ]
        assert code(await mark(one, first, "answering", "2001-01-01T00:00:00Z")) == "ok"
        starts = {each["id"]: each["answering_at"] for each in await shown(site, broadcast)}
        assert starts == {first: minute[0], second: minute[4]}  # no earlier than the programme


async def test_a_written_answer_is_adopted_by_the_asker_or_the_host_and_another_instead(site: Site) -> None:
    host, asker, other = await site.host(), await site.person(), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, asker) as two, await visit(site, other) as three:
        question = (await ask(two, broadcast))["id"]
        elsewhere = (await ask(three, broadcast, "另一个"))["id"]
        good, better = (await reply(three, question, "有"))["id"], (await reply(one, question, "同一个链接"))["id"]

        async def adopt(by: Any, answer: str | None, of_: str = question) -> str:
            return code(await by.call("question.adopt", {"question": of_, "reply": answer}))

        assert await adopt(three, good) == "not_yours"
        assert await adopt(two, good) == "ok"
        assert await adopt(one, better) == "ok"
        assert await adopt(one, better, elsewhere) == "reply_not_found"
        answered, _ = await shown(site, broadcast)
        assert answered["adopted"] == better
        assert [(each["id"], each["by"]["name"], each["text"]) for each in answered["replies"]] == [
            (good, "封书瑶", "有"),
            (better, "闻小满", "同一个链接"),
        ]
        assert answered["replies"][1]["by"]["badge"] == "host"
        assert code(await three.call("question.reply.remove", {"reply": better})) == "not_yours"
        assert code(await one.call("question.reply.remove", {"reply": better})) == "ok"
        assert await adopt(two, better) == "reply_not_found"
        answered, _ = await shown(site, broadcast)
        assert (answered["adopted"], [each["id"] for each in answered["replies"]]) == (None, [good])


async def test_what_is_taken_back_is_gone_everywhere_with_its_answers_and_its_asker_is_told_by_whom(site: Site) -> None:
    host, asker = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, asker) as two:
        start = await one.subscribe(broadcast)
        question = (await ask(two, broadcast, WORDS))["id"]
        await reply(two, question, f"回答{WORDS}")
        removal = {"question": question, "reason": "与主题无关"}
        for _ in range(2):
            assert code(await one.call("question.remove", removal)) == "ok"
        await until(lambda: of(one, "question.removed"), what="the removal")
        assert [each["type"] for each in one.entries][-2:] == ["question.reply_removed", "question.removed"]
        assert one.entries[-1]["data"]["left"] == {"id": question, "removed": "host"}
        async with await visit(site, asker) as three:
            told = [await three.subscribe(broadcast), await three.subscribe(broadcast, epoch=start["epoch"], after=0)]
            assert WORDS not in str([*told, three.entries, await shown(site, broadcast)])
        for event, payload in (
            ("question.vote", {"question": question, "up": True}),
            ("question.pin", {"question": question, "pinned": True}),
            ("question.mark", {"question": question, "state": "answered"}),
        ):
            assert code(await one.call(event, payload)) == "question_not_found"
        assert code(await reply(one, question)) == "question_not_found"
    mine = (await asker.get(f"/api/v1/broadcasts/{broadcast}/questions/mine")).body
    own = {"id": question, "text": WORDS, "anonymous": False, "removed": "host", "review": None}
    assert mine == {"asked": [own], "voted": []}
    async with site.database.reading() as session:
        journal = (await session.execute(text("SELECT data FROM journal"))).scalars().all()
        kept = (await session.execute(text("SELECT subject_id, by_id, why, reason FROM question_removals"))).one()
    assert not any(WORDS in data for data in journal)
    assert tuple(kept) == (question, host.id, "host", "与主题无关")


async def test_of_an_anonymous_question_no_viewer_learns_who_asked(site: Site) -> None:
    """Whatever a viewer can get is searched for the name and the id of whoever asked."""
    host, asker, viewer = await site.host(), await site.person(name="隐姓名"), await site.person()
    moderator = await site.person(Role.MODERATOR)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, asker) as two, await visit(site, viewer) as three:
        start = await three.subscribe(broadcast)
        question = (await ask(two, broadcast, "能匿名问吗？", anonymous=True))["id"]
        shown_to_viewers: list[Any] = [await three.call("question.vote", {"question": question, "up": True})]
        answer = (await reply(one, question))["id"]
        assert code(await two.call("question.adopt", {"question": question, "reply": answer})) == "ok"
        assert code(await one.call("question.pin", {"question": question, "pinned": True})) == "ok"
        for state in ("answering", "answered", "asked"):
            await mark(one, question, state)
        await until(lambda: of(three, "question.reopened"), what="all of it")
        assert "by" not in of(three, "question.asked")[0]
        positions: list[dict[str, Any]] = [{}, {"epoch": start["epoch"], "after": start["head"]}]
        shown_to_viewers += [await three.subscribe(broadcast, **position) for position in positions]
        paths = ("", "/comments", "/questions", "/questions/mine")
        shown_to_viewers += [(await viewer.get(f"/api/v1/broadcasts/{broadcast}{path}")).body for path in paths]
        shown_to_viewers += [await shown(site, broadcast)]
        assert "能匿名问吗？" in str(shown_to_viewers)
        assert code(await two.call("question.remove", {"question": question})) == "ok"
        await until(lambda: of(three, "question.removed"), what="that it was taken back")
        shown_to_viewers += [three.entries, await three.call("question.remove", {"question": question})]
        for payload in shown_to_viewers:
            assert asker.id not in str(payload)
            assert "隐姓名" not in str(payload)
        again = (await ask(two, broadcast, "再匿名问一次", anonymous=True))["id"]
    for keeper in (host, moderator):
        askers = (await keeper.get(f"/api/v1/broadcasts/{broadcast}/questions")).body["items"]
        assert askers == [{"id": again, "anonymous": True, "asker": {"id": asker.id, "name": "隐姓名"}}]
    assert (await viewer.get(f"/api/v1/broadcasts/{broadcast}/questions")).code == "keeper_needed"


async def test_a_room_whose_time_is_over_keeps_nothing_of_its_questions(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    gone, stays = await on_air(site, host), await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        for broadcast in (gone, stays):
            kept, removed = (await ask(one, broadcast))["id"], (await ask(one, broadcast))["id"]
            await two.call("question.vote", {"question": kept, "up": True})
            answer = (await reply(two, kept))["id"]
            await reply(two, kept)
            await one.call("question.reply.remove", {"reply": answer})
            await one.call("question.remove", {"question": removed})
    long_ago = datetime.now(UTC) - timedelta(days=181)
    await put(site, gone, state=State.ENDED, ended_at=long_ago, recording=Recording.NONE)
    assert await site.service.retention([site.server.app[QUESTIONS].purge]).purge() == 1
    tables = ("questions", "question_votes", "question_replies", "question_removals", "question_rooms")
    async with site.database.reading() as session:
        left = [(await session.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in tables]  # noqa: S608
    assert left == [2, 1, 2, 2, 1]
