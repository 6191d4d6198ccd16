"""Taps, notices and the order of a room, in the browsers of its host and of somebody who watches."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Page, expect

from tests.e2e.test_comments import HOST, ONE, Room
from tests.support.browsing import phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.serving import Serving

pytestmark = pytest.mark.browser


async def test_the_host_keeps_the_room_and_the_viewer_sees_it_at_once(serving: Serving) -> None:
    async with await serving.signed_in(HOST) as host, AsyncExitStack() as stack:
        room = Room(serving, host, await broadcast_on_air(host, stack))
        browser = await stack.enter_async_context(running_browser())
        keeper, viewer = [await stack.enter_async_context(phone(browser)) for _ in range(2)]
        await room.enters(keeper, HOST)
        await room.enters(viewer, ONE)
        await taps(keeper, viewer)
        await keeps(keeper, viewer)


async def taps(keeper: Page, viewer: Page) -> None:
    button = viewer.get_by_role("button", name="点赞")
    for _ in range(5):
        await button.click()
    await expect(viewer.get_by_role("button", name="点赞，共 5 次")).to_be_visible()
    await expect(keeper.get_by_role("button", name="点赞，共 5 次")).to_be_visible(timeout=10_000)
    await button.press("ArrowUp")
    await viewer.get_by_role("button", name="鲜花", exact=True).click()
    await viewer.keyboard.press("Escape")
    await expect(viewer.get_by_role("button", name="鲜花，共 6 次")).to_be_focused()
    await expect(keeper.get_by_role("button", name="点赞，共 6 次")).to_be_visible(timeout=10_000)


async def keeps(keeper: Page, viewer: Page) -> None:
    await keeper.get_by_role("button", name="直播间管理").click()
    notice = keeper.get_by_label("公告", exact=True)
    await notice.fill("课件见评论区")
    await keeper.get_by_role("button", name="置顶", exact=True).click()
    await expect(viewer.get_by_role("note", name="置顶公告")).to_contain_text("课件见评论区")
    await notice.fill("十分钟后开始投票")
    await keeper.get_by_role("button", name="发公告").click()
    await expect(viewer.get_by_text("公告：十分钟后开始投票")).to_be_attached()
    await keeper.get_by_role("switch", name="全员禁言").click()
    await expect(viewer.get_by_role("region", name="评论").get_by_text("主播开启了全员禁言")).to_be_visible()
    await keeper.get_by_role("switch", name="全员禁言").click()
    await keeper.get_by_role("button", name="停止评论").click()
    await keeper.get_by_role("dialog", name="停止评论？").get_by_role("button", name="停止评论").click()
    await expect(viewer.get_by_text("主播关闭了评论")).to_be_visible()
    await keeper.get_by_role("button", name="恢复评论").click()
    await expect(viewer.get_by_placeholder("说点什么…")).to_be_visible()
    await keeper.get_by_role("button", name="取消置顶").click()
    await expect(viewer.get_by_role("note", name="置顶公告")).to_have_count(0)
