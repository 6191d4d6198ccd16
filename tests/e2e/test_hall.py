"""One broadcast from its first comment to its report.

Two members have their phones, the host is in the studio, a moderator at the console, and a visitor comes by.
"""

import re
import time
from asyncio import gather
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import said_no_error
from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.company import Company, answering
from tests.support.hall import HOST, ONE, OTHER, SOON, Console, Phone, Place, Studio
from tests.support.hosting import agrees, ends, publishes_the_replay
from tests.support.onair import broadcast_on_air
from tests.support.serving import Serving, start_furnished
from tests.support.watching import live_since, sees_moving_pictures

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MOBILE = "13900000001"
QUESTION, POLL = "会有回看吗？", "下次主题党日放在哪天？"


@dataclass
class Hall:
    """Everybody who is there. `visitor` has no account; `company` sends her text messages."""

    http: aiohttp.ClientSession
    company: Company
    one: Phone
    other: Phone
    visitor: Phone
    studio: Studio
    console: Console

    @property
    def phones(self) -> tuple[Phone, Phone]:
        return self.one, self.other

    @property
    def screens(self) -> tuple[Place, ...]:
        return self.one, self.other, self.studio, self.console

    async def moment(self) -> float:
        """Seconds on air until now."""
        return time.time() - await live_since(self.http, self.one.id)


@pytest.fixture
async def hall(tmp_path: Path, pattern: Path) -> AsyncIterator[Hall]:
    company = Company()
    async with AsyncExitStack() as stack:
        messages = await stack.enter_async_context(answering(company))
        sms = {"HONGBO_SMS_URL": str(messages.make_url("/send")), "HONGBO_SMS_SECRET": "shared with the company, 32 characters"}
        serving = Serving(tmp_path, environment={"HONGBO_ALLOW_PUBLIC": "on", **sms})
        await start_furnished(serving, pattern)
        stack.push_async_callback(serving.stop)
        host = await stack.enter_async_context(await serving.signed_in(HOST))
        broadcast = await broadcast_on_air(host, stack, visibility="public")
        browser = await stack.enter_async_context(running_browser())
        phones = [await stack.enter_async_context(phone(browser)) for _ in range(3)]
        desks = [await stack.enter_async_context(phone(browser, size=DESKTOP)) for _ in range(2)]
        here = (serving.url, broadcast)
        one, other, visitor = (Phone(page, *here) for page in phones)
        yield Hall(host, company, one, other, visitor, Studio(desks[0], *here), Console(desks[1], *here))
    said_no_error(serving)


async def test_a_broadcast_from_its_first_comment_to_its_report(hall: Hall) -> None:
    await gather(hall.one.enters(ONE), hall.other.enters(OTHER), hall.studio.opens(), hall.console.opens())
    await gather(*(sees_moving_pictures(each.page, within=30) for each in hall.phones))
    await a_comment_is_seen_by_all_and_flies_over_the_picture(hall)
    await taps_are_counted_together(hall.one, hall.other)
    await a_question_is_asked_and_wanted(hall)
    await hall.studio.marks(QUESTION, "开始回答")
    began = await hall.moment()
    await expect(hall.other.question(QUESTION)).to_contain_text("正在回答", timeout=SOON)
    await a_poll_is_opened_voted_in_and_closed(hall)
    await hall.studio.marks(QUESTION, "已回答")
    await expect(hall.other.told("已回答").first).to_be_attached(timeout=SOON)
    await the_host_keeps_the_room(hall.studio, hall.one)
    await what_is_held_is_decided_with_the_keyboard(hall)
    await a_visitor_reads_taps_proves_a_number_and_writes(hall)
    await somebody_is_muted_and_may_write_again(hall)
    await what_is_removed_is_gone_from_all_screens(hall)
    await ends(hall.studio.page)
    await publishes_the_replay(hall.studio.page)
    await the_replay_plays_the_answer_and_shows_what_was_voted(hall.other, began)
    await the_report_has_the_figures(hall.studio)


async def a_comment_is_seen_by_all_and_flies_over_the_picture(hall: Hall) -> None:
    await hall.one.says("各位同志，晚上好！")
    await gather(
        *(expect(each.comment("各位同志，晚上好！")).to_be_visible(timeout=SOON) for each in hall.screens),
        *(expect(each.flying("各位同志，晚上好！")).to_be_visible(timeout=SOON) for each in hall.phones),
    )


