"""A member's points on a phone: a credit arrives while the page is open, and its row leads to what it was for."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.integration.questions.room import ask, reply
from tests.support.browsing import phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
HOST, WRITER, ASKER, EMPLOYEE = "10000000006", "10000000010", "10000000011", "10090000001"


@asynccontextmanager
async def by_socket(serving: Serving, http: aiohttp.ClientSession) -> AsyncIterator[Visit]:
    async with http.get("/api/v1/me") as answer:
        csrf = (await answer.json())["csrf"]
    cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
    async with visiting(serving.url, cookies, csrf, "websocket") as visit:
        yield visit


async def test_a_credit_arrives_live_and_its_row_leads_to_its_cause(serving: Serving) -> None:
    async with AsyncExitStack() as stack:
        host, writer, asker = [await stack.enter_async_context(await serving.signed_in(each)) for each in (HOST, WRITER, ASKER)]
        broadcast = await broadcast_on_air(host, stack)
        one, two = [await stack.enter_async_context(by_socket(serving, each)) for each in (asker, writer)]
        question = (await ask(one, broadcast, "有直播回看吗？"))["id"]
        answer = (await reply(two, question, "有的，结束后就能看"))["id"]
        browser = await stack.enter_async_context(running_browser())
        page = await stack.enter_async_context(phone(browser))
        await sign_in(page, serving.url, WRITER, then="/me/points")
        await expect(page.get_by_text("今年还没有积分记录")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("img", name="五个方面：德 加 0 分")).to_be_visible(timeout=15_000)

        assert (await one.call("question.adopt", {"question": question, "reply": answer}))["ok"]
        await expect(page.get_by_role("status").get_by_text("加 0.2 分（能）")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("region", name="年积分")).to_contain_text("60.2")
        await its_row_says_what_it_was_for(page)
        await page.get_by_role("link", name="查看来源").click()
        await page.wait_for_url(f"**/b/{broadcast}")

        await page.goto(f"{serving.url}/me/points")
        await page.get_by_role("radio", name="德").click()
        await expect(page.get_by_text("“德”还没有记录")).to_be_visible()
        await page.get_by_role("tab", name="今年还可计").click()
        await page.get_by_role("radio", name="能").click()
        await expect(page.get_by_role("listitem").filter(has_text="问答被采纳")).to_contain_text(
            "今天还可计 0.2 分，今年 0.8 分"
        )

        other = await stack.enter_async_context(phone(browser))
        await sign_in(other, serving.url, EMPLOYEE, then="/me/points")
        await expect(other.get_by_text("您的账号是公司员工，不记积分")).to_be_visible(timeout=15_000)


async def its_row_says_what_it_was_for(page: Page) -> None:
    await page.get_by_role("button", name="回答被采纳").click()
    sheet = page.get_by_role("dialog", name="积分明细")
    await expect(sheet.get_by_text("回答被提问者或主持人采纳")).to_be_visible()
    await expect(sheet.get_by_text("本支部第 1 号")).to_be_visible(timeout=15_000)
