"""摇一摇 in browsers: two phones and a secretary from the announcement to an accepted draw, and the proof on a phone."""

import asyncio
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, Route, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hosting import agrees
from tests.support.measuring import faults_of
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, MEMBER, OTHER = "10000000001", "10000000010", "10000000011"
NAMES = {MEMBER: "封书瑶", OTHER: "乔望舒"}

# A hand that shakes a phone upright before its eyes, three and a half times a second, until the page has felt it.
_SHAKE = """() => new Promise((resolve) => {
  const began = performance.now();
  const swing = () => {
    const at = performance.now() - began;
    const way = at < 300 ? 0 : 19 * Math.sin((at - 300) / 1000 * 3.5 * 2 * Math.PI);
    const accelerationIncludingGravity = { x: way, y: 9.8, z: way / 3 };
    window.dispatchEvent(new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity, interval: 16 }));
    if (at < 2500) setTimeout(swing, 16); else resolve();
  };
  swing();
})"""


def local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def now() -> datetime:
    """As the phones' own zone has it."""
    return datetime.now(ZoneInfo("Asia/Shanghai"))


async def fits(*pages: Page) -> None:
    found = [f"{page.url} at {fault}" for page in pages for fault in await faults_of(page)]
    assert not found, "\n".join(found)


async def announces(staff: Page, url: str, title: str, starts: datetime, *, seconds: int = 10) -> str:
    """Through the form; gives the path of the session."""
    await staff.goto(f"{url}/shakes/new")
    await staff.get_by_label("标题").fill(title)
    await staff.get_by_label("开始", exact=True).fill(local(starts))
    await staff.get_by_label("结束", exact=True).fill(local(starts + timedelta(hours=1)))
    await expect(staff.get_by_role("checkbox", name=re.compile("苏映川"))).to_be_checked()
    await staff.get_by_label("每轮几秒").fill(str(seconds))
    await staff.get_by_role("button", name="发布", exact=True).click()
    await staff.wait_for_url(re.compile(r"/shakes/[0-9a-f-]{36}/desk$"))
    return staff.url.removeprefix(url).removesuffix("/desk")


async def test_from_the_announcement_to_a_talk_and_the_proof(serving: Serving) -> None:
    async with (
        running_browser() as browser,
        phone(browser, size=DESKTOP) as staff,
        phone(browser) as one,
        phone(browser) as other,
    ):
        await sign_in(staff, serving.url, SECRETARY)
        path = await announces(staff, serving.url, "七月书记聊一聊", now())
        await expect(staff.get_by_role("button", name="开始这一轮")).to_be_visible()
        for page, mobile in ((one, MEMBER), (other, OTHER)):
            await sign_in(page, serving.url, mobile)
            await page.get_by_role("link", name=re.compile("七月书记聊一聊")).click()
            await expect(page.get_by_text("等待书记开始第一轮")).to_be_visible()
        await one.evaluate(_SHAKE)
        await expect(one.get_by_text("感觉到了，这台手机没有问题")).to_be_visible()
        await fits(staff, one)

        await staff.get_by_role("button", name="开始这一轮").click()
        await expect(one.get_by_text("摇动手机，感觉到了就算参加")).to_be_visible()
        await asyncio.gather(one.evaluate(_SHAKE), other.get_by_role("button", name="参加这一轮").click())
        for page in (one, other):
            await expect(page.get_by_text("已参与，等待书记抽取").first).to_be_visible()
            await expect(page.get_by_text("回执已核对，签名有效")).to_be_visible()
        # Reloads in between: a phone has taken part all the same, and the secretary's page still has its nonce.
        await asyncio.gather(staff.reload(), one.reload())
        await expect(one.get_by_text("已参与，等待书记抽取").first).to_be_visible()
        await expect(staff.get_by_text("2 人", exact=True)).to_be_visible()
        await other.goto(f"{serving.url}/me")

        first, second = await _drawn(one, other)
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

        await staff.get_by_role("button", name="结束本场").click()
        await agrees(staff, "结束本场")
        await expect(staff.get_by_text("种子已经公布，人人可以验证").first).to_be_visible()
        await _proves(first, serving.url, path)
        await fits(first)


async def _drawn(one: Page, other: Page) -> tuple[Page, Page]:
    """The phone that was drawn, on whatever page it is, and the other one."""

    async def up() -> Page | None:
        for page in (one, other):
            if await page.get_by_role("heading", name="您被抽中了").is_visible():
                return page
        return None

    first = await until(up, timeout=40, every=0.1, what="an offer on one of the phones")
    assert first is not None
    return first, other if first is one else one


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


async def test_before_it_begins_and_where_it_is_called_off(serving: Serving) -> None:
    async with running_browser() as browser, phone(browser, size=DESKTOP) as staff, phone(browser) as member:
        await sign_in(staff, serving.url, SECRETARY)
        await staff.goto(f"{serving.url}/shakes/new")
        await staff.get_by_role("button", name="发布", exact=True).click()
        await expect(staff.get_by_text("请写一个标题")).to_be_visible()
        await fits(staff)
        path = await announces(staff, serving.url, "下周的摇一摇", now() + timedelta(days=1))
        await staff.get_by_role("link", name="修改安排").click()
        await staff.get_by_label("标题").fill("改到明天的摇一摇")
        await staff.get_by_role("button", name="保存").click()
        await staff.wait_for_url(re.compile(r"/desk$"))

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