async def taps_are_counted_together(one: Phone, other: Phone) -> None:
    """A tap gives the kind that one chose last; the arrow opens the choice."""
    button = one.page.get_by_role("button", name="点赞")
    for _ in range(5):
        await button.click()
    await expect(one.page.get_by_role("button", name="点赞，共 5 次")).to_be_visible()
    await expect(other.page.get_by_role("button", name="点赞，共 5 次")).to_be_visible(timeout=SOON)
    await button.press("ArrowUp")
    await one.page.get_by_role("button", name="鲜花", exact=True).click()
    await one.page.keyboard.press("Escape")
    await expect(one.page.get_by_role("button", name="鲜花，共 6 次")).to_be_focused()
    await expect(other.page.get_by_role("button", name="点赞，共 6 次")).to_be_visible(timeout=SOON)


async def a_question_is_asked_and_wanted(hall: Hall) -> None:
    """Without a name: nobody's page but the writer's and the keepers' has it."""
    one, other = hall.phones
    await one.asks(QUESTION)
    await expect(one.question(QUESTION)).to_contain_text("匿名（我）", timeout=SOON)
    await expect(one.question(QUESTION).get_by_role("button", name="我也想问")).to_be_disabled()
    await other.open_tab("问答")
    await expect(other.question(QUESTION)).to_contain_text("匿名", timeout=SOON)
    vote = other.question(QUESTION).get_by_role("button", name="我也想问")
    await vote.click()
    await expect(vote).to_have_attribute("aria-pressed", "true")
    for each in hall.phones:
        await expect(each.question(QUESTION).get_by_role("button", name="我也想问，现有 1 人")).to_be_visible(timeout=SOON)
    await hall.studio.open_tab("问答")


async def a_poll_is_opened_voted_in_and_closed(hall: Hall) -> None:
    one, other, studio = hall.one, hall.other, hall.studio
    await studio.prepares_a_poll(POLL, "周五下午", "周六上午", "都可以")
    await studio.press("发起")
    for each in hall.phones:  # it says so above the comments, and waits to be looked at
        await each.open_tab("评论")
        await expect(each.told(f"投票：{POLL}").last).to_be_visible(timeout=SOON)
        await each.page.get_by_role("button", name="去投票").click()
    await one.votes("周六上午")
    await expect(one.told("已投票")).to_be_visible(timeout=SOON)

    # Given in a tunnel, changed there, and counted once.
    await other.page.context.set_offline(True)
    await other.votes("周五下午")
    await expect(other.told("等待网络，连上后自动投出")).to_be_visible(timeout=SOON)
    await other.page.get_by_role("button", name="改选").click()
    await other.votes("周六上午", "改投这项")
    await other.page.context.set_offline(False)
    for place in (studio, one, other):
        await expect(place.bar("周六上午")).to_contain_text("2 票100%", timeout=SOON)
    await studio.closes_the_poll()
    for each in hall.phones:
        await expect(each.page.locator(".poll-card", has_text=POLL)).to_contain_text("已结束", timeout=SOON)
        await expect(each.page.locator(".poll-bars .mine")).to_contain_text("周六上午我选的")
        await each.open_tab("评论")


async def the_host_keeps_the_room(studio: Studio, viewer: Phone) -> None:
    keeping = studio.keeping
    notice = keeping.get_by_label("公告", exact=True)
    await notice.fill("课件见评论区")
    await keeping.get_by_role("button", name="置顶", exact=True).click()
    pinned = viewer.page.get_by_role("note", name="置顶公告")
    await expect(pinned).to_contain_text("课件见评论区", timeout=SOON)
    await notice.fill("十分钟后开始投票")
    await studio.press("发公告")
    await expect(viewer.told("公告：十分钟后开始投票")).to_be_attached(timeout=SOON)
    await keeping.get_by_role("switch", name="全员禁言").click()
    await expect(viewer.page.get_by_role("region", name="评论").get_by_text("主播开启了全员禁言")).to_be_visible(timeout=SOON)
    await keeping.get_by_role("switch", name="全员禁言").click()
    await studio.press("停止评论")
    await agrees(studio.page, "停止评论")
    await expect(viewer.told("主播关闭了评论")).to_be_visible(timeout=SOON)
    await studio.press("恢复评论")
    await expect(viewer.page.get_by_placeholder("说点什么…")).to_be_visible(timeout=SOON)
    await studio.press("取消置顶")
    await expect(pinned).to_have_count(0, timeout=SOON)


