"""Debian's Chromium under Playwright, with a camera and a microphone that are played by the browser itself."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
    # A hidden or covered window must go on sending: tests run several side by side.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

# Where a test names no time of its own. It would be five seconds, which a busy machine may well take to draw a page.
expect.set_options(timeout=20_000)


def trusting(url: str) -> str:
    """A flag. Cameras and cookies want a secure page: loopback passes as one, of another address the browser must be told."""
    return f"--unsafely-treat-insecure-origin-as-secure={url}"


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is not installed (apt-get install chromium)"
    return found


@asynccontextmanager
async def running_browser(*, executable: str | None = None, flags: Sequence[str] = ()) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable or chromium(), headless=True, args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def phone(browser: Browser, *, size: dict[str, int] | None = None) -> AsyncIterator[Page]:
    """A page of its own browser profile; anything a console calls an error is kept in `page.problems`."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": (size or PHONE)["width"], "height": (size or PHONE)["height"]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = await context.new_page()
    try:
        yield page
    finally:
        await context.close()
