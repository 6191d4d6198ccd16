"""The main pages, 360, 390 and 1280 px wide: none scrolls sideways, no text is under 14 px, no target under 44 px."""

import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import phone, running_browser
from tests.support.measuring import faults_of
from tests.support.publishing import Publisher
from tests.support.serving import PASSWORD, Serving
from tests.support.wait import until
from tests.support.watching import replay_of, state_of

pytestmark = pytest.mark.browser
ADMINISTRATOR, HOST, VIEWER, SECRETARY = "10000000008", "10000000006", "10000000010", "10000000001"
LONG = "“七月的红船”主题党日：走进洗涤新材料车间，听一线党员讲岗位上的八小时"
PHONES = ((360, 780), (390, 844))

Made = dict[str, Any]


@dataclass
class House:
    """A host and what is scheduled, rehearsed, on air and over."""

    host: aiohttp.ClientSession
    stack: AsyncExitStack

    async def schedule(self, days: float = 1.0, **more: Any) -> Made:
        starts_at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        body = {"title": LONG, "starts_at": starts_at, "visibility": "employees", "comment_mode": "post_moderated"}
        async with self.host.post("/api/v1/broadcasts", json=body | more) as answer:
            assert answer.status == 201, await answer.text()
            made: Made = await answer.json()
        return made

    async def send(self, broadcast: Made, size: tuple[int, int] = (320, 180)) -> None:
        """A small picture, without a browser."""
        publisher = Publisher(size=size)
        self.stack.push_async_callback(publisher.close)
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {broadcast['whip']['token']}"}
        async with self.host.post(f"/whip/{broadcast['id']}", data=await publisher.offer(), headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            await publisher.accept(await answer.text())
        await self.reaches(broadcast, "rehearsal")

    async def act(self, broadcast: Made, action: str, **body: Any) -> None:
        async with self.host.post(f"/api/v1/broadcasts/{broadcast['id']}/{action}", json=body or None) as answer:
            assert answer.status == 200, await answer.text()

    async def reaches(self, broadcast: Made, state: str) -> None:
        async def there() -> bool:
            return await state_of(self.host, broadcast["id"]) == state

        await until(there, timeout=20, what=state)

    async def end(self, broadcast: Made) -> None:
        await self.act(broadcast, "end")

        async def sealed() -> bool:
            return str((await replay_of(self.host, broadcast["id"]))["state"]) == "withheld"

        await until(sealed, timeout=20, what="the recording")
        await self.act(broadcast, "replay", published=True, download=True)


@pytest.fixture
async def house(serving: Serving) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(await stack.enter_async_context(await serving.signed_in(HOST)), stack)


@dataclass
class Look:
    """Goes to a page, waits for what it is about, and measures it."""

    page: Page
    url: str
    faults: list[str]

    async def enter(self, mobile: str) -> None:
        ask = """([mobile, password]) => fetch('/api/v1/session', {
          method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ mobile, password }),
        }).then((answer) => answer.status)"""
        assert await self.page.evaluate(ask, [mobile, PASSWORD]) == 200

    async def at(self, path: str, landmark: str, *, button: bool = False) -> None:
        await self.page.goto(self.url + path)
        there = self.page.get_by_role("button", name=landmark) if button else self.page.get_by_text(landmark)
        await expect(there.first).to_be_visible(timeout=15_000)
        await self.measure(path)

    async def measure(self, where: str, sizes: Sequence[tuple[int, int]] | None = None) -> None:
        found = await faults_of(self.page, sizes) if sizes else await faults_of(self.page)
        self.faults += [f"{where} at {fault}" for fault in found]


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[Look]:
    async with running_browser() as browser, phone(browser) as page:
        look = Look(page, url, [])
        yield look
        assert look.faults == []


async def test_the_measure_finds_what_is_too_wide_and_too_small() -> None:
    async with running_browser() as browser, phone(browser) as page:
        await page.set_content(
            """<style>body { margin: 0 } * { font: 17px sans-serif }</style>
            <div style="width: 400px">wide</div><p style="font-size: 13.5px">small</p>
            <button style="width: 40px; height: 44px; padding: 0">x</button>
            <p>in <a href="/">a line</a> of text</p><a href="/" style="display: block; height: 30px">block</a>
            <label style="display: block; padding: 20px"><input type="checkbox"> ticked</label>
            <button style="position: relative; height: 30px; width: 80px; border: 0">
              <i style="position: absolute; inset: -8px"></i>reaches</button>"""
        )
        found = await faults_of(page, [(390, 844)])
    assert [fault.split(":")[1].strip() for fault in found] == [
        "10 px too wide", "text of 13.5 px", "target of 40 × 44 px", "target of 390 × 30 px"
    ]  # fmt: skip


async def test_the_main_pages_fit_phones_and_desktops(serving: Serving, house: House) -> None:
    past, live, upright = await house.schedule(), await house.schedule(), await house.schedule(orientation="portrait")
    coming, rehearsal, _ = await house.schedule(), await house.schedule(), await house.schedule(days=-3)
    for each, size in ((past, (320, 180)), (live, (320, 180)), (upright, (180, 320)), (rehearsal, (320, 180))):
        await house.send(each, size)
    for each in (past, live, upright):
        await house.act(each, "live")
    async with looking(serving.url) as look:
        await pages_of_everybody(look)
        await look.enter(ADMINISTRATOR)
        await pages_of_staff(look)
        await house.end(past)
        await look.enter(HOST)
        await pages_of_hosts(look, coming, rehearsal, live, past)
        await look.enter(VIEWER)
        await pages_of_viewers(look, coming, live, upright, past)


async def pages_of_everybody(look: Look) -> None:
    await look.at("/", "登录后观看")
    await look.at("/setup", "首次设置")
    await look.at("/activate", "激活账号")
    await look.at("/sign-in", "登录", button=True)
    await look.page.get_by_role("button", name="登录").click()
    await look.measure("/sign-in with faults", PHONES)


async def pages_of_staff(look: Look) -> None:
    await look.at("/staff/members", "闻小满")
    await look.page.get_by_role("button", name="添加成员").click()
    await expect(look.page.get_by_role("textbox", name="姓名", exact=True)).to_be_visible()
    await look.measure("a new member")
    await look.at("/staff/roles", "红色主播")
    await look.at("/staff/branches", "营销党支部")
    await look.at("/me", "登录的设备")
    await look.at("/nowhere", "回到")


async def pages_of_hosts(look: Look, coming: Made, rehearsal: Made, live: Made, past: Made) -> None:
    await look.at("/studio", "已过时间，没有开播")
    await look.at("/studio/new", "谁能看")
    await look.at(f"/studio/{coming['id']}", "打开摄像头和麦克风")
    await look.page.get_by_role("button", name="打开摄像头和麦克风").click()
    await expect(look.page.get_by_text("画面正常")).to_be_visible()
    await look.measure("the device check")
    await look.at(f"/studio/{rehearsal['id']}", "彩排中")
    await look.at(f"/studio/{live['id']}", "结束直播")
    await look.at(f"/studio/{past['id']}", "直播已结束")


async def pages_of_viewers(look: Look, coming: Made, live: Made, upright: Made, past: Made) -> None:
    await look.at("/", "往期回看")
    await look.at(f"/b/{coming['id']}", "开播")
    await look.at(f"/b/{live['id']}", "直播中")
    await look.page.get_by_role("button", name="分享").first.click()
    await expect(look.page.get_by_role("dialog")).to_be_visible()
    await look.measure("sharing")
    await look.at(f"/b/{upright['id']}", "直播中")
    await look.at(f"/b/{past['id']}", "观看回看")
    await look.at(f"/b/{past['id']}/replay", "播放", button=True)


async def test_the_pages_of_a_shake_and_of_a_talk_fit_phones_and_desktops(serving: Serving) -> None:
    """A member's side and a secretary's; what two pages show one another in a talk is measured where they talk."""
    async with AsyncExitStack() as stack:
        secretary = Desk(await stack.enter_async_context(await serving.signed_in(SECRETARY)))
        coming, now = await secretary.announce("明天的摇一摇", days=1), await secretary.announce(LONG)
        look = await stack.enter_async_context(looking(serving.url))
        await look.page.goto(serving.url)
        await look.enter(VIEWER)
        await look.at("/shakes", LONG)
        await look.at(f"/shakes/{coming}", "后开始")
        await look.at(f"/shakes/{now}", "等待书记开始第一轮")
        await secretary.opens_round(now)
        await look.measure("a round", PHONES)
        await look.page.get_by_role("button", name="参加这一轮").click()
        await expect(look.page.get_by_text("已参与，等待书记抽取").first).to_be_visible()
        await look.measure("having taken part")
        await look.enter(SECRETARY)
        await look.at("/shakes/new", "与谁聊（书记）")
        await look.at(f"/shakes/{now}/desk", "第 1 轮进行中")
        await secretary.reveals(now)
        await expect(look.page.get_by_role("heading", name="等待回应")).to_be_visible()
        await look.measure("a desk that waits for an answer")
        await look.enter(VIEWER)
        await look.at("/me", "您被抽中了")
        await look.page.get_by_role("button", name="接受，现在聊").click()
        await expect(look.page.get_by_text("正在等对方打开谈话")).to_be_visible()
        await look.measure("a talk that waits for the other")
        talk = look.page.url.rsplit("/", 1)[1]
        await look.enter(SECRETARY)
        await look.at(f"/shakes/{now}/desk", "正在聊")
        await secretary.does(f"/talks/{talk}/end")
        await look.at(f"/talks/{talk}", "跟进记录")
        await look.at("/talks", "聊过的")
        await secretary.does(f"/shakes/{now}/close")
        await look.at(f"/shakes/{now}/proof", "验算全部一致")


@dataclass
class Desk:
    """A secretary without a browser."""

    http: aiohttp.ClientSession
    nonce: bytes = b""

    async def does(self, path: str, body: Made | None = None) -> Made:
        async with self.http.post(f"/api/v1{path}", json=body) as answer:
            assert answer.status in (200, 201), await answer.text()
            made: Made = await answer.json()
        return made

    async def announce(self, title: str, *, days: float = 0.0) -> str:
        async with self.http.get("/api/v1/me") as answer:
            me = (await answer.json())["member"]["id"]
        begins = datetime.now(UTC) + timedelta(days=days)
        plan = {"opens_at": begins.isoformat(), "closes_at": (begins + timedelta(hours=1)).isoformat(), "round_seconds": 10}
        made = await self.does("/shakes", {"title": title, "secretaries": [me], **plan})
        return str(made["id"])

    async def opens_round(self, shake: str) -> None:
        self.nonce = os.urandom(32)
        await self.does(f"/shakes/{shake}/rounds", {"nonce_commitment": hashlib.sha256(self.nonce).hexdigest()})
        await self.does(f"/shakes/{shake}/rounds/1/open")

    async def reveals(self, shake: str) -> None:
        """As soon as the list is closed."""

        async def told() -> bool:
            body = {"nonce": self.nonce.hex()}
            async with self.http.post(f"/api/v1/shakes/{shake}/rounds/1/reveal", json=body) as answer:
                return answer.status == 200

        await until(told, timeout=30, every=0.2, what="the list of the round")
