"""A replay that counts, on a member's phone: by roll-calls of its own, or by a short quiz; and what it brings its host.

The pictures are played as they were sent. Only the clock is: what would take minutes (the time between two reports of the
page, a roll-call that runs out, the pause before another quiz) is skipped by the server and the page alike.
"""

import json
import re
from asyncio import gather
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import said_no_error
from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.later import put_forward
from tests.support.onair import broadcast_on_air
from tests.support.recorded import recorded
from tests.support.serving import Serving, start_furnished
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, HOST, ONE = "10000000001", "10000000006", "10000000010"
SOON = 15_000  # ms
LONG_ENOUGH = 6.0  # s of a recording: in the second third of it the page has reported often enough
CALLED, QUIZZED = "点名的回看", "答题的回看"
BANK = Path(__file__).parents[2] / "server/attendance/quiz.json"
PLAY = re.compile("^(播放|从头播放)$")
QUESTIONS: dict[str, Any] = {each["stem"]: each for each in json.loads(BANK.read_text())["questions"]}


@dataclass
class World:
    """Two broadcasts are over, their replays not yet published; everybody has signed in. `one`: the member's phone."""

    serving: Serving
    http: aiohttp.ClientSession  # of the host
    called: str
    quizzed: str
    one: Page
    host: Page
    secretary: Page
    ahead: timedelta = timedelta()

    async def goes_on(self, seconds: int) -> None:
        """So much later, for the server and for the member's page. What plays has played on by what this took."""
        self.ahead += timedelta(seconds=seconds)
        put_forward(self.serving.folder, self.ahead)
        await self.one.clock.fast_forward(seconds * 1000)

    @property
    def line(self) -> Locator:
        """What is said above the comments of a replay."""
        return self.one.get_by_role("tabpanel", name="评论")

    async def opens(self, page: Page, path: str) -> None:
        await page.goto(self.serving.url + path)


@pytest.fixture
async def world(tmp_path: Path, pattern: Path) -> AsyncIterator[World]:
    bank = tmp_path / "bank.json"
    bank.write_text(BANK.read_text().replace("needs_editor_review", "approved"))
    serving = Serving(tmp_path / "data", module="tests.support.later", environment={"HONGBO_QUIZ_BANK": str(bank)})
    async with AsyncExitStack() as stack:
        await start_furnished(serving, pattern)
        stack.push_async_callback(serving.stop)
        http = await stack.enter_async_context(await serving.signed_in(HOST))
        browser = await stack.enter_async_context(running_browser())
        pages = [await stack.enter_async_context(phone(browser, size=size)) for size in (None, None, DESKTOP)]
        await pages[0].clock.install()
        async with AsyncExitStack() as air:
            called, quizzed = await gather(*(broadcast_on_air(http, air, title=title) for title in (CALLED, QUIZZED)))
            people = zip(pages, (ONE, HOST, SECRETARY), strict=True)
            await gather(*(sign_in(page, serving.url, mobile, then="/me/points") for page, mobile in people))
            await gather(*(long_enough(serving, each) for each in (called, quizzed)))
            await gather(*(done(http, f"{each}/end", {}) for each in (called, quizzed)))
        one, host, secretary = pages
        yield World(serving, http, called, quizzed, one, host, secretary)
    said_no_error(serving)


async def long_enough(serving: Serving, broadcast: str) -> None:
    folder = serving.folder / "recordings" / broadcast

    def so_long() -> bool:
        return (folder / "manifest.jsonl").exists() and recorded(folder).length >= LONG_ENOUGH

    await until(so_long, timeout=30, every=0.1, what="the recording")


