"""A room that is reviewed beforehand: two who write on their phones, and a moderator at the desk with the keyboard."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
HOST, MODERATOR, ONE, OTHER = "10000000006", "10000000005", "10000000010", "10000000011"
SOON = 15_000


async def says(page: Page, text: str) -> None:
    field = page.get_by_label("写评论")
    await field.fill(text)
    await field.press("Enter")


def comment(page: Page, text: str) -> Locator:
    return page.locator(".comment", has_text=text)


def waiting(desk: Page, text: str) -> Locator:
    return desk.locator(".held-item", has_text=text)


async def test_what_is_held_is_decided_at_the_desk_and_told_on_every_screen(serving: Serving) -> None:
    async with (
        await serving.signed_in(HOST) as host,
        AsyncExitStack() as stack,
        running_browser() as browser,
        phone(browser) as one,
        phone(browser) as other,
        phone(browser, size=DESKTOP) as desk,
    ):
        room = await broadcast_on_air(host, stack, comment_mode="pre_moderated")
        await sign_in(desk, serving.url, MODERATOR, then=f"/moderation/{room}")
        await expect(desk.get_by_text("没有等待审核的内容")).to_be_visible(timeout=SOON)
        for page, mobile in ((one, ONE), (other, OTHER)):
            await sign_in(page, serving.url, mobile, then=f"/b/{room}")
            await expect(page.get_by_placeholder("评论须审核后显示")).to_be_visible(timeout=SOON)

        # Held: its writer sees it and that it waits, also after a reload; the other does not.
        for text in ("讲得好", "加我微信", "学习了"):
            await says(one, text)
            await expect(comment(one, text)).to_contain_text("审核中，仅自己可见", timeout=SOON)
            await expect(waiting(desk, text)).to_be_visible(timeout=SOON)
        await one.reload()
        await expect(comment(one, "讲得好")).to_contain_text("审核中，仅自己可见", timeout=SOON)
        await expect(comment(other, "讲得好")).to_have_count(0)

        # The eye is on the oldest; a decision is seen at once and can be taken back.
        await expect(waiting(desk, "讲得好")).to_have_attribute("aria-current", "true")
        await desk.keyboard.press("r")
        await expect(waiting(desk, "讲得好")).to_have_count(0)
        await expect(desk.get_by_text("将拒绝")).to_be_visible()
        await desk.keyboard.press("u")
        await expect(waiting(desk, "讲得好")).to_have_attribute("aria-current", "true")
        await expect(waiting(desk, "讲得好")).to_be_focused()

        # The next does not wait for the one before; what is pending when the page is left is sent.
        await desk.keyboard.press("a")
        await desk.keyboard.press("r")
        await desk.keyboard.press("2")
        await expect(waiting(desk, "学习了")).to_have_attribute("aria-current", "true")
        await desk.goto(f"{serving.url}/moderation")
        await expect(desk.get_by_role("link", name="主题党日")).to_contain_text("1", timeout=SOON)
        for page in (one, other):
            await expect(comment(page, "讲得好")).to_be_visible(timeout=SOON)
            await expect(comment(page, "讲得好")).not_to_contain_text("审核中")
        await expect(comment(one, "加我微信")).to_contain_text("未通过审核：广告或刷屏", timeout=SOON)
        await expect(comment(other, "加我微信")).to_have_count(0)
        await comment(one, "加我微信").get_by_role("button", name="删除").click()
        await expect(comment(one, "加我微信")).to_have_count(0)
        await one.reload()
        await expect(comment(one, "讲得好")).to_be_visible(timeout=SOON)
        await expect(comment(one, "加我微信")).to_have_count(0)

        # Reported by another, muted at the desk: its writer reads until when and why, and may write again once it is lifted.
        await desk.get_by_role("link", name="主题党日").click()
        await comment(other, "讲得好").click()
        await other.get_by_role("button", name="举报", exact=True).click()
        await other.get_by_text("辱骂攻击", exact=True).click()
        await other.get_by_role("button", name="举报", exact=True).last.click()
        await expect(other.get_by_text("谢谢，已收到您的举报")).to_be_visible(timeout=SOON)
        people = desk.get_by_label("人员").last
        await expect(people).to_contain_text("1 人举报：辱骂攻击", timeout=SOON)
        await people.get_by_role("button", name="禁言", exact=True).click()
        sheet = desk.get_by_role("dialog", name="禁言 封书瑶")
        await sheet.get_by_label("原因").fill("多次刷屏")
        await sheet.get_by_role("button", name="禁言", exact=True).click()
        await expect(one.get_by_text("您已被禁言")).to_contain_text("之前不能在本场直播发言。原因：多次刷屏", timeout=SOON)
        await people.get_by_role("button", name="解除封书瑶的禁言").click()
        await desk.get_by_role("dialog").get_by_role("button", name="解除", exact=True).click()
        await expect(one.get_by_label("写评论")).to_be_visible(timeout=SOON)

        # Removed at the desk: gone from all screens at once.
        await comment(desk, "讲得好").get_by_role("button", name="移除").click()
        await desk.get_by_role("dialog").get_by_role("button", name="移除", exact=True).click()
        for page in (one, other, desk):
            await expect(comment(page, "讲得好")).to_have_count(0, timeout=SOON)
            await expect(page.get_by_text("一条评论已被审核员删除")).to_be_visible()
