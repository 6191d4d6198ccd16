"""Texts that mean harm, through every field people write in, on every screen that shows them: nothing of them ever runs.

`tests/data/hostile_texts.json` holds them: markup, addresses, templates, directions, spreadsheet formulas. The content policy
would stop most of what got through; so it must have nothing to report either. What a field refuses is refused in words.

This is the room, its studio and its desk, and what stands around them; then see `test_hostile_meetings`, `test_hostile_points`.
Which fields there are at all, and that none is forgotten: `tests/support/hostile_fields.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP
from tests.support.hostile import (
    HOST,
    MARKUP,
    MODERATOR,
    READER,
    SOON,
    TEXTS,
    WRITER,
    House,
    Watched,
    packs,
    running_house,
)
from tests.support.hostile_fields import IN_ROOMS
from tests.support.hostile_looking import all_is_looked_at, unfold
from tests.support.hostile_writing import (
    broadcasts_are_planned,
    people_have_names,
    what_stays_is_written,
    words_are_listed,
)
from tests.support.onair import broadcast_on_air
from tests.support.room import visiting
from tests.support.wait import until

_MARK = 5  # characters of a pack's own
VISITORS = 24  # of one address; more messages are not sent to it at once


@pytest.fixture
async def codes() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The company that sends codes to visitors: its address, and what was sent to which number."""
    sent: dict[str, str] = {}

    async def take(request: web.Request) -> web.Response:
        message = await request.json()
        sent[message["mobile"]] = message["code"]
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/send", take)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/send")), sent


@pytest.fixture
async def house(tmp_path: Path, codes: tuple[str, dict[str, str]]) -> AsyncIterator[House]:
    environment = {
        "HONGBO_ALLOW_PUBLIC": "on",
        "HONGBO_SMS_URL": codes[0],
        "HONGBO_SMS_SECRET": "shared with the company, 32 characters",
    }
    async with running_house(tmp_path, environment) as house:
        yield house


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_nothing_runs_whatever_is_written_and_wherever_it_is_shown(
    house: House, codes: tuple[str, dict[str, str]]
) -> None:
    host = await house.member(HOST)
    room, other, _ = await asyncio.gather(
        broadcast_on_air(host, house.stack, visibility="public"),
        broadcast_on_air(await house.member(READER), house.stack),
        people_have_names(house),
    )
    words = await words_are_listed(house)
    await broadcasts_are_planned(house)
    held = await what_stays_is_written(house, room)
    pages = [
        await house.opens(WRITER, f"/b/{room}"),
        await house.opens(HOST, f"/studio/{room}", size=DESKTOP),
        await house.opens(MODERATOR, f"/moderation/{room}", size=DESKTOP),
    ]
    await expect(pages[0].page.get_by_label("写评论")).to_be_visible(timeout=SOON)
    await _one_after_the_other(house, room, pages)
    await _much_is_said(house, room, pages)
    await _visitors_speak(house, room, pages, codes[1])
    await _held_is_rejected(house, held, pages[2].page)
    await _polls_are_held(house, room, pages)
    for each in pages[:2]:
        for tab in ("问答", "投票", "简介"):
            for found in await each.page.get_by_role("tab", name=tab).all():
                await found.click()
                await unfold(each.page)
                await each.check(tab)
    await house.check("the room, the studio and the desk")
    await all_is_looked_at(house, room, other, words, pages)
    assert set(house.taken) == IN_ROOMS
    assert all(
        house.taken[each] > 150 for each in ("CommentIn.text", "QuestionIn.text", "QuestionReplyIn.text", "MuteIn.reason")
    )
    await pages[0].page.evaluate("(text) => { document.body.innerHTML = text }", TEXTS[25])
    with pytest.raises(AssertionError, match="policy"):  # or this test could not fail
        await until(lambda: pages[0].check("a page that is careless"), what="the report")


# While the room, the studio and the desk are open -----------------------------------------------------------------------


