"""Makes the pictures of docs/images anew, from a demo that is running:

    make run ARGS="--data build/pictures"
    .venv/bin/python -m scripts.pictures [http://localhost:8080 [rest] [shake] [hall] [upright]]

All of them, or those of the pages at rest, of 摇一摇 and a talk, of a broadcast with its room, desks and replay, or of an
upright one.

The people are the demo's. What else is seen is made here as people make it: broadcasts in a browser with a drawn hall for a
camera, what is said over the live protocol, replays that are published. It takes some minutes, on a machine that is not busy.
"""

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from scripts.pictures.film import make_films
from scripts.pictures.talking import shaken
from server.core.ids import new_id
from tests.support.browsing import DESKTOP, PHONE, phone, running_browser
from tests.support.room import visiting
from tests.support.watching import sees_moving_pictures

OUT = Path(__file__).resolve().parents[2] / "docs" / "images"
PASSWORD = "demo-hongbo"  # noqa: S105  # public by design
HOST, SECOND_HOST, VIEWER, STAFF = "10000000006", "10000000013", "10000000010", "10000000004"
MODERATOR = "10000000005"
TITLE = "七一主题党日：走进洗涤新材料车间"
COMMENTS = (
    ("10000000012", "各位同志，晚上好！"),
    ("10000000004", "声音很清楚，画面也稳。"),
    ("10000000020", "南京这边收到，请问资料会后能下载吗？"),
    (HOST, "可以，直播结束后回看和资料都会放出来。"),
    ("10000000033", "西北支部全体在会议室收看。"),
    (VIEWER, "太好了，谢谢！"),
)
LIVELY = (
    ("10000000012", "这条产线我参观过，变化真大"),
    ("10000000004", "师傅讲得明白"),
    ("10000000020", "南京也想来学习"),
    ("10000000033", "给一线同志点赞"),
)
HELD = (
    ("10000000012", "下一期能不能请质检的同志也来讲讲？"),
    ("10000000020", "想要资料的加我微信，拉群发给大家"),
    ("10000000033", "我们支部也有类似做法，会后可以交流"),
)
QUESTIONS = (
    ("10000000020", "新材料投产以后，包装线的人手会怎样安排？", ("10000000012", "10000000004", "10000000033")),
    ("10000000012", "支部的“师带徒”是怎样结对的？", ("10000000004",)),
    ("10000000033", "车间参观什么时候对外地支部开放？", ()),
)
POLL, OPTIONS = "下次主题党日放在哪天？", ("周五下午", "周六上午", "都可以")


