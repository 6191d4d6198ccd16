"""Phones in a room: what is written without a network arrives once, and one that slept shows every comment it missed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browsing import phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
HOST, ONE, OTHER = "10000000006", "10000000010", "10000000011"
# Nobody can put a page of a headless browser out of sight: it is told so, as a phone tells it.
_SIGHT = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}"""


@dataclass
class Room:
    """A broadcast that is on air."""

    serving: Serving
    host: aiohttp.ClientSession
    id: str

    async def comments(self) -> list[str]:
        """Everything that was said, as the journal has it."""
        texts: list[str] = []
        after: str | None = "0"
        while after is not None:
            async with self.host.get(f"/api/v1/broadcasts/{self.id}/comments?limit=200&after={after}") as answer:
                page: dict[str, Any] = await answer.json()
            texts += [entry["data"]["text"] for entry in page["items"]]
            after = page["next"]
        return texts

    async def enters(self, page: Page, mobile: str) -> None:
        await sign_in(page, self.serving.url, mobile, then=f"/b/{self.id}")
        await expect(page.get_by_placeholder("说点什么…")).to_be_visible(timeout=15_000)


@pytest.fixture
async def room(serving: Serving) -> AsyncIterator[Room]:
    async with await serving.signed_in(HOST) as host, AsyncExitStack() as stack:
        yield Room(serving, host, await broadcast_on_air(host, stack))


async def says(page: Page, text: str) -> None:
    field = page.get_by_label("写评论")
    await field.fill(text)
    await field.press("Enter")


def comment(page: Page, text: str) -> Locator:
    return page.locator(".comment .text").get_by_text(text, exact=True)


async def shown(page: Page) -> list[str]:
    return await page.locator(".comment .text").all_inner_texts()


async def talk(room: Room, texts: Sequence[str]) -> None:
    """The host says all of it, over several connections: each has its limit."""
    async with room.host.get("/api/v1/me") as answer:
        csrf = (await answer.json())["csrf"]
    cookies = "; ".join(f"{each.key}={each.value}" for each in room.host.cookie_jar)

    async def say(visit: Visit, texts: Sequence[str]) -> None:
        for text in texts:
            assert (await visit.say(room.id, text))["ok"]

    async with AsyncExitStack() as stack:
        visits = [await stack.enter_async_context(visiting(room.serving.url, cookies, csrf, "websocket")) for _ in range(8)]
        await asyncio.gather(*(say(visit, texts[number :: len(visits)]) for number, visit in enumerate(visits)))


async def test_what_is_written_without_a_network_arrives_once(room: Room) -> None:
    async with running_browser() as browser, phone(browser) as one, phone(browser) as other:
        await room.enters(one, ONE)
        await room.enters(other, OTHER)
        await one.context.set_offline(True)
        await says(one, "我在车上")
        await expect(one.get_by_text("等待网络")).to_be_visible(timeout=15_000)
        assert await shown(other) == []
        await one.context.set_offline(False)
        await expect(comment(other, "我在车上")).to_be_visible(timeout=15_000)

        # Not lost and not doubled either by somebody who reloads because nothing seems to happen.
        await one.context.set_offline(True)
        await says(one, "还在车上")
        await one.get_by_label("写评论").fill("快到")
        await one.context.set_offline(False)
        await one.reload()
        await expect(one.get_by_label("写评论")).to_have_value("快到", timeout=15_000)
        await says(one, "到了")
        await expect(comment(other, "到了")).to_be_visible(timeout=15_000)
        for page in (one, other):
            assert await shown(page) == ["我在车上", "还在车上", "到了"]
        assert await room.comments() == ["我在车上", "还在车上", "到了"]


