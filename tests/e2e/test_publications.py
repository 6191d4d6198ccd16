"""A publication on phones: a member objects to a row, her secretary upholds it, and the correction stands under 我的积分."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from server.points.model import day_of
from server.points.preview import last_quarter
from tests.support.browsing import phone, running_browser
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
ADMINISTRATOR, SECRETARY, STAFF = "10000000008", "10000000001", "10000000005"
OF_BRANCH, MEMBER = "10000000011", "10000000010"
SOON = 15_000  # ms


async def posted(http: aiohttp.ClientSession, path: str, body: Any) -> Any:
    async with http.post(f"/api/v1{path}", json=body) as answer:
        assert answer.status in (200, 201), await answer.text()
        return await answer.json()


async def granted(serving: Serving, name: str, *roles: str) -> None:
    async with await serving.signed_in(ADMINISTRATOR) as http:
        async with http.get(f"/api/v1/members?q={name}") as answer:
            (member,) = (await answer.json())["items"]
        async with http.put(f"/api/v1/members/{member['id']}/roles", json={"roles": list(roles)}) as answer:
            assert answer.status == 200, await answer.text()


async def deducted_and_published(staff: aiohttp.ClientSession, secretary: aiohttp.ClientSession) -> str:
    """A deduction of the last quarter by two people, and the publication of that quarter."""
    _, day = last_quarter(day_of(datetime.now(UTC)))
    async with staff.get("/api/v1/points/people?q=封书瑶") as answer:
        (member,) = (await answer.json())["items"]
    what = {"member": member["id"], "indicator": "Q10", "day": day.isoformat(), "reason": "没有请假", "evidence": "签到表"}
    proposal = await posted(staff, "/points/proposals", what)
    await posted(secretary, f"/points/proposals/{proposal['id']}/confirm", {"words": ""})
    made = await posted(staff, "/publications", {"year": day.year, "quarter": (day.month + 2) // 3})
    return str(made["id"])


async def test_a_member_objects_and_the_correction_stands_as_a_reversal_under_her_points(serving: Serving) -> None:
    await granted(serving, "桑见远", "affairs_staff")
    await granted(serving, "乔望舒", "branch_secretary")
    async with AsyncExitStack() as stack:
        staff, secretary = [await stack.enter_async_context(await serving.signed_in(each)) for each in (STAFF, SECRETARY)]
        publication = await deducted_and_published(staff, secretary)
        browser = await stack.enter_async_context(running_browser())
        page = await stack.enter_async_context(phone(browser))
        await sign_in(page, serving.url, MEMBER, then=f"/publications/{publication}")
        await objects(page, "无故缺席", "当天在车间值班，已经请假")
        desk = await stack.enter_async_context(phone(browser))
        await sign_in(desk, serving.url, OF_BRANCH, then="/publications")
        await desk.get_by_role("link", name="有 1 个异议等您答复").click(timeout=SOON)
        await upholds(desk)

        await page.reload()
        await expect(page.get_by_role("article").filter(has_text="异议成立")).to_contain_text("更正 1 条", timeout=SOON)
        await page.get_by_role("link", name="看我的积分").click()
        if day_of(datetime.now(UTC)).month <= 3:  # the last quarter was another year's
            await page.get_by_label("年份").select_option(label=f"{day_of(datetime.now(UTC)).year - 1} 年")
        await expect(page.get_by_role("button", name="更正：")).to_be_visible(timeout=SOON)


async def objects(page: Page, row: str, words: str) -> None:
    own = page.get_by_role("table", name="我的公示积分")
    await own.get_by_role("button", name="封书瑶").click(timeout=SOON)
    await page.get_by_role("dialog", name="我的公示积分").get_by_role("button", name=row).click()
    await page.get_by_role("button", name="对这一条提出异议").click()
    form = page.get_by_role("dialog", name="提出异议")
    await form.get_by_role("button", name="提交异议").click()
    await expect(form.get_by_text("请写明哪里不对")).to_be_visible()
    await form.get_by_label("哪里不对").fill(words)
    await form.get_by_role("button", name="提交异议").click()
    await expect(page.get_by_role("article").filter(has_text="等待答复")).to_contain_text("最迟", timeout=SOON)


async def upholds(page: Page) -> None:
    await page.get_by_role("button", name="答复", exact=True).click()
    form = page.get_by_role("dialog", name="答复异议")
    await expect(form.get_by_role("checkbox")).to_be_checked(timeout=SOON)
    await form.get_by_label("答复", exact=True).fill("值班表属实，已更正")
    await form.get_by_role("button", name="提交答复").click()
    await expect(page.get_by_text("没有等待答复的异议")).to_be_visible(timeout=SOON)