async def what_is_held_is_decided_with_the_keyboard(hall: Hall) -> None:
    one, other, console = hall.one, hall.other, hall.console
    await hall.studio.keeping.get_by_role("radio", name="先审后发").click()
    for each in hall.phones:
        await expect(each.page.get_by_placeholder("评论须审核后显示")).to_be_visible(timeout=SOON)
    for text in ("讲得好", "加我微信", "学习了"):
        await one.says(text)
        await expect(one.comment(text)).to_contain_text("审核中，仅自己可见", timeout=SOON)
        await expect(console.held(text)).to_be_visible(timeout=SOON)
    await one.page.reload()
    await expect(one.comment("讲得好")).to_contain_text("审核中，仅自己可见", timeout=SOON)
    await expect(other.comment("讲得好")).to_have_count(0)

    # The eye is on the oldest; a decision is seen at once and can be taken back.
    await expect(console.held("讲得好")).to_have_attribute("aria-current", "true")
    await console.keys("r")
    await expect(console.held("讲得好")).to_have_count(0)
    await expect(console.told("将拒绝")).to_be_visible()
    await console.keys("u")
    await expect(console.held("讲得好")).to_have_attribute("aria-current", "true")
    await expect(console.held("讲得好")).to_be_focused()

    # The next does not wait for the one before; what is pending when the page is left is sent.
    await console.keys("ar2")
    await expect(console.held("学习了")).to_have_attribute("aria-current", "true")
    await console.page.goto(f"{console.url}/moderation")
    await expect(console.page.get_by_role("link", name="主题党日")).to_contain_text("1", timeout=SOON)
    for each in hall.phones:
        await expect(each.comment("讲得好")).to_be_visible(timeout=SOON)
        await expect(each.comment("讲得好")).not_to_contain_text("审核中")
    await expect(one.comment("加我微信")).to_contain_text("未通过审核：广告或刷屏", timeout=SOON)
    await expect(other.comment("加我微信")).to_have_count(0)
    await one.comment("加我微信").get_by_role("button", name="删除").click()
    await one.page.reload()
    await expect(one.comment("讲得好")).to_be_visible(timeout=SOON)
    await expect(one.comment("加我微信")).to_have_count(0)
    await expect(console.page).to_have_title(re.compile(r"^\(1\) 审核 "))
    await console.page.get_by_role("link", name="主题党日").click()

    # Rejected by mistake, and noticed only later: it waits again.
    await console.page.get_by_role("button", name="最近拒绝的").click()
    rejected = console.page.get_by_role("dialog", name="最近拒绝的")
    await expect(rejected.get_by_role("listitem")).to_contain_text("广告或刷屏", timeout=SOON)
    await rejected.get_by_role("button", name="放回封书瑶的一条内容").click()
    await expect(rejected.get_by_text("没有拒绝过的内容")).to_be_visible(timeout=SOON)
    await console.page.keyboard.press("Escape")
    await console.held("加我微信").get_by_role("button", name="拒绝").click()
    await expect(console.held("加我微信")).to_have_count(0)


