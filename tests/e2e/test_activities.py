"""An activity in browsers: announced, the last seat taken, moved up, checked in by the code on the wall, and marked by hand."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hosting import agrees
from tests.support.measuring import fits
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, MEMBER, OTHER = "10000000001", "10000000010", "10000000011"


async def code_of(wall: Page) -> str:
    shown = await wall.locator(".digits").get_attribute("aria-label")
    assert shown is not None
    return shown


async def test_an_activity_from_its_announcement_to_the_list_of_who_was_there(serving: Serving) -> None:
    async with (
        running_browser() as browser,
        phone(browser, size=DESKTOP) as wall,
        phone(browser) as member,
        phone(browser) as other,
    ):
        await sign_in(wall, serving.url, SECRETARY, then="/activities/new")
        await fits(wall)
        await wall.get_by_label("标题").fill("主题党日：护河净滩")
        await wall.get_by_label("名额").fill("1")
        await wall.get_by_role("button", name="发布", exact=True).click()
        await wall.wait_for_url(re.compile(r"/activities/[0-9a-f-]{36}$"))
        path = wall.url.removeprefix(serving.url)

        await sign_in(member, serving.url, MEMBER, then="/activities")
        await expect(member.get_by_role("link", name=re.compile("护河净滩"))).to_be_visible()
        await fits(member)
        await member.get_by_role("link", name=re.compile("护河净滩")).click()
        await member.get_by_role("button", name="报名", exact=True).click()
        await expect(member.get_by_role("heading", name="您已报名")).to_be_visible()
        await sign_in(other, serving.url, OTHER, then=path)
        await other.get_by_role("button", name="候补报名").click()
        await expect(other.get_by_role("heading", name="您在候补名单里")).to_be_visible()

        await wall.get_by_role("button", name="开始签到").click()
        await expect(wall.get_by_alt_text("签到二维码，每 15 秒更换一次")).to_be_visible()
        await expect(wall.get_by_text("0 人已签到")).to_be_visible()
        await expect(member.get_by_label("签到码")).to_be_visible(timeout=10_000)
        await fits(wall, member)
        field, button = member.get_by_label("签到码"), member.get_by_role("button", name="签到", exact=True)
        await field.fill("000000")
        await button.click()
        await expect(member.get_by_role("alert")).to_contain_text("签到码不对")
        await field.fill(await code_of(wall))
        await button.click()
        await expect(member.get_by_text("已签到")).to_be_visible()
        await expect(wall.get_by_text("1 人已签到")).to_be_visible()
        await expect(wall.get_by_text("刚刚签到：封书瑶")).to_be_visible()

        await wall.get_by_role("link", name="关闭签到码").click()
        await wall.get_by_role("link", name="名单").click()
        await wall.get_by_role("button", name=re.compile("乔望舒")).click()
        sheet = wall.get_by_role("dialog", name="乔望舒")
        await expect(sheet.get_by_role("button", name="代签")).to_be_disabled()
        await sheet.get_by_label("原因").fill("手机没电，现场见到本人")
        await sheet.get_by_role("button", name="代签").click()
        await expect(sheet).to_be_hidden()
        await expect(wall.get_by_role("button", name=re.compile("乔望舒.*代签"))).to_be_visible()
        await expect(other.get_by_text("代签")).to_be_visible(timeout=10_000)
        await fits(wall, other)

        await wall.get_by_role("link", name="主题党日：护河净滩").click()
        await wall.get_by_role("button", name="结束签到").click()
        await agrees(wall, "结束签到")
        await expect(wall.get_by_text("已结束")).to_be_visible()

        await wall.get_by_role("link", name="会议记录").click()
        await wall.get_by_role("button", name="指定主持人、记录人").click()
        names = wall.get_by_role("dialog", name="主持人和记录人")
        await names.get_by_label("主持人", exact=True).select_option(label="乔望舒")
        await names.get_by_label("记录人", exact=True).select_option(label="封书瑶")
        await names.get_by_role("button", name="保存").click()
        await expect(names).to_be_hidden()

        await member.goto(f"{serving.url}{path}/record")
        await member.get_by_role("link", name="开始写").click()
        await member.get_by_role("button", name="加一项议程").click()
        await member.get_by_role("textbox", name="议程 1").fill("护河净滩分工")
        await member.get_by_role("button", name="加一项表决").click()
        await member.get_by_role("textbox", name="表决事项 1").fill("明年再来")
        await expect(member.get_by_text("已保存").first).to_be_visible(timeout=10_000)
        await expect(member.get_by_text("没有人可以表决")).to_be_visible()  # of those with a seat, none has the right to vote
        await fits(member)
        await member.get_by_role("button", name="提交给主持人确认").click()
        await agrees(member, "提交")

        await other.goto(f"{serving.url}{path}/record")
        await other.get_by_role("button", name="确认无误").click()
        await agrees(other, "确认")
        await expect(other.get_by_text("已确认")).to_be_visible()
        await wall.goto(f"{serving.url}/activities/plans")
        await expect(wall.get_by_text("个支部")).to_be_visible()
        await fits(wall, member, other)
