"""A question's way: asked on one phone, wanted on another, answered in the studio, played in the replay."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.support.browsing import phone, running_browser
from tests.support.publishing import Publisher
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import live_since, replay_of, sign_in

pytestmark = pytest.mark.browser
HOST, ONE, OTHER = "10000000006", "10000000010", "10000000011"
PLAN = {"title": "主题党日", "starts_at": "2030-07-01T01:00:00Z", "visibility": "employees", "comment_mode": "post_moderated"}
WORDS = "会有回看吗？"
PATIENT = 20_000  # ms


@dataclass
class Room:
    """A broadcast that is on air."""

    serving: Serving
    host: aiohttp.ClientSession
    id: str

    async def enters(self, page: Page, mobile: str, path: str = "/b/") -> None:
        await sign_in(page, self.serving.url, mobile, then=f"{path}{self.id}")
        await page.get_by_role("tab", name="问答").click(timeout=PATIENT)

    async def act(self, action: str, **body: bool) -> bool:
        async with self.host.post(f"/api/v1/broadcasts/{self.id}/{action}", json=body or None) as answer:
            return answer.status == 200

    async def on_air_for(self, seconds: float) -> None:
        since = await live_since(self.host, self.id)
        await until(lambda: time.time() > since + seconds, every=0.1, what=f"{seconds} s on air")

    async def is_sealed(self) -> bool:
        return str((await replay_of(self.host, self.id))["state"]) == "withheld"


@pytest.fixture
async def room(serving: Serving) -> AsyncIterator[Room]:
    host = await serving.signed_in(HOST)
    async with host.post("/api/v1/broadcasts", json=PLAN) as answer:
        broadcast = await answer.json()
    publisher = Publisher()
    await publisher.publish(host, broadcast["id"], broadcast["whip"]["token"])
    room = Room(serving, host, broadcast["id"])
    await until(lambda: room.act("live"), every=0.2, what="the broadcast on air")
    yield room
    await publisher.close()
    await host.close()


def question(page: Page) -> Locator:
    return page.get_by_role("listitem").filter(has_text=WORDS)


async def test_a_question_is_asked_wanted_answered_and_played(room: Room) -> None:
    async with running_browser() as browser, phone(browser) as one, phone(browser) as other, phone(browser) as desk:
        await room.enters(one, ONE)
        await expect(one.get_by_text("还没有提问")).to_be_visible(timeout=PATIENT)
        await one.get_by_label("写提问").fill(WORDS)
        await one.get_by_role("switch", name="匿名提问").click()
        await expect(one.get_by_text("其他观众看不到你的名字")).to_be_visible()
        await one.get_by_role("button", name="提问", exact=True).click()
        await expect(question(one)).to_contain_text("匿名（我）", timeout=PATIENT)
        await expect(question(one).get_by_role("button", name="我也想问")).to_be_disabled()

        await room.enters(other, OTHER)
        await expect(question(other)).to_contain_text("匿名", timeout=PATIENT)
        assert "封书瑶" not in await other.content()
        vote = question(other).get_by_role("button", name="我也想问")
        await vote.click()
        await expect(vote).to_have_attribute("aria-pressed", "true")
        for page in (other, one):
            await expect(question(page).get_by_role("button", name="我也想问，现有 1 人")).to_be_visible(timeout=PATIENT)

        await room.enters(desk, HOST, "/studio/")
        await room.on_air_for(8)
        await question(desk).get_by_role("button", name="开始回答").click()
        began = time.time() - await live_since(room.host, room.id)
        await expect(question(other)).to_contain_text("正在回答", timeout=PATIENT)
        await room.on_air_for(began + 4)
        await question(desk).get_by_role("button", name="已回答").click()
        await expect(question(other)).to_contain_text("已回答", timeout=PATIENT)
        await room.on_air_for(began + 8)  # the answer is not the end

        assert await room.act("end")
        await until(room.is_sealed, every=0.2, what="the recording")
        assert await room.act("replay", published=True, download=False)
        await other.goto(f"{room.serving.url}/b/{room.id}/replay")
        await other.get_by_role("tab", name="问答").click(timeout=PATIENT)
        answer = other.get_by_role("button", name=f"播放回答：{WORDS}")
        await answer.click()
        await expect(answer).to_contain_text("正在播放回答", timeout=PATIENT)
        place: float = await other.evaluate("() => document.querySelector('video').currentTime")
        assert began - 2 < place < began + 5, f"the answer began at {began:.1f} s, the replay plays {place:.1f}"
        assert "封书瑶" not in await other.content()