async def test_a_comment_is_answered_and_what_is_taken_back_is_gone_from_all_screens(room: Room) -> None:
    async with (
        running_browser() as browser,
        phone(browser) as one,
        phone(browser) as host,
        phone(browser) as desk,
        phone(browser) as late,
    ):
        await room.enters(one, ONE)
        await room.enters(host, HOST)
        await sign_in(desk, room.serving.url, HOST, then=f"/studio/{room.id}")
        await says(one, "回看在哪里？")
        await host.get_by_role("button", name="直播间管理").click()
        sheet = host.get_by_role("dialog", name="直播间管理")
        await sheet.get_by_label("公告", exact=True).fill("课件见评论区")
        await sheet.get_by_role("button", name="置顶", exact=True).click()
        await expect(one.get_by_role("note", name="置顶公告")).to_contain_text("课件见评论区", timeout=15_000)
        await sheet.get_by_role("button", name="关闭").click()
        await comment(host, "回看在哪里？").click()
        await host.get_by_role("button", name="回复", exact=True).click()
        await expect(host.get_by_label("写评论")).to_be_focused()
        await says(host, "同一个链接")
        answer = one.locator(".comment", has_text="同一个链接")
        await expect(answer).to_contain_text("回复 封书瑶", timeout=15_000)

        await says(one, "不该说的话")
        await comment(host, "不该说的话").click()
        await expect(host.get_by_role("button", name="撤回", exact=True)).to_have_count(0)
        await host.get_by_role("button", name="删除", exact=True).click()
        await host.get_by_role("dialog", name="删除这条评论？").get_by_role("button", name="删除", exact=True).click()
        for page in (one, host, desk):
            await expect(comment(page, "回看在哪里？")).to_have_count(1, timeout=15_000)
            await expect(comment(page, "不该说的话")).to_have_count(0, timeout=15_000)
        await expect(one.get_by_text("作者撤回了一条评论")).to_have_count(0)
        await expect(one.get_by_text("一条评论已被主播删除")).to_be_visible()

        # By the keyboard alone: from the composer back to the newest comment, and up from there.
        await one.get_by_label("写评论").focus()
        await one.keyboard.press("Shift+Tab")
        await expect(one.get_by_role("button", name="操作闻小满的评论")).to_be_focused()
        await one.keyboard.press("ArrowUp")
        await one.keyboard.press("Enter")
        await one.get_by_role("button", name="撤回", exact=True).click()
        await one.get_by_role("dialog", name="撤回这条评论？").get_by_role("button", name="撤回", exact=True).click()
        await expect(host.get_by_text("作者撤回了一条评论")).to_be_visible(timeout=15_000)
        await room.enters(late, OTHER)
        await expect(comment(late, "同一个链接")).to_be_visible(timeout=15_000)
        assert await shown(late) == ["同一个链接"]


async def test_a_phone_that_slept_shows_every_comment_it_missed(room: Room) -> None:
    before = [f"早{number}" for number in range(5)]
    missed = [f"{number}：{'说' * 190}" for number in range(360)]  # more than the server tells again: it gives a snapshot
    async with running_browser() as browser, phone(browser) as page:
        await room.enters(page, ONE)
        await talk(room, before)
        await until(lambda: shown(page), every=0.1, what="the first comments")
        await page.evaluate(_SIGHT, True)
        await page.context.set_offline(True)
        await talk(room, missed)
        said = await room.comments()
        await page.context.set_offline(False)
        await page.evaluate(_SIGHT, False)

        async def caught_up() -> bool:
            return (await shown(page))[-1:] == said[-1:]

        await until(caught_up, timeout=20, every=0.2, what="the newest comment")
        # How much of it came through before the network was gone is chance; after the sleep there is a snapshot, or all of it.
        now = await shown(page)
        assert len(now) >= 100
        assert now == said[-len(now) :]

        async def at_start() -> bool:
            await page.locator(".comments ol").evaluate("(list) => { list.scrollTop = 0 }")
            return await page.get_by_text("这是最早的评论").is_visible()

        await until(at_start, timeout=20, every=0.2, what="the beginning")
        high = await page.evaluate("() => [document.documentElement.scrollHeight, window.innerHeight]")
        assert high[0] == high[1], "what is hidden in the list stretches the page"
        assert await shown(page) == said