async def done(http: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> None:
    """As soon as it may be."""

    async def accepted() -> bool:
        async with http.post(f"/api/v1/broadcasts/{path}", json=body) as answer:
            return answer.status == 200

    await until(accepted, timeout=20, every=0.1, what=path)


async def test_a_replay_counts_for_who_answers_in_it_and_for_its_host_once_another_approves(world: World) -> None:
    await its_own_roll_calls_count(world)
    await its_quiz_counts(world)
    await its_host_is_credited_by_another(world)


async def its_own_roll_calls_count(world: World) -> None:
    rules = f"/api/v1/broadcasts/{world.called}/attendance/rules"
    async with world.http.put(rules, json={"replay": "roll_call"}) as answer:
        assert answer.status == 200, await answer.text()
    await done(world.http, f"{world.called}/replay", {"published": True})
    page, sheet = world.one, world.one.get_by_role("dialog", name="回看点名")

    await world.opens(page, f"/b/{world.called}/replay")
    await expect(world.line.get_by_text("观看中会不定时点名 3 次")).to_be_visible(timeout=SOON)
    await watches(world, until_there=sheet)
    await expect(sheet.get_by_role("timer")).to_be_visible()
    await until(lambda: has_ended(page), every=0.1, what="the end of the replay")
    await world.goes_on(95)
    await expect(sheet).to_be_hidden(timeout=SOON)
    await expect(world.line.get_by_text("错过了 1 次点名，还没有算到课")).to_be_visible(timeout=SOON)
    await world.opens(page, "/me/points")
    await expect(page.get_by_text("今年还没有积分记录")).to_be_visible(timeout=SOON)

    await world.opens(page, f"/b/{world.called}/replay")
    await expect(world.line.get_by_text("错过了 1 次点名，还没有算到课")).to_be_visible(timeout=SOON)
    await watches(world, until_there=sheet)
    await says_here(sheet, "已应答 1 次，再应答 1 次即为到课")
    await plays_on(world, until_there=sheet.get_by_role("button", name="我在"))
    await says_here(sheet, "已应答 2 次，已记为到课")
    await expect(world.line.get_by_text("您已通过回看记为到课")).to_be_visible(timeout=SOON)
    await its_credit_arrives(world, CALLED, world.called, "60.5")


async def its_quiz_counts(world: World) -> None:
    host, page = world.host, world.one
    await world.opens(host, f"/b/{world.quizzed}/replay")
    await host.get_by_role("radio", name="短测验").check(timeout=SOON)
    await expect(host.get_by_text("已保存")).to_be_visible(timeout=SOON)
    await host.get_by_role("button", name="发布回看").click()
    await expect(host.get_by_role("button", name="撤回")).to_be_visible(timeout=SOON)

    await world.opens(page, f"/b/{world.quizzed}/replay")
    await expect(world.line.get_by_text("再看 1 分钟就能答题")).to_be_visible(timeout=SOON)
    to_quiz, quiz = world.line.get_by_role("button", name="去答题"), page.get_by_role("dialog", name="回看小测验")
    await expect(to_quiz).to_be_hidden()
    await watches(world, until_there=to_quiz)
    await to_quiz.click()
    first = await answers(quiz, right=1)
    await expect(quiz.get_by_text("这次没有通过")).to_be_visible(timeout=SOON)
    await expect(quiz.get_by_text(re.compile(r"3 道题答对 1 道，\d\d:\d\d 以后可以换题再答"))).to_be_visible()
    await quiz.get_by_role("button", name="知道了").click()
    await expect(world.line.get_by_text("10 分钟后可以换题再答")).to_be_visible(timeout=SOON)
    await world.opens(page, "/me/points")
    await expect(page.get_by_role("button", name=CALLED)).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name=QUIZZED)).to_be_hidden()

    await world.opens(page, f"/b/{world.quizzed}/replay")
    await expect(world.line.get_by_text("上次答对 1 道，没有通过")).to_be_visible(timeout=SOON)
    await world.goes_on(601)
    await to_quiz.click(timeout=SOON)
    assert not first & await answers(quiz, right=2), "other questions"
    await expect(quiz.get_by_text("通过了，已记为到课")).to_be_visible(timeout=SOON)
    await quiz.get_by_role("button", name="知道了").click()
    await its_credit_arrives(world, QUIZZED, world.quizzed, "61")


async def its_host_is_credited_by_another(world: World) -> None:
    host, secretary = world.host, world.secretary
    reason = f"主持直播《{CALLED}》"
    await world.opens(secretary, "/points/review")
    card = secretary.get_by_role("article").filter(has_text=reason)
    await expect(card).to_contain_text("系统根据直播记录提出", timeout=SOON)
    await card.get_by_role("button", name="确认", exact=True).click()
    await secretary.get_by_role("dialog", name="确认").get_by_role("button", name="确认", exact=True).click()
    await expect(card).to_be_hidden(timeout=SOON)
    await expect(secretary.get_by_role("article")).to_contain_text(f"主持直播《{QUIZZED}》")
    await world.opens(host, "/me/points")
    await expect(host.get_by_role("region", name="年积分")).to_contain_text("61", timeout=SOON)
    await host.get_by_role("button", name="主讲微党课、担任红色主播").click()
    await expect(host.get_by_role("dialog", name="积分明细").get_by_text(reason)).to_be_visible()


async def watches(world: World, until_there: Locator) -> None:
    """From the beginning, as somebody does who means to."""
    await world.one.get_by_role("button", name=PLAY).first.click(timeout=SOON)
    await plays_on(world, until_there)


async def plays_on(world: World, until_there: Locator) -> None:
    """The page reports every ten seconds where its picture is. Between two reports it really moves on; at its end it begins
    anew, where a slow machine has come there before the page had reported often enough."""

    async def is_there() -> bool:
        await world.goes_on(10)
        if await until_there.is_visible():
            return True
        if await has_ended(world.one):
            await world.one.get_by_role("button", name=PLAY).first.click()
        return False

    await until(is_there, timeout=60, every=1.0, what=f"{until_there} while the replay plays")


async def has_ended(page: Page) -> bool:
    return bool(await page.evaluate("() => document.querySelector('video').ended"))


async def says_here(sheet: Locator, words: str) -> None:
    await sheet.get_by_role("button", name="我在").click(timeout=SOON)
    await expect(sheet.get_by_text(words)).to_be_visible(timeout=SOON)


async def answers(quiz: Locator, *, right: int) -> set[str]:
    """So many of its questions rightly. Gives what it asked."""
    asked = quiz.get_by_role("group")
    await expect(asked).to_have_count(3, timeout=SOON)
    stems = [re.sub(r"^\d\. ", "", await each.locator("legend").inner_text()) for each in await asked.all()]
    for place, stem in enumerate(stems):
        question = QUESTIONS[stem]
        others = [key for key in question["options"] if key != question["answer"]]
        option = question["options"][question["answer"] if place < right else others[0]]
        await asked.nth(place).get_by_role("radio", name=option, exact=True).check()
    await quiz.get_by_role("button", name="交卷").click()
    return set(stems)


async def its_credit_arrives(world: World, title: str, broadcast: str, total: str) -> None:
    """Over the replay; and under 我的积分 with what it is for."""
    page = world.one
    await page.get_by_role("link", name="到课 +0.5").click(timeout=SOON)
    await page.wait_for_url("**/me/points")
    await expect(page.get_by_role("region", name="年积分")).to_contain_text(total, timeout=SOON)
    await page.get_by_role("button", name=title).click()
    sheet = page.get_by_role("dialog", name="积分明细")
    await expect(sheet.get_by_text("党课、直播课到课")).to_be_visible()
    await sheet.get_by_role("link", name="查看来源").click()
    await page.wait_for_url(f"**/b/{broadcast}")
