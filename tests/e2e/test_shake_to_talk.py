"""党员摇一摇，书记聊一聊: two phones and a secretary, from the announced session to the end of a call, a note and the proof."""

import asyncio
import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.calling import calls_with_pictures, keeps_connections
from tests.support.hosting import agrees
from tests.support.measuring import fits
from tests.support.serving import Serving
from tests.support.shaking import announces, changes, drawn, now, shakes
from tests.support.talks import compared, heard, says
from tests.support.watching import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SECRETARY, MEMBER, OTHER = "10000000001", "10000000010", "10000000011"
NAMES = {MEMBER: "封书瑶", OTHER: "乔望舒"}


async def test_from_the_announcement_to_a_call_a_note_and_the_proof(serving: Serving) -> None:
    async with (
        running_browser() as browser,
        phone(browser, size=DESKTOP) as staff,
        phone(browser) as one,
        phone(browser) as other,
    ):
        await keeps_connections(staff, one, other)
        await sign_in(staff, serving.url, SECRETARY)
        path = await announces(staff, serving.url, "七月书记聊一聊", now() + timedelta(hours=1))
        await asyncio.gather(*(_waits_in_the_lobby(page, serving.url, who) for page, who in ((one, MEMBER), (other, OTHER))))
        await fits(one)
        # Everybody is there: it may as well begin.
        await changes(staff, starts=now())
        for page in (one, other):
            await expect(page.get_by_text("等待书记开始第一轮")).to_be_visible()

        await _round(staff, one, other)
        # Reloads in between: a phone has taken part all the same, and the secretary's page still has its nonce.
        await asyncio.gather(staff.reload(), one.reload())
        await expect(one.get_by_text("已参与，等待书记抽取").first).to_be_visible()
        await expect(staff.get_by_text("2 人", exact=True)).to_be_visible()
        await other.goto(f"{serving.url}/me")

        first, second = await drawn(one, other)
        await fits(first)
        await first.get_by_role("button", name="这次不方便").click()
        await expect(first.get_by_text("好的，这次不打扰您")).to_be_visible()
        await first.get_by_role("button", name="知道了").click()
        await expect(second.get_by_role("heading", name="您被抽中了")).to_be_visible()
        await second.get_by_role("button", name="接受，现在聊").click()
        await second.wait_for_url(re.compile(r"/talks/[0-9a-f-]{36}$"))
        await expect(staff.get_by_role("heading", name="正在聊")).to_be_visible()
        await expect(staff.get_by_text(NAMES[MEMBER if second is one else OTHER]).first).to_be_visible()
        assert await staff.get_by_text(NAMES[OTHER if second is one else MEMBER]).count() == 0, "who declined stays a number"
        await fits(staff)

        await staff.get_by_role("link", name="进入聊一聊").click()
        await _talk(staff, second)
        await _afterwards(staff, second)

        await staff.goto(f"{serving.url}{path}/desk")
        await staff.get_by_role("button", name="结束本场").click()
        await agrees(staff, "结束本场")
        await expect(staff.get_by_text("种子已经公布，人人可以验证").first).to_be_visible()
        await _proves(first, serving.url, path)
        await fits(first)
        verdict = await serving.command("shake", "verify", path.rsplit("/", 1)[1])
        # Two at the least: a draw that falls on who came up before is passed over, as often as chance will have it.
        counted = re.search(r"round 1: all (\d+) draws are what the formula gives", verdict)
        assert counted is not None
        assert int(counted[1]) >= 2
        assert "1 talks, each with somebody else" in verdict
        assert "FAULT" not in verdict


async def _waits_in_the_lobby(page: Page, url: str, mobile: str) -> None:
    await sign_in(page, url, mobile)
    await page.get_by_role("link", name=re.compile("七月书记聊一聊")).click()
    await expect(page.get_by_text("后开始")).to_be_visible()


async def _round(staff: Page, one: Page, other: Page) -> None:
    """One phone by its motion, the other by the button."""
    await shakes(one)
    await expect(one.get_by_text("感觉到了，这台手机没有问题")).to_be_visible()
    await staff.get_by_role("button", name="开始这一轮").click()
    await expect(one.get_by_text("摇动手机，感觉到了就算参加")).to_be_visible()
    await asyncio.gather(shakes(one), other.get_by_role("button", name="参加这一轮").click())
    for page in (one, other):
        await expect(page.get_by_text("已参与，等待书记抽取").first).to_be_visible()
        await expect(page.get_by_text("回执已核对，签名有效")).to_be_visible()


async def _talk(staff: Page, member: Page) -> None:
    """From the code to the quick end, with a call."""
    await compared(staff, member)
    await says(member, "书记好")
    await expect(heard(staff, "书记好")).to_be_visible()
    await says(staff, "你好，慢慢说")
    await expect(heard(member, "你好，慢慢说")).to_be_visible()
    await calls_with_pictures(member, staff)
    await staff.get_by_role("button", name="挂断").click()
    for page in (staff, member):
        await expect(page.locator(".call-screen")).to_have_count(0)
        await expect(page.get_by_text(re.compile(r"视频通话 \d+ 秒"))).to_be_visible()
    await member.get_by_role("button", name="更多").click()
    await member.get_by_role("button", name="结束谈话").click()
    await member.get_by_role("dialog", name="现在结束谈话？").get_by_role("button", name="结束谈话").click()


async def _afterwards(staff: Page, member: Page) -> None:
    await expect(staff.get_by_role("heading", name="对方结束了这次谈话")).to_be_visible()
    await expect(member.get_by_role("heading", name="您结束了这次谈话")).to_be_visible()
    await member.locator("label", has=member.get_by_role("radio", name=re.compile("^5 星"))).click()
    await member.get_by_role("button", name="提交评价").click()
    await expect(member.get_by_text("已评价：很有帮助")).to_be_visible()
    await staff.get_by_label("要跟进的事").fill("下月回访孩子入学")
    await staff.get_by_label("什么时候跟进").fill("2026-12-01")
    await staff.get_by_role("button", name="保存").click()
    await expect(staff.get_by_text("已保存")).to_be_visible()


async def _proves(member: Page, url: str, path: str) -> None:
    await member.goto(f"{url}{path}")
    await member.get_by_role("link", name=re.compile("公开验证")).click()
    await expect(member.get_by_text("验算全部一致")).to_be_visible()
    await expect(member.get_by_text(re.compile(r"您在名单的第 [12] 位（共 2 人），回执有效"))).to_be_visible()
    await expect(member.get_by_text(re.compile("与这台手机事先记下的相同"))).to_be_visible()
    await member.get_by_text("看每一次抽取").click()
    await expect(member.get_by_text("（您）").first).to_be_visible()
    # A server that shows another list afterwards is found out by the phone itself.
    proof = re.compile(r"/api/v1/shakes/[0-9a-f-]+/proof$")

    async def lie(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["rounds"][0]["list"] = re.sub(r"\b[0-9a-f]{16}\b", "0" * 16, body["rounds"][0]["list"], count=1)
        await route.fulfill(response=answer, json=body)

    await member.route(proof, lie)
    await member.get_by_role("button", name="重新验算").click()
    await expect(member.get_by_text("有对不上的地方")).to_be_visible()
    await expect(member.get_by_text("名单与封存时的指纹不同，有人改过")).to_be_visible()
    await member.unroute(proof)
    await member.get_by_role("button", name="重新验算").click()
    await expect(member.get_by_text("验算全部一致")).to_be_visible()
