"""Every page around a broadcast that shows any of the hostile texts, to those who may see all."""

import asyncio
import csv
import io
from collections.abc import Sequence
from urllib.parse import quote

import aiohttp
from playwright.async_api import FilePayload, Page, expect

from server.identity.roster import read_roster
from tests.support.browsing import DESKTOP
from tests.support.hostile import (
    ADMINISTRATOR,
    HOST,
    MARKUP,
    MODERATOR,
    SOON,
    TEXTS,
    House,
    Watched,
    fitting,
    packs,
    to_the_end,
)
from tests.support.wait import until
from tests.support.watching import replay_of


async def all_is_looked_at(house: House, room: str, other: str, words: str, pages: Sequence[Watched]) -> None:
    """Every page that shows any of it, to those who may see all."""
    reason = "中止 " + packs(190)[0]
    await house.posts(MODERATOR, "POST", [(f"/api/v1/broadcasts/{other}/cut-off", {"reason": reason})], "CutOffIn.reason")
    await house.posts(HOST, "POST", [(f"/api/v1/broadcasts/{room}/end", {})])
    host = await house.member(HOST)
    await until(lambda: _sealed(host, room), every=0.1, what="the recording")
    await house.posts(HOST, "POST", [(f"/api/v1/broadcasts/{room}/replay", {"published": True})])
    viewer, studio, desk = pages
    staff = await house.opens(ADMINISTRATOR, "/me", size=DESKTOP)
    await asyncio.gather(
        _as_a_viewer(viewer, room, other),
        _in_the_studio(studio, room, house),
        _as_a_moderator(desk, words, house),
        _as_staff(staff, house),
    )


async def unfold(page: Page) -> None:
    """Written answers, past polls: whatever a list shows only when asked."""
    await page.evaluate(
        "() => document.querySelectorAll('[role=tabpanel] [aria-expanded=false]').forEach((each) => each.click())"
    )


async def _sealed(http: aiohttp.ClientSession, room: str) -> bool:
    return str((await replay_of(http, room))["state"]) == "withheld"


async def _as_a_viewer(watched: Watched, room: str, other: str) -> None:
    await watched.goes("/", "即将开始")
    await watched.goes(f"/b/{room}/replay")
    await watched.page.get_by_role("button", name="播放").first.click(timeout=SOON)
    long = "() => Number.isFinite(document.querySelector('video')?.duration)"
    # Asked from here: what waits inside the page evaluates a text, and that the policy forbids.
    await until(lambda: watched.page.evaluate(long), timeout=30, what="the length of the replay")
    await watched.page.evaluate(
        "() => { const video = document.querySelector('video'); video.currentTime = video.duration - 1 }"
    )
    await watched.shows("评论至")
    await watched.page.get_by_role("tab", name="问答").first.click()
    await unfold(watched.page)
    await watched.shows("提问至此", "回答至此")
    await watched.goes(f"/b/{other}", "中止")


async def _in_the_studio(watched: Watched, room: str, house: House) -> None:
    await watched.goes(f"/studio/{room}/report", "提问至此")
    await watched.goes("/studio")
    await to_the_end(watched, "查看更早的")
    await watched.goes("/studio/new")
    for text in fitting(40)[:2]:
        async with (await house.member(HOST)).get("/api/v1/hosts", params={"q": text}) as answer:
            assert answer.status == 200
    house.taken.update(["HostsQuery.q"])


async def _as_a_moderator(watched: Watched, words: str, house: House) -> None:
    await watched.goes("/moderation")
    await watched.goes("/moderation/words", fitting(40)[0])
    page, found = watched.page, MARKUP[0]
    for pack in packs(2000):
        await page.get_by_role("textbox", name="试一试").fill(pack)
        async with page.expect_response("**/word-lists/test"):
            await page.get_by_role("button", name="测试", exact=True).click()
    await watched.check("what the lists find")
    house.taken.update(["TestIn.text"])
    await page.get_by_role("button", name=fitting(40)[0]).first.click()
    await page.get_by_label("查找").fill(found[:40])
    await page.get_by_role("button", name="导入", exact=True).click()
    content = "\n".join(TEXTS).encode()
    file = FilePayload(name=f"{fitting(60)[1]}.txt", mimeType="text/plain", buffer=content)
    await page.locator("input[type=file]").set_input_files(file)
    await expect(page.locator(".file")).to_be_visible()
    await watched.check("words from a file")
    house.taken.update(["WordsQuery.q"])
    hostile = _query(act=found, actor=found[:30], room=found[:30])
    await watched.goes(f"/moderation/audit?{hostile}")
    house.taken.update(["AuditQuery.act", "AuditQuery.actor", "AuditQuery.scope"])
    await watched.goes("/moderation/audit", "移除评论")
    await to_the_end(watched, "更早的记录")


async def _as_staff(watched: Watched, house: House) -> None:
    await watched.shows(MARKUP[0])
    page = watched.page
    await watched.goes(f"/staff/members?{_query(q=MARKUP[0][:40])}")
    house.taken.update(["MembersQuery.q", "AccountQuery.q"])
    await watched.goes("/staff/members", "导入名册")
    await page.get_by_role("button", name="导入名册").click()
    readable = [each for each in enumerate(TEXTS) if "\0" not in each[1]]  # or it is no text at all
    for people in (readable, [each for each in readable if not read_roster(_roster([each])).errors]):
        file = FilePayload(name=f"{fitting(60)[2]}.csv", mimeType="text/csv", buffer=_roster(people))
        await page.locator("input[type=file]").set_input_files(file)
        await expect(page.locator(".file")).to_be_visible(timeout=SOON)
        await watched.check("a roster that was read")
        if await (again := page.get_by_role("button", name="重新选择文件")).count():
            await again.click()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator("code").first).to_be_visible(timeout=SOON)
    await watched.goes("/staff/members", "导入名册")
    await to_the_end(watched, "再显示一些")
    await watched.goes("/staff/branches", TEXTS[0])
    await watched.goes("/staff/roles", fitting(40)[2])


def _roster(people: Sequence[tuple[int, str]]) -> bytes:
    out = io.StringIO()
    rows = ((text, f"1310000{number:04}", text, text, "正式党员") for number, text in people)
    csv.writer(out).writerows([("姓名", "手机号", "支部", "城市", "身份"), *rows])
    return out.getvalue().encode()


def _query(**values: str) -> str:
    return "&".join(f"{name}={quote(value)}" for name, value in values.items())