async def a_visitor_reads_taps_proves_a_number_and_writes(hall: Hall) -> None:
    """She is held in a room where members are not, and nobody reads her number."""
    visitor, console, company = hall.visitor, hall.console, hall.company
    await hall.studio.keeping.get_by_role("radio", name="先发后审").click()
    await visitor.page.goto(f"{visitor.url}/b/{visitor.id}")
    await expect(visitor.comment("讲得好")).to_be_visible(timeout=SOON)
    await expect(visitor.page.get_by_role("link", name="登录后评论")).to_be_visible()
    await hall.studio.keeping.get_by_role("switch", name="允许访客评论").click()
    await visitor.page.get_by_role("button", name="点赞").click()
    await expect(hall.other.page.get_by_role("button", name="点赞，共 7 次")).to_be_visible(timeout=SOON)

    await visitor.page.get_by_role("button", name="验证手机号后发言").click()
    sheet = visitor.page.get_by_role("dialog", name="验证手机号后发言")
    await sheet.get_by_role("textbox", name="手机号").fill(MOBILE)
    await sheet.get_by_role("textbox", name="昵称").fill("路过的人")
    await sheet.get_by_role("button", name="获取验证码").click()
    await expect(sheet.get_by_text("验证码已发出")).to_be_visible(timeout=SOON)
    await sheet.get_by_role("textbox", name="验证码").fill(f"{(int(company.code) + 1) % 1_000_000:06d}")
    await sheet.get_by_role("button", name="验证并发言").click()
    await expect(sheet.get_by_text("验证码不正确或已过期")).to_be_visible(timeout=SOON)
    await sheet.get_by_role("textbox", name="验证码").fill(company.code)
    await sheet.get_by_role("button", name="验证并发言").click()
    await expect(visitor.page.get_by_label("写评论")).to_be_focused(timeout=SOON)

    await visitor.says("远道来听课")
    await expect(visitor.comment("远道来听课")).to_contain_text("审核中，仅自己可见", timeout=SOON)
    await expect(console.held("远道来听课")).to_contain_text("访客发言", timeout=SOON)
    await expect(hall.one.comment("远道来听课")).to_have_count(0)
    await console.held("远道来听课").get_by_role("button", name="通过").click()
    await expect(hall.one.comment("远道来听课")).to_contain_text("路过的人访客", timeout=SOON)
    await expect(visitor.comment("远道来听课")).not_to_contain_text("审核中", timeout=SOON)
    for place in (hall.one, console):
        assert MOBILE not in await place.page.content()


async def somebody_is_muted_and_may_write_again(hall: Hall) -> None:
    one, other, console = hall.one, hall.other, hall.console
    await other.reports("讲得好", "辱骂攻击")
    await expect(console.people).to_contain_text("1 人举报：辱骂攻击", timeout=SOON)
    await console.mutes("封书瑶", "多次刷屏")
    await expect(one.told("您已被禁言")).to_contain_text("之前不能在本场直播发言。原因：多次刷屏", timeout=SOON)
    await expect(one.page.get_by_label("写评论")).to_have_count(0)
    await console.lifts_the_mute_of("封书瑶")
    await expect(one.page.get_by_label("写评论")).to_be_visible(timeout=SOON)


async def what_is_removed_is_gone_from_all_screens(hall: Hall) -> None:
    await hall.studio.open_tab("评论")
    await hall.console.removes("讲得好")
    for each in hall.screens:
        await expect(each.comment("讲得好")).to_have_count(0, timeout=SOON)
        await expect(each.told("一条评论已被审核员删除")).to_be_visible(timeout=SOON)
        await expect(each.comment("各位同志，晚上好！")).to_be_visible()


async def the_replay_plays_the_answer_and_shows_what_was_voted(viewer: Phone, began: float) -> None:
    """`began`: seconds on air when the host began to answer."""
    page: Page = viewer.page
    await page.goto(f"{viewer.url}/b/{viewer.id}/replay")
    await viewer.open_tab("问答")
    answer = page.get_by_role("button", name=f"播放回答：{QUESTION}")
    await answer.click()
    await expect(answer).to_contain_text("正在播放回答", timeout=SOON)
    place: float = await page.evaluate("() => document.querySelector('video').currentTime")
    assert began - 2 < place < began + 5, f"the answer began at {began:.1f} s, the replay plays {place:.1f}"
    assert "封书瑶" not in await page.locator(".replay-questions").inner_text()
    await viewer.open_tab("评论")  # in step with the picture
    await expect(viewer.comment("各位同志，晚上好！")).to_be_visible(timeout=SOON)
    await expect(viewer.comment("讲得好")).to_have_count(0)
    await viewer.open_tab("简介")
    await expect(viewer.bar("周六上午")).to_contain_text("2 票100%", timeout=SOON)


async def the_report_has_the_figures(studio: Studio) -> None:
    """Drawn without breaking what the page may load and run."""
    faults: list[str] = []
    studio.page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    await studio.page.goto(f"{studio.url}/studio/{studio.id}/report")
    await expect(studio.told("2 人发了 2 条评论").first).to_contain_text("另有 1 条被移除或撤回", timeout=SOON)
    await expect(studio.told("共 1 个提问，现场回答 1 个")).to_be_visible()
    await expect(studio.told("共 7 次互动")).to_be_visible()
    await expect(studio.page.locator(".report-chart canvas").first).to_be_visible(timeout=SOON)
    await expect(studio.bar("周六上午")).to_contain_text("2 票100%")
    assert faults == []
