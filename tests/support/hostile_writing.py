"""Hostile texts wherever something can be written around a broadcast before anybody looks."""

from itertools import cycle

from server.core.texts import tidied
from server.moderation.word_files import fault_of
from tests.support.hostile import (
    ADMINISTRATOR,
    HOST,
    MODERATOR,
    READER,
    SECRETARY,
    TEXTS,
    WRITER,
    House,
    fitting,
    packs,
)

PLAN = {"starts_at": "2030-07-01T01:00:00Z", "visibility": "employees", "comment_mode": "post_moderated"}


async def people_have_names(house: House) -> None:
    """Those who speak are called harm themselves, and so are many others, and their branches."""
    http = await house.member(ADMINISTRATOR)
    async with http.get("/api/v1/members?limit=200") as answer:
        ids = {each["mobile"]: each["id"] for each in (await answer.json())["items"]}
    names = iter(fitting(40))
    renamed = [
        (f"/api/v1/members/{ids[mobile]}", {"name": next(names)}) for mobile in (SECRETARY, MODERATOR, HOST, WRITER, READER)
    ]
    await house.posts(ADMINISTRATOR, "PATCH", renamed, "MemberPatch.name")
    people = [
        ("/api/v1/members", {"name": text, "mobile": f"1300000{number:04}", "status": "full"})
        for number, text in enumerate(TEXTS)
    ]
    await house.posts(ADMINISTRATOR, "POST", people[::10], "MemberIn.name")
    branches = [("/api/v1/branches", {"name": text, "city": text[:40]}) for text in TEXTS[::6]]
    made = [each for each in await house.posts(ADMINISTRATOR, "POST", branches, "BranchIn.name", "BranchIn.city") if each]
    again = [(f"/api/v1/branches/{each['id']}", {"name": f"{each['name'][:58]}。", "city": each["city"]}) for each in made[:10]]
    await house.posts(ADMINISTRATOR, "PATCH", again, "BranchPatch.name", "BranchPatch.city")


async def words_are_listed(house: House) -> str:
    """Every text that can be listed is marked where it is said; gives the list's id."""
    lists = [("/api/v1/word-lists", {"name": pack, "action": "hold"}) for pack in packs(40)[:45]]
    made = [each for each in await house.posts(MODERATOR, "POST", lists, "WordListIn.name") if each]
    marking, *others = (f"/api/v1/word-lists/{each['id']}" for each in made)
    await house.posts(MODERATOR, "PATCH", [(marking, {"name": fitting(40)[0], "action": "mark"})], "WordListPatch.name")
    again = [(path, {"name": pack}) for path, pack in zip(others, packs(40)[45:], strict=False)]
    await house.posts(MODERATOR, "PATCH", again, "WordListPatch.name")
    words = [word for text in TEXTS if fault_of(word := tidied(text)) is None]
    await house.posts(MODERATOR, "PATCH", [(f"{marking}/words", {"add": words})], "WordsPatch.add")
    await house.posts(MODERATOR, "PATCH", [(f"{marking}/words", {"remove": words[:5]})], "WordsPatch.remove")
    return marking.rsplit("/", 1)[1]


async def broadcasts_are_planned(house: House) -> None:
    plans = [("/api/v1/broadcasts", {**PLAN, "title": text, "intro": text}) for text in TEXTS]
    await house.posts(HOST, "POST", plans, "BroadcastIn.title", "BroadcastIn.intro")


async def what_stays_is_written(house: House, room: str) -> list[str]:
    """Questions and answers, what was removed and why, who is muted and why; gives the ids of what is held."""
    questions = [{"broadcast": room, "text": text} for text in [*TEXTS, "提问至此"]]
    asked = [each["id"] for each in await house.tells(HOST, "question", questions, "QuestionIn.text") if each]
    replies = [{"question": question, "text": text} for question, text in zip(cycle(asked), [*TEXTS, "回答至此"])]
    await house.tells(HOST, "question.reply", replies, "QuestionReplyIn.text")

    one = f"/api/v1/broadcasts/{room}"
    await house.posts(HOST, "PATCH", [(f"{one}/room", {"comment_mode": "pre_moderated"})])
    comments = [{"broadcast": room, "text": text} for text in TEXTS]
    held = [each["id"] for each in await house.tells(WRITER, "comment", comments) if each and each["held"]]
    assert len(held) > 250
    await house.posts(HOST, "PATCH", [(f"{one}/room", {"comment_mode": "post_moderated"})])
    mine = [{"broadcast": room, "text": f"将移除 {number}"} for number in range(40)]
    spoken = [each["id"] for each in await house.tells(WRITER, "comment", mine) if each]
    asked = [each["id"] for each in await house.tells(HOST, "question", mine) if each]
    replied = [
        each["id"]
        for each in await house.tells(HOST, "question.reply", [{"question": each, "text": "将移除"} for each in asked])
        if each
    ]
    for event, field, ids in (
        ("comment.remove", "CommentRemoveIn.reason", spoken),
        ("question.reply.remove", "QuestionReplyRemoveIn.reason", replied),
        ("question.remove", "QuestionRemoveIn.reason", asked),
    ):
        named = {"comment.remove": "comment", "question.remove": "question"}.get(event, "reply")
        removals = [{named: each, "reason": reason} for each, reason in zip(ids, packs(200), strict=False)]
        await house.tells(MODERATOR, event, removals, field)
    async with (await house.member(ADMINISTRATOR)).get("/api/v1/members?limit=200") as answer:
        people = [each["id"] for each in (await answer.json())["items"] if each["mobile"].startswith("1300000")]
    mutes = [(f"{one}/mutes", {"member": each, "reason": text}) for text, each in zip(TEXTS, cycle(people), strict=False)]
    mutes.append((f"{one}/mutes", {"member": people[-1], "reason": "禁言至此"}))
    await house.posts(MODERATOR, "POST", mutes[:-1], "MuteIn.reason")
    await house.posts(MODERATOR, "POST", mutes[-1:])
    return held
