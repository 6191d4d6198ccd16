"""A task in browsers: given with a file, read to its end, confirmed once; who has not is reminded or confirmed for."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hosting import agrees
from tests.support.measuring import fits
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
SECRETARY, MEMBER, OTHER = "10000000001", "10000000010", "10000000011"
LONG = "\n".join(f"{number}、请认真学习本条，结合岗位抓好落实。" for number in range(1, 60))


async def test_a_task_from_being_written_to_the_list_of_who_has_confirmed(serving: Serving, tmp_path: Path) -> None:
    notice = tmp_path / "通知.pdf"
    notice.write_bytes(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    async with running_browser() as browser, phone(browser, size=DESKTOP) as staff, phone(browser) as member:
        await sign_in(staff, serving.url, SECRETARY, then="/tasks/new")
        await staff.get_by_role("button", name="发布", exact=True).click()
        await expect(staff.get_by_text("请写一个标题")).to_be_visible()
        await staff.get_by_label("标题").fill("学习防汛通知")
        await staff.get_by_label("正文").fill(LONG)
        await staff.locator("input[type=file]").set_input_files(notice)
        await expect(staff.get_by_role("button", name="移除通知.pdf")).to_be_visible()
        await fits(staff)
        await staff.get_by_role("button", name="发布", exact=True).click()
        await agrees(staff, "发布")
        await staff.wait_for_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
        path = staff.url.removeprefix(serving.url)

        await sign_in(member, serving.url, MEMBER, then="/me")
        await member.get_by_role("link", name=re.compile("学习任务.*件待办")).click()
        await fits(member)
        await member.get_by_role("link", name=re.compile("学习防汛通知")).click()
        confirm = member.get_by_role("button", name="我已阅读并确认")
        await expect(member.get_by_text("请先往下读到最后").first).to_be_visible(timeout=15_000)
        await fits(member)
        await member.get_by_text("到这里就读完了").scroll_into_view_if_needed()
        await member.mouse.wheel(0, 5_000)
        await expect(member.get_by_text("还有 1 个附件没有打开")).to_be_visible()
        answer = await member.evaluate("href => fetch(href).then(answer => answer.status)", await _address(member))
        assert answer == 200
        await member.reload()
        await expect(member.get_by_text("已打开")).to_be_visible()
        await member.mouse.wheel(0, 50_000)
        await expect(member.get_by_text("读完了，请点下面的按钮确认")).to_be_visible()
        await confirm.click()
        await expect(member.get_by_text("本人确认")).to_be_visible()
        await expect(confirm).to_be_hidden()
        await fits(member)

        await staff.goto(f"{serving.url}{path}/people")
        await expect(staff.get_by_role("button", name=re.compile("封书瑶.*已确认"))).to_be_visible()
        await staff.get_by_role("button", name="提醒未确认的人").click()
        await expect(staff.get_by_text(re.compile(r"已提醒 \d+ 人"))).to_be_visible()
        await staff.get_by_role("checkbox", name="勾选乔望舒").check()
        await staff.get_by_role("button", name="为 1 人代为确认").click()
        sheet = staff.get_by_role("dialog", name="代为确认")
        await sheet.get_by_label("原因").fill("没有手机，支部会上念过")
        await sheet.get_by_role("button", name="代为确认", exact=True).click()
        await expect(sheet).to_be_hidden()
        await expect(staff.get_by_role("button", name=re.compile("乔望舒.*代为确认"))).to_be_visible()
        await fits(staff)
        await sign_in(member, serving.url, OTHER, then=path)
        await expect(member.get_by_text("原因：没有手机，支部会上念过")).to_be_visible()


async def _address(page: Page) -> str:
    address = await page.get_by_role("link", name=re.compile("通知.pdf")).get_attribute("href")
    assert address is not None
    return address
