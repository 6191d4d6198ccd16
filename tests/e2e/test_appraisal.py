"""The yearly appraisal on a phone: oneself, then the others with one tap each; a reload loses nothing, and it is sent once."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.support.browsing import phone, running_browser
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
CHIEF, MEMBER = "10000000001", "10000000006"


async def test_a_member_assesses_themselves_and_marks_everybody_once(serving: Serving) -> None:
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    async with await serving.signed_in(CHIEF) as chief, running_browser() as browser, phone(browser) as page:
        async with chief.get("/api/v1/appraisals") as answer:
            (branch,) = [each["id"] for each in (await answer.json())["openable"] if each["name"] == "总部机关党支部"]
        plan = {"branch": branch, "year": datetime.now(UTC).year, "self_until": day, "peers_until": day}
        async with chief.post("/api/v1/appraisals", json=plan) as answer:
            assert answer.status == 201, await answer.text()
        await sign_in(page, serving.url, MEMBER, then="/me/appraisal")
        await expect(page.get_by_text("请先自评")).to_be_visible(timeout=15_000)
        form = page.locator("form")
        for number in range(5):
            await form.get_by_role("radio", name="较好", exact=True).nth(number).click()
        await form.get_by_role("radio", name="合格", exact=True).click()
        await form.get_by_label("自我评价").fill("认真履职")
        await form.get_by_role("button", name="提交自评").click()
        await expect(page.get_by_text("自评等次：合格")).to_be_visible()

        peers = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="分方面打"))
        count = await peers.count()
        assert count > 1
        await peers.first.get_by_role("radio", name="好", exact=True).click()
        await page.reload()
        await expect(page.get_by_text(f"已评 1 / {count}")).to_be_visible(timeout=15_000)
        for number in range(1, count):
            await peers.nth(number).get_by_role("radio", name="一般", exact=True).click()
        await page.get_by_role("button", name="提交互评").click()
        await page.get_by_role("dialog").get_by_role("button", name="提交").click()
        await expect(page.get_by_text("打了什么分没有留存")).to_be_visible()
        assert await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('hongbo.appraisal'))") == []

        async with chief.get("/api/v1/appraisals") as answer:
            (summary,) = (await answer.json())["items"]
        assert (summary["assessed"], summary["raters"], summary["voters"]) == (1, 1, count + 1)
