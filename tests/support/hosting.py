"""What a host does in the studio, in a browser."""

import re
import time

from playwright.async_api import Locator, Page, expect

from tests.support.wait import until
from tests.support.watching import sign_in

HOST = "10000000006"


async def goes_on_air(page: Page, url: str, *, portrait: bool = False) -> str:
    """From signing in to the red timer, with camera and microphone; gives the broadcast's id."""
    await sign_in(page, url, HOST, then="/studio/new")
    await page.get_by_label("标题").fill("七一主题党日")
    if portrait:
        await page.get_by_role("radio", name=re.compile("竖屏")).check()
    await page.get_by_role("button", name=re.compile("创建|保存")).click()
    await page.wait_for_url(re.compile(r"/studio/[0-9a-f-]{36}$"))
    broadcast = page.url.rsplit("/", 1)[1]
    await page.get_by_role("button", name="打开摄像头和麦克风").click()
    await page.get_by_role("button", name="开始彩排").click()
    go = page.get_by_role("button", name="开播", exact=True)
    await expect(go).to_be_enabled(timeout=30_000)
    await go.click()
    await agrees(page, "开播")
    await expect(on_air(page)).to_be_visible(timeout=20_000)
    return broadcast


async def agrees(page: Page, words: str) -> None:
    """To the question that the page asks."""
    await page.get_by_role("dialog").get_by_role("button", name=words, exact=True).click()


def on_air(page: Page) -> Locator:
    return page.get_by_role("region", name="直播中")


async def ends(page: Page) -> float:
    """The end needs a long press, so that no elbow ends a broadcast. Gives the wall clock before the press."""
    button = page.get_by_role("button", name=re.compile("结束直播"))
    await button.evaluate("button => button.addEventListener('pointerdown', () => { window.pressed = true })")

    async def pressed() -> bool:
        """False where what is told above the button has just moved it from under the finger."""
        await button.hover()
        await page.mouse.down()
        if await page.evaluate("() => window.pressed === true"):
            return True
        await page.mouse.up()
        return False

    began = time.time()
    await until(pressed, what="a press on the button")
    await expect(page.get_by_role("region", name="直播之后")).to_be_visible(timeout=20_000)
    await page.mouse.up()
    return began


async def publishes_the_replay(page: Page) -> None:
    """As soon as the recording is sealed, which the page tells by its button."""
    await page.get_by_role("button", name="发布回看").click(timeout=15_000)
    await expect(page.get_by_role("link", name="打开回看")).to_be_visible()
