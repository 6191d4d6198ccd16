"""A check-in code that a phone kept without a network, handed over from another page; somebody found by name."""

import re

import pytest
from playwright.async_api import expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.measuring import faults_of
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, MEMBER = "10000000001", "10000000010"


async def test_a_code_kept_without_a_network_is_handed_over_from_another_page(serving: Serving) -> None:
    async with running_browser() as browser, phone(browser, size=DESKTOP) as staff, phone(browser) as member:
        await sign_in(staff, serving.url, SECRETARY, then="/activities/new")
        await staff.get_by_label("标题").fill("主题党日：没有信号的山里")
        await staff.get_by_role("button", name="发布", exact=True).click()
        await staff.wait_for_url(re.compile(r"/activities/[0-9a-f-]{36}$"))
        path = staff.url.removeprefix(serving.url)
        await staff.get_by_role("button", name="开始签到").click()
        await expect(staff.get_by_alt_text("签到二维码，每 15 秒更换一次")).to_be_visible()
        code = await staff.locator(".digits").get_attribute("aria-label")

        await sign_in(member, serving.url, MEMBER, then=path)
        field = member.get_by_label("签到码")
        await expect(field).to_be_visible()
        await member.context.set_offline(offline=True)
        await field.fill(code or "")
        await member.get_by_role("button", name="签到", exact=True).click()
        await expect(member.get_by_text("没有网络，签到码已存在这台手机上")).to_be_visible()
        await member.goto("about:blank")
        await member.context.set_offline(offline=False)
        await member.goto(f"{serving.url}/me")
        news = member.get_by_role("link", name=re.compile("没有信号的山里.*已交给负责人"))
        await expect(news).to_be_visible()
        await news.click()
        await expect(member.get_by_text("已提交，等待负责人确认")).to_be_visible()

        await staff.goto(f"{serving.url}{path}/people")
        await expect(staff.get_by_text("离线签到，等您确认")).to_be_visible()
        await staff.get_by_role("button", name="添加应到的人").click()
        find = staff.get_by_role("dialog", name="添加应到的人")
        await find.get_by_label("姓名").fill("乔望")
        await expect(find.get_by_text("乔望舒")).to_be_visible()
        assert await faults_of(staff) == []
