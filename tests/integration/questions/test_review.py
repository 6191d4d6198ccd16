"""What moderation says of questions and written answers: refused, held and said later as at once, silenced people."""

import io
import json
import zipfile
from typing import Any

from server.core.ids import new_id
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.moderation.desk import decide, listed, moderator, waiting
from tests.integration.moderation.test_people import mute
from tests.integration.questions.room import ask, code, of, reply, shown, vote
from tests.support.wait import until


async def test_what_is_held_is_nobodys_until_it_is_approved_and_then_as_it_would_have_been_at_once(site: Site) -> None:
    host, asker = await site.host(), await site.person(name="隐姓名")
    broadcast = await on_air(site, host, comment_mode="pre_moderated")
    async with await visit(site, host) as one, await visit(site, asker) as two:
        await one.subscribe(broadcast)
        again: dict[str, Any] = {"client_id": new_id(), "anonymous": True}
        asked = await ask(two, broadcast, "能匿名吗？", **again)
        assert asked == {"ok": True, "id": asked["id"], "held": True}
        assert await ask(two, broadcast, "能匿名吗？", **again) == asked
        assert code(await vote(one, asked["id"])) == "question_not_found"
        assert code(await one.call("question.mark", {"question": asked["id"], "state": "answering"})) == "question_not_found"
        assert await shown(site, broadcast) == []
        mine = f"/api/v1/broadcasts/{broadcast}/questions/mine"
        assert (await asker.get(mine)).body["asked"][0]["review"] == "held"
        (held,) = await waiting(host, broadcast)
        assert (held["kind"], held["text"], held["author"]["name"]) == ("question", "能匿名吗？", "隐姓名")

        assert (await decide(host, asked["id"], "approve")).status == 200
        await until(lambda: of(one, "question.asked"), what="the question")
        (entry,) = of(one, "question.asked")
        assert entry["data"] == {"id": asked["id"], "text": "能匿名吗？"}
        assert "by" not in entry
        assert [(each["id"], each["at"]) for each in await shown(site, broadcast)] == [(asked["id"], entry["at"])]
        assert await ask(two, broadcast, "能匿名吗？", **again) == {**asked, "offset": entry["offset"], "held": False}
        assert code(await vote(one, asked["id"])) == "ok"

        answered = await reply(two, asked["id"], "自己补充")
        assert (answered["ok"], answered["held"]) == (True, True)
        assert (await shown(site, broadcast))[0]["replies"] == []
        assert (await decide(host, answered["id"], "approve")).status == 200
        assert [each["id"] for each in (await shown(site, broadcast))[0]["replies"]] == [answered["id"]]
        assert (await ask(one, broadcast, "主播自己的"))["held"] is False


async def test_what_was_rejected_or_withdrawn_counts_for_nothing(site: Site) -> None:
    host, asker = await site.host(), await site.person()
    broadcast = await on_air(site, host, comment_mode="pre_moderated")
    async with await visit(site, asker) as two:
        again = {"client_id": new_id()}
        asked = await ask(two, broadcast, "与主题无关", **again)
        assert (await decide(host, asked["id"], "reject", "与主题无关")).status == 200
        refused = await ask(two, broadcast, "与主题无关", **again)
        assert refused["error"]["code"] == "question_rejected"
        assert "与主题无关" in refused["error"]["message"]
        other = await ask(two, broadcast, "我不问了")
        assert code(await two.call("question.remove", {"question": other["id"]})) == "ok"
        assert (await decide(host, other["id"], "approve")).code == "withdrawn"
        assert await shown(site, broadcast) == []
        for number in range(4):  # none of them waits for an answer
            assert (await ask(two, broadcast, f"第{number}问"))["held"] is True


async def test_words_refuse_and_hold_and_a_silenced_person_neither_asks_nor_answers(site: Site) -> None:
    host, viewer, guard = await site.host(), await site.person(), await moderator(site)
    broadcast = await on_air(site, host)
    await listed(guard, "refuse", ["违禁词"])
    await listed(guard, "hold", ["可疑词"])
    async with await visit(site, viewer) as two:
        assert code(await ask(two, broadcast, "有违禁词吗")) == "text_refused"
        assert (await ask(two, broadcast, "有可疑词吗"))["held"] is True
        question = (await ask(two, broadcast, "正常的问题"))["id"]
        assert code(await reply(two, question, "违禁词")) == "text_refused"
        assert (await mute(host, viewer, broadcast, minutes=10)).status == 201
        assert code(await ask(two, broadcast, "还能问吗")) == "muted"
        assert code(await reply(two, question, "还能答吗")) == "muted"


async def test_the_evidence_has_them_with_their_writers_and_the_words_of_what_was_removed(site: Site) -> None:
    host, asker, guard = await site.host(), await site.person(name="隐姓名"), await moderator(site)
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, asker) as two:
        kept = (await ask(two, broadcast, "能匿名吗？", anonymous=True))["id"]
        gone = (await ask(two, broadcast, "不该问的话"))["id"]
        answer = (await reply(one, gone, "不该答的话"))["id"]
        assert code(await one.call("question.remove", {"question": gone, "reason": "与主题无关"})) == "ok"
    taken = await guard.get(f"/api/v1/broadcasts/{broadcast}/evidence")
    assert taken.status == 200
    with zipfile.ZipFile(io.BytesIO(taken.raw)) as archive:
        rows = [json.loads(line) for line in archive.read("said.jsonl").splitlines()]
    told = {row["id"]: (row["kind"], row["author"]["name"], row["text"], row["state"], row.get("reason")) for row in rows}
    assert told[kept] == ("question", "隐姓名", "能匿名吗？", "said", None)
    assert told[gone] == ("question", "隐姓名", "不该问的话", "removed", "与主题无关")
    assert told[answer][:4] == ("question.reply", "闻小满", "不该答的话", "removed")
