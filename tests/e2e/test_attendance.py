"""The way of a credit, on a member's phone: two of three roll-calls answered, credited while the broadcast runs, its row under
我的积分 leads to what it is for; after the quarter it is published, objected to, and taken back by another row.
"""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from server.core.ids import new_id
from server.points import day_of
from server.points.model import Window
from tests.e2e.test_points import by_socket
from tests.e2e.test_publications import objects, posted
from tests.support.browsing import phone, running_browser
from tests.support.later import put_forward
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, HOST, ONE = "10000000001", "10000000006", "10000000010"
SOON = 15_000  # ms


async def called(host: Visit, event: str, **payload: Any) -> Any:
    answer = await host.call(event, {**payload, "client_id": new_id()})
    assert answer["ok"], answer
    return answer.get("roll_call")


async def says_here(page: Page, words: str) -> None:
    button = page.get_by_role("dialog").get_by_role("button", name="我在")
    await expect(button).to_be_focused(timeout=SOON)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").get_by_text(words)).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("dialog")).to_be_hidden(timeout=SOON)


async def test_two_of_three_roll_calls_are_credited_published_objected_to_and_taken_back(tmp_path: Path) -> None:
    serving = Serving(tmp_path, module="tests.support.later")
    await serving.start()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(serving.stop)
        await serving.set_up()
        http = await stack.enter_async_context(await serving.signed_in(HOST))
        broadcast = await broadcast_on_air(http, stack)
        host = await stack.enter_async_context(by_socket(serving, http))
        browser = await stack.enter_async_context(running_browser())
        page = await stack.enter_async_context(phone(browser))
        await sign_in(page, serving.url, ONE, then=f"/b/{broadcast}")
        field = page.get_by_label("写评论")
        await expect(field).to_be_visible(timeout=SOON)

        first = await called(host, "roll_call.open", broadcast=broadcast)
        await expect(page.get_by_role("timer")).to_be_visible(timeout=SOON)
        await expect(page.get_by_text("点名 3 次，应答 2 次算到课，计入积分")).to_be_visible()
        await says_here(page, "已应答 1 次，再应答 1 次即为到课")
        await called(host, "roll_call.close", roll_call=first)

        # Whoever is writing is not interrupted: a line asks instead.
        await field.fill("听得很清楚")
        second = await called(host, "roll_call.open", broadcast=broadcast)
        line = page.locator(".roll-call-line")
        await expect(line).to_contain_text("正在点名", timeout=SOON)
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(field).to_be_focused()
        await line.get_by_role("button", name="我在").click()
        await expect(line).to_be_hidden(timeout=SOON)
        await called(host, "roll_call.close", roll_call=second)

        toast = page.get_by_role("link", name="到课 +0.5")
        await expect(toast).to_be_visible(timeout=SOON)
        await toast.click()
        await page.wait_for_url("**/me/points")
        await expect(page.get_by_role("region", name="年积分")).to_contain_text("60.5", timeout=SOON)
        third = await called(host, "roll_call.open", broadcast=broadcast)
        await called(host, "roll_call.close", roll_call=third)
        await page.get_by_role("button", name="主题党日").click()
        await page.get_by_role("dialog", name="积分明细").get_by_role("link", name="查看来源").click()
        await page.wait_for_url(f"**/b/{broadcast}")
        async with http.post(f"/api/v1/broadcasts/{broadcast}/end", json={}) as answer:
            assert answer.status == 200, await answer.text()

        year = put_into_the_next_quarter(serving)
        secretary = await stack.enter_async_context(await serving.signed_in(SECRETARY))
        publication = await published(secretary, year)
        # A quarter later nobody is signed in any more; but the clock was put forward at once, and who was known a moment ago is
        # still remembered for some seconds.
        await page.context.clear_cookies()
        await sign_in(page, serving.url, ONE, then=f"/publications/{publication}")
        await objects(page, "主题党日", "这一场我中途离开了，请核对")
        async with secretary.get("/api/v1/objections") as answer:
            (objection,) = (await answer.json())["items"]
        upheld = {"state": "upheld", "text": "核对属实，已更正", "reverse": [objection["entry"]]}
        await posted(secretary, f"/objections/{objection['id']}/answer", upheld)
        await page.goto(f"{serving.url}/me/points")
        await page.get_by_label("年份").select_option(label=f"{year} 年")
        await expect(page.get_by_role("button", name="更正：主题党日")).to_be_visible(timeout=SOON)
        await expect(page.get_by_role("region", name="年积分")).to_contain_text("60")


def put_into_the_next_quarter(serving: Serving) -> int:
    """Gives the year of the quarter that is over then."""
    today = day_of(datetime.now(UTC))
    days = (Window.QUARTER.ends(Window.QUARTER.begins(today)) - today).days + 1
    put_forward(serving.folder, timedelta(days=days))
    return today.year


async def published(secretary: aiohttp.ClientSession, year: int) -> str:
    quarter = (day_of(datetime.now(UTC)).month + 2) // 3
    made = await posted(secretary, "/publications", {"year": year, "quarter": quarter})

    async def is_open() -> bool:
        async with secretary.get(f"/api/v1/publications/{made['id']}") as answer:
            return str((await answer.json())["state"]) == "open"

    await until(is_open, every=0.1, what="the publication")
    return str(made["id"])
