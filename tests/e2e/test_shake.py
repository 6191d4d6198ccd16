"""摇一摇 before it begins, in browsers. From the beginning to the talk and the proof: test_shake_to_talk."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hosting import agrees
from tests.support.measuring import fits
from tests.support.serving import Serving
from tests.support.shaking import announces, changes, now
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, MEMBER = "10000000001", "10000000010"


async def test_before_it_begins_and_where_it_is_called_off(serving: Serving) -> None:
    async with running_browser() as browser, phone(browser, size=DESKTOP) as staff, phone(browser) as member:
        await sign_in(staff, serving.url, SECRETARY)
        await staff.goto(f"{serving.url}/shakes/new")
        await staff.get_by_role("button", name="发布", exact=True).click()
        await expect(staff.get_by_text("请写一个标题")).to_be_visible()
        await fits(staff)
        path = await announces(staff, serving.url, "下周的摇一摇", now() + timedelta(days=1))
        await changes(staff, title="改到明天的摇一摇")

        await sign_in(member, serving.url, MEMBER, then="/me")
        await member.get_by_role("link", name="摇一摇").click()
        await fits(member)
        await member.get_by_role("link", name=re.compile("改到明天的摇一摇")).click()
        await expect(member.get_by_text("后开始")).to_be_visible()
        await expect(member.get_by_role("link", name="加到手机日历")).to_be_visible()
        await expect(member.get_by_text(re.compile("感觉不到摇动|先试摇一下"))).to_be_visible()
        await fits(member)
        calendar = await member.evaluate("path => fetch(`/api/v1${path}/calendar.ics`).then(answer => answer.text())", path)
        assert "改到明天的摇一摇" in calendar
        await member.get_by_role("link", name="了解怎样验证").click()
        await expect(member.get_by_role("heading", name="为什么没有人能做手脚")).to_be_visible()
        await fits(member)
        await member.go_back()
        await staff.get_by_role("button", name="取消本场").click()
        await agrees(staff, "取消本场")
        await expect(member.get_by_text("这场摇一摇取消了")).to_be_visible()
