"""A poll from the studio to the phones and back, and into the replay."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
HOST, ONE, OTHER = "10000000006", "10000000010", "10000000011"
QUESTION = "下次主题党日放在哪天？"


async def prepares(desk: Page) -> None:
    await desk.get_by_role("button", name="发起投票").click()
    await desk.get_by_role("textbox", name="问题").fill(QUESTION)
    await desk.get_by_role("textbox", name="选项 1").fill("周五下午")
    await desk.get_by_role("button", name="加一个选项").click()
    await desk.get_by_role("textbox", name="选项 2").fill("周六上午")
    await desk.get_by_role("textbox", name="选项 3").fill("都可以")
    await desk.get_by_role("button", name="先存着，稍后发起").click()
    await expect(desk.get_by_text("周五下午 / 周六上午 / 都可以")).to_be_visible()


async def test_a_prepared_poll_is_opened_voted_in_without_a_network_too_and_its_result_is_everybodys(serving: Serving) -> None:
    async with (
        await serving.signed_in(HOST) as host,
        AsyncExitStack() as stack,
        running_browser() as browser,
        phone(browser, size=DESKTOP) as desk,
        phone(browser) as one,
        phone(browser) as other,
    ):
        broadcast = await broadcast_on_air(host, stack)
        await sign_in(desk, serving.url, HOST, then=f"/studio/{broadcast}")
        for page, mobile in ((one, ONE), (other, OTHER)):
            await sign_in(page, serving.url, mobile, then=f"/b/{broadcast}")
            await expect(page.get_by_role("tab", name="投票")).to_be_visible(timeout=15_000)
        await prepares(desk)
        await desk.get_by_role("button", name="发起", exact=True).click()

        # It says so above the comments, and waits to be looked at.
        for page in (one, other):
            await expect(page.get_by_text(f"投票：{QUESTION}").last).to_be_visible()
            await page.get_by_role("button", name="去投票").click()
        await one.get_by_text("周六上午", exact=True).click()
        await one.get_by_role("button", name="投票", exact=True).click()
        await expect(one.get_by_text("已投票")).to_be_visible()

        # Given in a tunnel, changed there, and counted once.
        await other.context.set_offline(True)
        await other.get_by_text("周五下午", exact=True).click()
        await other.get_by_role("button", name="投票", exact=True).click()
        await expect(other.get_by_text("等待网络，连上后自动投出")).to_be_visible()
        await other.get_by_role("button", name="改选").click()
        await other.get_by_text("周六上午", exact=True).click()
        await other.get_by_role("button", name="改投这项").click()
        await other.context.set_offline(False)
        for page in (desk, one, other):
            await expect(page.locator(".poll-bars li", has_text="周六上午")).to_contain_text("2 票100%", timeout=15_000)

        await desk.get_by_role("button", name="结束投票").click()
        await desk.get_by_role("dialog").get_by_role("button", name="结束投票").click()
        for page in (one, other):
            await expect(page.locator(".poll-card", has_text=QUESTION)).to_contain_text("已结束")
            await expect(page.locator(".poll-bars .mine")).to_contain_text("周六上午我选的")

        # And what was counted is what the report says, drawn without breaking what the page may load and run.
        await one.get_by_role("tab", name="评论").click()
        await one.get_by_label("写评论").fill("选好了")
        await one.get_by_label("写评论").press("Enter")
        await expect(one.locator(".comment .text").get_by_text("选好了", exact=True)).to_be_visible()
        await expect(one.get_by_text("发送中")).to_have_count(0)
        faults: list[str] = []
        desk.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        async with host.post(f"/api/v1/broadcasts/{broadcast}/end") as answer:
            assert answer.status == 200
        await desk.goto(f"{serving.url}/studio/{broadcast}/report")
        await expect(desk.get_by_text("1 人发了 1 条评论")).to_be_visible()
        await expect(desk.locator(".report-chart canvas").first).to_be_visible()
        await expect(desk.locator(".poll-bars li", has_text="周六上午")).to_contain_text("2 票100%")
        assert faults == []
