"""The pictures of 摇一摇 and of a talk: a secretary at the desk, a member with a phone, from the countdown to what is left."""

import asyncio
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import Browser, FilePayload, Page, expect

from scripts.pictures.film import draw_hall
from tests.support.browsing import DESKTOP
from tests.support.shaking import shakes
from tests.support.talks import compared, heard, says

if TYPE_CHECKING:
    from scripts.pictures.__main__ import Studio

SECRETARY, MEMBER = "10000000001", "10000000010"
OVER = "书记聊一聊：车间里的急难愁盼"
SAID = (
    (SECRETARY, "书瑶同志你好，最近班上忙不忙？"),
    (MEMBER, "书记好。还行，就是这个月夜班多，食堂十点以后没有热饭。"),
    (SECRETARY, "这个我记下了，和后勤商量。宿舍那边呢？"),
    (MEMBER, "三楼的热水器坏了两个星期，报修了还没人来。上次党课的照片也发您一张。"),
)


async def shaken(studio: "Studio", browser: Browser) -> None:
    async with studio.sitting(browser, SECRETARY, size=DESKTOP) as staff, studio.sitting(browser, MEMBER) as member:
        coming = await _announced(staff, "七月书记聊一聊", minutes=40)
        await member.goto(f"{studio.url}/shakes/{coming}")
        await expect(member.get_by_text("后开始")).to_be_visible()
        await studio.by_day_and_night(member, "shake-countdown")
        now = await _announced(staff, "七月书记聊一聊", minutes=0)
        await staff.goto(f"{studio.url}/shakes/{now}/desk")
        await member.goto(f"{studio.url}/shakes/{now}")
        await expect(member.get_by_text("等待书记开始第一轮")).to_be_visible()
        await staff.get_by_role("button", name="开始这一轮").click()
        await expect(member.get_by_role("button", name="参加这一轮")).to_be_visible()
        await studio.take(member, "shake-round-phone")
        await shakes(member)
        await expect(member.get_by_text("已参与，等待书记抽取").first).to_be_visible()
        await asyncio.gather(studio.take(member, "shake-taken-phone"), studio.take(staff, "shake-desk-round-desktop", DESKTOP))
        await expect(member.get_by_role("heading", name="您被抽中了")).to_be_visible(timeout=60_000)
        await asyncio.gather(studio.take(member, "shake-offer-phone"), studio.take(staff, "shake-desk-offer-desktop", DESKTOP))
        await member.get_by_role("button", name="接受，现在聊").click()
        await expect(staff.get_by_role("heading", name="正在聊")).to_be_visible()
        await studio.by_day_and_night(staff, "shake-desk")
        await staff.get_by_role("link", name="进入聊一聊").click()
        await _talked(studio, staff, member)
        await member.goto(f"{studio.url}/shakes")
        await member.get_by_role("link", name=re.compile(OVER)).click()
        await member.get_by_role("link", name=re.compile("公开验证")).click()
        await expect(member.get_by_text("验算全部一致")).to_be_visible()
        await studio.by_day_and_night(member, "shake-proof")


async def _talked(studio: "Studio", staff: Page, member: Page) -> None:
    await expect(member.get_by_role("img", name="核对数字")).to_be_visible(timeout=20_000)
    await studio.take(member, "talk-code-phone")
    await compared(staff, member)
    for mobile, words in SAID:
        sayer, hearer = (staff, member) if mobile == SECRETARY else (member, staff)
        await says(sayer, words)
        await expect(heard(hearer, words)).to_be_visible()
    await member.locator("input[type=file]").set_input_files(_photograph())
    await expect(staff.get_by_role("button", name="查看图片").locator("img")).to_be_visible(timeout=20_000)
    await member.get_by_role("button", name="说一段语音").click()
    await expect(member.locator(".voice-recorder .figures")).to_have_text("0:04", timeout=10_000)
    await member.get_by_role("button", name="发送", exact=True).click()
    await expect(staff.get_by_role("button", name=re.compile("播放语音"))).to_be_visible(timeout=20_000)
    await studio.by_day_and_night(member, "talk")
    await staff.get_by_role("button", name="更多").click()
    await staff.get_by_role("button", name="结束谈话").click()
    await staff.get_by_role("dialog", name="现在结束谈话？").get_by_role("button", name="结束谈话").click()
    await expect(member.get_by_role("heading", name="对方结束了这次谈话")).to_be_visible()
    await studio.take(member, "talk-after-phone")
    await studio.take(staff, "talk-after-desktop", DESKTOP)


def _photograph() -> FilePayload:
    file = io.BytesIO()
    draw_hall().resize((1280, 720), Image.Resampling.LANCZOS).save(file, "jpeg", quality=85)
    return {"name": "党课.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


async def _announced(page: Page, title: str, *, minutes: float) -> str:
    """To begin in so many minutes; gives its id."""
    begins = datetime.now(UTC) + timedelta(minutes=minutes)
    ask = """async ([title, opens_at, closes_at]) => {
      const { member } = await (await fetch('/api/v1/me')).json();
      const plan = { title, opens_at, closes_at, secretaries: [member.id], round_seconds: 20, exclusion_days: 0 };
      const body = JSON.stringify(plan);
      return fetch('/api/v1/shakes', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
        .then((answer) => answer.json()).then(({ id }) => id);
    }"""
    made: str = await page.evaluate(ask, [title, begins.isoformat(), (begins + timedelta(hours=1)).isoformat()])
    return made
