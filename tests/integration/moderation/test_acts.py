"""The audit as moderators read it: with the names of people, rooms and words; and how much waits in many rooms at once."""

from server.comments import COMMENTS
from server.core.ids import new_id
from server.moderation import MODERATION
from server.questions import QUESTIONS
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.moderation.desk import decide, listed, moderator


async def test_an_act_tells_whom_and_what_it_was_about_as_long_as_that_is_kept(any_site: Site) -> None:
    site = any_site
    host, author, reporter, guide = (
        await site.host(),
        await site.person(name="封书瑶"),
        await site.person(),
        await moderator(site),
    )
    await listed(guide, "hold", ["疑问"])
    broadcast = await on_air(site, host, title="主题党日")
    async with await visit(site, author) as writer, await visit(site, guide) as keeping, await visit(site, reporter) as other:
        gone, stands, held = [(await writer.say(broadcast, text))["id"] for text in ("不该说的话", "没什么", "有疑问")]
        asked = (await writer.call("question", {"broadcast": broadcast, "text": "不该问的话", "client_id": new_id()}))["id"]
        answered = (await writer.call("question.reply", {"question": asked, "text": "不该答的话", "client_id": new_id()}))["id"]
        report = {"comment": stands, "reason": "abuse", "client_id": new_id()}
        assert (await other.call("comment.report", report))["ok"]
        for event, named in (
            ("comment.remove", {"comment": gone}),
            ("question.reply.remove", {"reply": answered}),
            ("question.remove", {"question": asked}),
        ):
            assert (await keeping.call(event, {**named, "client_id": new_id(), "reason": "辱骂"}))["ok"]
        own = (await keeping.call("question", {"broadcast": broadcast, "text": "自己的", "client_id": new_id()}))["id"]
        assert (await keeping.call("question.remove", {"question": own}))["ok"], "what is one's own is nobody's business"
    assert (await guide.post(f"/api/v1/reports/{stands}/dismiss")).status == 200
    assert (await decide(guide, held, "reject", "与主题无关")).status == 200
    assert (await guide.post("/api/v1/mutes", {"member": author.id, "reason": "刷屏"})).status == 201

    async def told() -> list[tuple[str, str | None, str | None, str | None]]:
        rows = (await guide.get("/api/v1/audit")).body["items"]
        return [
            (row["act"], row["room"], None if row["person"] is None else row["person"]["name"], row["text"])
            for row in rows
            if not row["act"].startswith("word_list.")
        ]

    assert await told() == [
        ("mute.set", None, "封书瑶", None),
        ("held.rejected", "主题党日", "封书瑶", "有疑问"),
        ("case.dismissed", "主题党日", None, "没什么"),
        ("question.removed", "主题党日", "封书瑶", "不该问的话"),
        ("question.reply.removed", "主题党日", "封书瑶", "不该答的话"),
        ("comment.removed", "主题党日", "封书瑶", "不该说的话"),
    ]
    async with site.database.transaction() as session:
        for feature in (MODERATION, COMMENTS, QUESTIONS):
            await site.server.app[feature].purge(session, broadcast)
    assert [text for _, _, _, text in await told()] == [None] * 6
    assert [name for _, _, name, _ in await told()].count("封书瑶") == 5, "whom it was about is in the audit itself"


async def test_what_waits_in_many_rooms_is_one_question(any_site: Site) -> None:
    site = any_site
    host, author, reporter, guide = await site.host(), await site.person(), await site.person(), await moderator(site)
    await listed(guide, "hold", ["疑问"])
    quiet, busy = await on_air(site, host), await on_air(site, host)
    async with await visit(site, author) as writer, await visit(site, reporter) as other:
        first, second = [(await writer.say(busy, f"有疑问{number}"))["id"] for number in range(2)]
        said = (await writer.say(busy, "没什么"))["id"]
        report = {"comment": said, "reason": "abuse", "client_id": new_id()}
        assert (await other.call("comment.report", report))["ok"]

    async def counts() -> list[tuple[str, int, int]]:
        answer = await guide.get(f"/api/v1/desks?rooms={busy},{quiet},{busy},nothing")
        return [(each["scope"], each["waiting"], each["reported"]) for each in answer.body["items"]]

    assert await counts() == [(busy, 2, 1), (quiet, 0, 0), ("nothing", 0, 0)]
    assert (await decide(guide, first, "approve")).status == 200
    assert (await decide(guide, second, "reject")).status == 200
    assert (await guide.post(f"/api/v1/reports/{said}/dismiss")).status == 200
    assert await counts() == [(busy, 0, 0), (quiet, 0, 0), ("nothing", 0, 0)]
    assert (await guide.get(f"/api/v1/desks?rooms={','.join(['x'] * 51)}")).code == "query_invalid"
