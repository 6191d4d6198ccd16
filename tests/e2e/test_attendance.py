"""A member on a phone answers two roll-calls of a live broadcast, and sees the credit arrive that leads to their points."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Page, expect

from server.core.ids import new_id
from tests.e2e.test_points import by_socket
from tests.support.browsing import phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
HOST, ONE = "10000000006", "10000000010"
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


async def test_two_of_three_roll_calls_answered_is_credited_live(serving: Serving) -> None:
    async with AsyncExitStack() as stack:
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
