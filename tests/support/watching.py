"""What a viewer sees, asked of the page itself."""

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from playwright.async_api import Page

from tests.support.serving import PASSWORD
from tests.support.wait import until

# The picture as a small grey square, so that two looks can be compared.
_LOOK = """() => {
  const video = document.querySelector('video');
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 32;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 32, 32);
  return { time: video.currentTime, paused: video.paused, width: video.videoWidth, height: video.videoHeight,
           picture: Array.from(pen.getImageData(0, 0, 32, 32).data), duration: video.duration };
}"""


async def sign_in(page: Page, url: str, mobile: str, *, then: str = "/") -> None:
    """Through the sign-in page, as a person does; `then` is where the deep link leads."""
    await page.goto(f"{url}/sign-in?next={then}")
    await page.get_by_label("手机号").fill(mobile)
    await page.get_by_label("密码", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    # The sign-in page carries `then` in its own address: only the path says where one is.
    await page.wait_for_url(lambda now: urlsplit(now).path == then)


async def watches(page: Page, url: str, mobile: str, broadcast: str) -> None:
    """Signs in, sees moving pictures, and means to stay: `is_untouched` tells whether the page was ever reloaded since."""
    await sign_in(page, url, mobile, then=f"/b/{broadcast}")
    await sees_moving_pictures(page, within=30)
    await mark(page)


async def mark(page: Page) -> None:
    await page.evaluate("() => { window.untouched = true }")


async def is_untouched(page: Page) -> bool:
    return bool(await page.evaluate("() => window.untouched === true"))


async def look(page: Page) -> dict[str, Any] | None:
    answer: dict[str, Any] | None = await page.evaluate(_LOOK)
    return answer


async def sees_moving_pictures(page: Page, *, within: float = 20.0) -> None:
    """The player's time goes on and the picture changes."""
    first = await until(lambda: look(page), timeout=within, every=0.2, what="a picture")
    assert first is not None

    async def moved() -> bool:
        now = await look(page)
        return now is not None and now["time"] > first["time"] + 1 and now["picture"] != first["picture"]

    await until(moved, timeout=within, every=0.2, what=f"a moving picture (first seen at {first['time']:.1f} s)")


async def sees_pictures_from_after(page: Page, moment: float, *, within: float = 30.0) -> None:
    """Moving pictures that were taken after a moment of the wall clock, as the sheet tells that is for those who ask."""
    await page.get_by_role("button", name="延迟与画质").press("Enter")
    delay = page.locator("div:has(> dt:text-is('比现场晚')) > dd")

    async def newer() -> bool:
        told = await delay.inner_text()
        return told.endswith("秒") and time.time() - float(told.removesuffix("秒")) > moment

    await until(newer, timeout=within, every=0.2, what="a picture from after the return")
    await page.keyboard.press("Escape")
    await sees_moving_pictures(page, within=within)


async def state_of(http: aiohttp.ClientSession, broadcast: str) -> str:
    async with http.get(f"/api/v1/broadcasts/{broadcast}") as answer:
        state: str = (await answer.json())["state"]
    return state


async def live_since(http: aiohttp.ClientSession, broadcast: str) -> float:
    """Seconds since the epoch."""
    async with http.get(f"/api/v1/broadcasts/{broadcast}") as answer:
        return datetime.fromisoformat((await answer.json())["live_at"]).timestamp()


async def replay_of(http: aiohttp.ClientSession, broadcast: str) -> dict[str, Any]:
    async with http.get(f"/api/v1/broadcasts/{broadcast}") as answer:
        replay: dict[str, Any] = (await answer.json())["replay"]
    return replay