async def _one_after_the_other(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Of these there is one at a time: title, introduction, notices, and why somebody may not write."""
    one, writer = f"/api/v1/broadcasts/{room}", await house.member(WRITER)
    async with writer.get("/api/v1/me") as answer:
        me = (await answer.json())["member"]["id"]
    titles = iter(zip(packs(80, "标题")[:12], cycle(packs(2000, "简介")), strict=False))
    async with house.speaking(HOST) as visit:
        for pinned, announced, reason in zip(packs(200, "置顶"), packs(200, "公告"), packs(200, "禁言"), strict=True):
            title, intro = next(titles, ("", ""))
            if title:
                changed = [(one, {"title": title, "intro": intro})]
                await house.posts(HOST, "PATCH", changed, "BroadcastPatch.title", "BroadcastPatch.intro")
            await house.tell(visit, "notice.pin", {"broadcast": room, "text": pinned}, "NoticeIn.text")
            await house.tell(visit, "notice.announce", {"broadcast": room, "text": announced}, "NoticeIn.text")
            (mute,) = await house.posts(
                MODERATOR, "POST", [(f"{one}/mutes", {"member": me, "reason": reason})], "MuteIn.reason"
            )
            marks = [each[:_MARK] for each in (pinned, announced, reason, title)]
            await asyncio.gather(pages[0].shows(*marks), pages[1].shows(marks[0], marks[3]), pages[2].shows(*marks[2:]))
    assert mute is not None
    async with (await house.member(MODERATOR)).delete(f"/api/v1/mutes/{mute['id']}") as answer:
        assert answer.status == 204


async def _much_is_said(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Comments typed and sent, questions, written answers, reports."""
    area = pages[0].page.get_by_label("写评论")
    for text in MARKUP[::12]:
        await area.fill(text)
        await area.press("Enter")
    said: list[str] = []
    for start in range(0, len(TEXTS), 95):
        comments = [{"broadcast": room, "text": text} for text in [*TEXTS[start : start + 95], f"评论至{start:03}"]]
        said += [each["id"] for each in await house.tells(WRITER, "comment", comments, "CommentIn.text") if each]
        await asyncio.gather(*(each.shows(f"评论至{start:03}") for each in pages))
    reports = [
        {"comment": comment, "reason": "other", "words": pack} for comment, pack in zip(said, packs(200)[:20], strict=False)
    ]
    await house.tells(READER, "comment.report", reports, "CommentReportIn.words")
    await house.check("what was said")


async def _visitors_speak(house: House, room: str, pages: Sequence[Watched], codes: dict[str, str]) -> None:
    """Under names they choose themselves; a moderator lets it be said."""
    await house.posts(HOST, "PATCH", [(f"/api/v1/broadcasts/{room}/room", {"visitors_comment": True})])

    async def speak(number: int, name: str) -> str | None:
        mobile = f"139000{number:05}"
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[house.serving.url])
        async with house.serving.client(cookie_jar=jar) as http:
            async with http.post("/api/v1/visitor/code", json={"mobile": mobile}) as answer:
                assert answer.status == 200, await answer.text()
            proof = {"mobile": mobile, "code": codes[mobile], "name": name}
            async with http.post("/api/v1/visitor", json=proof) as answer:
                if answer.status == 400:
                    return None
                visitor = await answer.json()
            cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
        house.taken.update(["VisitorIn.name"])
        async with visiting(house.serving.url, cookies, visitor["csrf"], "websocket") as visit:
            return str((await visit.say(room, f"访客{number:03}"))["id"])

    names = [text for text in TEXTS if 0 < len(text) <= 12 and any(each in text for each in "<{='\"&")]
    held = list(filter(None, await asyncio.gather(*(speak(number, name) for number, name in enumerate(names[:VISITORS])))))
    assert len(held) > VISITORS / 2
    await house.posts(MODERATOR, "POST", [(f"/api/v1/held/{each}/approve", {"reason": ""}) for each in held])
    await pages[0].shows("访客000")


async def _held_is_rejected(house: House, held: Sequence[str], desk: Page) -> None:
    """While the desk shows it; its writer reads why."""
    rows, reasons = desk.locator(".held-item"), packs(200, "拒绝")
    for start in range(0, len(held), 100):
        await expect(rows).to_have_count(min(100, len(held) - start), timeout=SOON)
        await house.check("what is held")
        part = held[start : start + 100]
        single = [(f"/api/v1/held/{each}/reject", {"reason": reason}) for each, reason in zip(part[:25], reasons, strict=False)]
        await house.posts(MODERATOR, "POST", single, "ReasonIn.reason")
        several = [
            {"ids": part[at : at + 3], "decision": "reject", "reason": reason}
            for at, reason in zip(range(25, 100, 3), reasons[25:], strict=False)
        ]
        await house.posts(MODERATOR, "POST", [("/api/v1/held/decisions", each) for each in several], "DecisionsIn.reason")
        if left := part[25 + 3 * len(several) :]:
            await house.posts(MODERATOR, "POST", [("/api/v1/held/decisions", {"ids": left, "decision": "reject"})])
    await expect(rows).to_have_count(0, timeout=SOON)


async def _polls_are_held(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Half of them prepared before, half of them asked on the spot."""
    options = [*packs(60), "是", "否"]
    plans = [
        {"question": question, "options": [*dict.fromkeys(options[8 * number : 8 * number + 8])]}
        for number, question in zip(range(-(-len(options) // 8)), cycle(packs(120)), strict=False)
    ]
    assert len(plans) <= 30
    prepared = [(f"/api/v1/broadcasts/{room}/polls", plan) for plan in plans[::2]]
    drafts = [each for each in await house.posts(HOST, "POST", prepared, "PollIn.question", "PollIn.options") if each]
    for found in await pages[1].page.get_by_role("tab", name="投票").all():
        await found.click()
    await pages[1].check("prepared polls")
    wanted: list[dict[str, Any]] = [{"poll": each["id"]} for each in drafts] + [
        {"broadcast": room, **plan} for plan in plans[1::2]
    ]
    for poll in wanted:
        fields = ("PollOpenIn.question", "PollOpenIn.options") if "question" in poll else ()
        (opened,) = await house.tells(HOST, "poll.open", [poll], *fields)
        if opened is not None:
            await house.tells(HOST, "poll.close", [{"poll": opened["poll"]}])
