"""An adopted answer is credited to whoever wrote it, live, and the credit goes when the adoption goes."""

from typing import Any

from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.questions.room import ask, code, reply
from tests.support.wait import until


async def points(person: Person, query: str = "") -> dict[str, Any]:
    answer = await person.get(f"/api/v1/me/points{query}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


async def test_an_adopted_answer_is_credited_live_taken_back_and_credited_again(site: Site) -> None:
    host, asker, writer = await site.host(), await site.person(name="闻小满"), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    async with await visit(site, asker) as one, await visit(site, writer) as two:
        await two.call("subscribe", {"channel": f"member:{writer.id}"})
        question = (await ask(one, broadcast, "有直播回看吗？"))["id"]
        answer = (await reply(two, question, "有的，结束后就能看"))["id"]

        async def adopt(which: str | None) -> None:
            assert code(await one.call("question.adopt", {"question": question, "reply": which})) == "ok"

        def credited() -> list[dict[str, Any]]:
            return [each["data"] for each in two.entries if each["type"] == "points.credited"]

        await adopt(answer)
        await adopt(answer)
        await until(credited, what="the credit")
        assert [(each["indicator"], each["amount"], each["kind"]) for each in credited()] == [("N08", 2, "award")]
        await adopt(None)
        await until(lambda: len(credited()) == 2, what="its reversal")
        assert credited()[1]["amount"] == -2
        assert credited()[1]["reverses"] == credited()[0]["id"]
        await adopt(answer)
        await until(lambda: len(credited()) == 3, what="the credit once more")

    year = await points(writer)
    assert (year["score"], year["base"]) == (602, 600)
    assert [(each["aspect"], each["awarded"]) for each in year["aspects"]][1] == ("neng", 2)
    newest, back, first = year["items"]
    assert (newest["amount"], back["amount"], first["amount"]) == (2, -2, 2)
    assert (first["reversed_by"], back["reverses"]) == (back["id"], first["id"])
    assert newest["title"].startswith("回答被采纳")
    assert newest["link"] == f"/b/{broadcast}"
    assert [each["number"] for each in year["items"]] == [3, 2, 1]
    page = await points(writer, "?limit=1")
    assert (await points(writer, f"?limit=2&after={page['next']}"))["items"] == [back, first]
    shown = (await writer.get("/api/v1/me/points/indicators")).body["items"]
    of_answers = next(each for each in shown if each["code"] == "N08")
    assert {cap["window"]: (cap["held"], cap["most"]) for cap in of_answers["caps"]} == {"day": (2, 4), "year": (2, 10)}


async def test_nobody_is_credited_for_an_answer_to_their_own_question_or_one_they_adopted_themselves(site: Site) -> None:
    host, asker = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, asker) as one, await visit(site, host) as keeper:
        question = (await ask(one, broadcast, "有直播回看吗？"))["id"]
        for by in (one, keeper):
            answer = (await reply(by, question, "有的"))["id"]
            assert code(await by.call("question.adopt", {"question": question, "reply": answer})) == "ok"
    for person in (asker, host):
        assert (await points(person))["items"] == []