@dataclass
class Studio:
    """Takes the pictures. `url` is the demo's."""

    url: str

    @asynccontextmanager
    async def sitting(self, browser: Browser, mobile: str, *, size: dict[str, int] = PHONE) -> AsyncIterator[Page]:
        """Somebody's own browser profile, signed in, in daylight."""
        async with phone(browser, size=size) as page:
            await page.emulate_media(color_scheme="light")
            await page.goto(f"{self.url}/sign-in")
            ask = """([mobile, password]) => fetch('/api/v1/session', {
              method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ mobile, password }),
            }).then((answer) => answer.status)"""
            assert await page.evaluate(ask, [mobile, PASSWORD]) == 200  # noqa: S101
            yield page

    async def take(self, page: Page, name: str, size: dict[str, int] = PHONE, *, during: Locator | None = None) -> Image.Image:
        """As it stands, or while `during` is to be seen; kept in 256 colours."""
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        # Nothing is pointed at: controls over a moving picture hide after some seconds.
        await page.evaluate("document.activeElement?.blur()")
        await page.mouse.move(8, size["height"] - 8)
        await page.wait_for_timeout(5_000)
        if during is not None:
            await expect(during).to_be_visible(timeout=180_000)
        picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
        keep(picture, name)
        return picture

    async def both(self, page: Page, name: str, *, during: Locator | None = None) -> tuple[Image.Image, Image.Image]:
        small = await self.take(page, f"{name}-phone", during=during)
        return small, await self.take(page, f"{name}-desktop", DESKTOP, during=during)

    async def by_day_and_night(self, page: Page, name: str) -> None:
        for look, scheme in (("daylight", "light"), ("dark", "dark")):
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            await self.take(page, f"{name}-phone-{look}")
            await self.take(page, f"{name}-desktop-{look}", DESKTOP)
        await page.emulate_media(color_scheme="light")

    async def say(self, broadcast: str, mobile: str, text: str) -> None:
        await self.tell(mobile, "comment", {"broadcast": broadcast, "text": text})

    async def tell(self, mobile: str, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Somebody does something in a room; gives the answer."""
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[self.url])
        async with aiohttp.ClientSession(self.url, headers={"Origin": self.url}, cookie_jar=jar) as http:
            async with http.post("/api/v1/session", json={"mobile": mobile, "password": PASSWORD}) as answer:
                assert answer.status == 200  # noqa: S101
            async with http.get("/api/v1/me") as answer:
                csrf = (await answer.json())["csrf"]
            cookies = "; ".join(f"{each.key}={each.value}" for each in jar)
            async with visiting(self.url, cookies, csrf) as visit:
                answer = await visit.call(event, payload | {"client_id": new_id()})
                assert answer["ok"], answer  # noqa: S101
        done: dict[str, Any] = answer
        return done

    async def liven(self, broadcast: str) -> None:
        """Taps, a notice, questions that others want to know too, and a poll that some have voted in."""
        await self.tell(HOST, "notice.pin", {"broadcast": broadcast, "text": "课件和资料在回看页下载，欢迎大家提问"})
        for mobile, kind, count in ((VIEWER, "like", 18), ("10000000012", "flower", 9), ("10000000020", "applause", 12)):
            await self.tell(mobile, "react", {"broadcast": broadcast, "kind": kind, "count": count})
        for mobile, text, wanting in QUESTIONS:
            asked = await self.tell(mobile, "question", {"broadcast": broadcast, "text": text})
            for other in wanting:
                await self.tell(other, "question.vote", {"question": asked["id"], "up": True})
        poll = await self.tell(HOST, "poll.open", {"broadcast": broadcast, "question": POLL, "options": list(OPTIONS)})
        for place, (mobile, _) in enumerate(LIVELY):
            await self.tell(mobile, "poll.vote", {"poll": poll["poll"], "options": [1 if place < 3 else 0]})

    async def chatter(self, broadcast: str) -> None:
        """Enough for comments to run over the picture while it is taken."""
        for mobile, text in LIVELY:
            await self.say(broadcast, mobile, text)


def keep(picture: Image.Image, name: str) -> None:
    colours = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colours.save(OUT / f"{name}.png", optimize=True)
    print(f"{name}.png", flush=True)


def side_by_side(room: Image.Image, studio: Image.Image) -> Image.Image:
    edge, height = 24, max(room.height, studio.height)
    sheet = Image.new("RGB", (room.width + studio.width + 3 * edge, height + 2 * edge), "#e8e1d8")
    sheet.paste(room, (edge, edge))
    sheet.paste(studio, (room.width + 2 * edge, edge + (height - studio.height) // 2))
    return sheet


async def prepare(page: Page, url: str, title: str, *, portrait: bool = False) -> str:
    """A broadcast of that title, with camera and microphone open; gives its id."""
    await page.goto(f"{url}/studio/new")
    await page.get_by_label("标题").fill(title)
    await page.get_by_label("简介").fill("听一线党员讲岗位上的八小时，看新材料怎样从实验室走上生产线。\n欢迎大家在评论里提问。")
    await page.get_by_role("radio", name=re.compile("党员和员工")).check()
    if portrait:
        await page.get_by_role("radio", name=re.compile("竖屏")).check()
    await page.get_by_role("button", name="创建直播").click()
    await page.wait_for_url(re.compile(r"/studio/[0-9a-f-]{36}$"))
    await page.get_by_role("button", name="打开摄像头和麦克风").click()
    # A camera that was chosen by name is not shown as in a mirror.
    await page.get_by_role("button", name="设备").click()
    await page.get_by_label("摄像头", exact=True).select_option(index=1)
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("画面正常")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


async def rehearse(page: Page) -> None:
    await page.get_by_role("button", name="开始彩排").click()
    await expect(page.get_by_role("button", name="开播", exact=True)).to_be_enabled(timeout=60_000)


async def go_live(page: Page) -> None:
    await page.get_by_role("button", name="开播", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="开播", exact=True).click()
    await expect(page.get_by_role("region", name="直播中")).to_be_visible(timeout=30_000)


async def end_and_publish(page: Page) -> None:
    await page.get_by_role("button", name="结束直播").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    await page.get_by_role("button", name="发布回看").click(timeout=60_000)
    await expect(page.get_by_role("link", name="打开回看")).to_be_visible()


async def watch(page: Page, url: str, path: str) -> None:
    await page.goto(url + path)
    await sees_moving_pictures(page, within=60)


async def hosts_and_viewers(studio: Studio, browser: Browser) -> None:
    url = studio.url
    async with studio.sitting(browser, HOST) as host:
        await prepare(host, url, "党课：把支部建在生产线上")
        await rehearse(host)
        await go_live(host)
        await host.wait_for_timeout(30_000)
        await end_and_publish(host)
        broadcast = await prepare(host, url, TITLE)
        await studio.both(host, "studio-check")
        await rehearse(host)
        # A busy machine is no good picture of a network; and the line behind the word wants some time.
        well = host.get_by_text("上行流畅")
        await host.wait_for_timeout(30_000)
        await studio.both(host, "studio-rehearsal", during=well)
        await go_live(host)
        async with studio.sitting(browser, VIEWER) as viewer:
            room = await on_air(studio, viewer, broadcast)
            _, desk = await studio.both(host, "studio", during=well)
            keep(side_by_side(room, desk), "readme")
            beside = await host.context.new_page()
            await beside.goto(f"{url}/studio")
            await studio.by_day_and_night(beside, "studio-list")
            await console(studio, browser, broadcast)
            await end_and_publish(host)
            await replay(studio, viewer, broadcast)


async def on_air(studio: Studio, viewer: Page, broadcast: str) -> Image.Image:
    """The lobby, then the room with each of its tabs. Gives the room on a phone."""
    await viewer.goto(f"{studio.url}/")
    await expect(viewer.get_by_text("往期回看")).to_be_visible()
    await studio.by_day_and_night(viewer, "lobby")
    await watch(viewer, studio.url, f"/b/{broadcast}")
    await viewer.get_by_role("button", name="轻触打开声音").click()
    for mobile, text in COMMENTS:
        await studio.say(broadcast, mobile, text)
    await studio.liven(broadcast)
    await studio.chatter(broadcast)
    room = await studio.take(viewer, "room-phone")
    await studio.chatter(broadcast)
    await studio.take(viewer, "room-desktop", DESKTOP)
    for tab, name in (("问答", "questions"), ("投票", "polls")):
        await viewer.get_by_role("tab", name=tab).click()
        await studio.both(viewer, f"room-{name}")
    return room


async def console(studio: Studio, browser: Browser, broadcast: str) -> None:
    """Comments wait, one was reported."""
    async with studio.sitting(browser, MODERATOR, size=DESKTOP) as desk:
        ask = """(path) => fetch(path, {
          method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"comment_mode": "pre_moderated"}',
        }).then((answer) => answer.status)"""
        assert await desk.evaluate(ask, f"/api/v1/broadcasts/{broadcast}/room") == 200  # noqa: S101
        for mobile, text in HELD:
            await studio.say(broadcast, mobile, text)
        said = await studio.tell(HOST, "comment", {"broadcast": broadcast, "text": "我们马上请车间的同志发言"})
        await studio.tell(VIEWER, "comment.report", {"comment": said["id"], "reason": "other", "words": "请先讲完前面的"})
        await desk.goto(f"{studio.url}/moderation/{broadcast}")
        await expect(desk.locator(".held-item")).to_have_count(len(HELD))
        await studio.by_day_and_night(desk, "console")


async def replay(studio: Studio, viewer: Page, broadcast: str) -> None:
    """Where much was said, with the timeline."""
    await viewer.goto(f"{studio.url}/b/{broadcast}/replay")
    await viewer.get_by_role("button", name="播放").first.click()
    await sees_moving_pictures(viewer, within=60)
    await viewer.evaluate("document.querySelector('video').currentTime = document.querySelector('video').duration * 0.3")
    await viewer.wait_for_timeout(6_000)
    # The controls stay while it stands still.
    await viewer.keyboard.press("k")
    await studio.both(viewer, "replay")


async def portrait_room(studio: Studio, browser: Browser) -> None:
    async with studio.sitting(browser, SECOND_HOST) as host, studio.sitting(browser, VIEWER) as viewer:
        broadcast = await prepare(host, studio.url, "跟着党员师傅看二号线", portrait=True)
        await rehearse(host)
        await go_live(host)
        for mobile, text in COMMENTS[:2]:
            await studio.say(broadcast, mobile, text)
        await watch(viewer, studio.url, f"/b/{broadcast}")
        await viewer.get_by_role("button", name="轻触打开声音").click()
        await studio.take(viewer, "room-upright-phone")
        await end_and_publish(host)


async def pages_at_rest(studio: Studio, browser: Browser) -> None:
    async with phone(browser) as page:
        await page.emulate_media(color_scheme="light")
        for path, name in (("/sign-in", "sign-in"), ("/activate", "activate")):
            await page.goto(studio.url + path)
            await studio.both(page, name)
    async with studio.sitting(browser, STAFF) as page:
        await page.goto(f"{studio.url}/staff/members")
        await expect(page.get_by_text("闻小满").first).to_be_visible()
        await studio.by_day_and_night(page, "staff")
        await page.goto(f"{studio.url}/staff/roles")
        await expect(page.get_by_text("红色主播").first).to_be_visible()
        await studio.both(page, "roles")


async def main(url: str, parts: Sequence[str]) -> None:
    studio = Studio(url)
    with tempfile.TemporaryDirectory() as folder:
        films = make_films(Path(folder))
        camera = "--use-file-for-fake-video-capture={}".format
        async with running_browser(flags=["--lang=zh-CN", camera(films["landscape"])]) as browser:
            if "rest" in parts:
                await pages_at_rest(studio, browser)
            if "shake" in parts:
                await shaken(studio, browser)
            if "hall" in parts:
                await hosts_and_viewers(studio, browser)
        if "upright" in parts:
            async with running_browser(flags=["--lang=zh-CN", camera(films["portrait"])]) as browser:
                await portrait_room(studio, browser)


if __name__ == "__main__":
    asyncio.run(main((sys.argv[1:] or ["http://localhost:8080"])[0], sys.argv[2:] or ["rest", "shake", "hall", "upright"]))
