"""What a host does in the studio while people watch: other pictures, no sound, another device."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hosting import HOST, agrees, goes_on_air, on_air
from tests.support.listening import hears, hears_nothing, listens
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import is_untouched, look, mark, sees_moving_pictures, sign_in, watches

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(240)]
VIEWER = "10000000010"
# What the browser shares when it is asked to: the page it is in. A screen it would play as it plays a camera.
SHARES_ITSELF = "--use-fake-device-for-media-stream=display-media-type=browser"
# Another program, a meeting for instance, holds the camera.
HELD = """() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = asked => asked.video ? Promise.reject(new DOMException('', 'NotReadableError')) : open(asked);
}"""

Picture = dict[str, Any]


def shape(seen: Picture) -> float:
    """Width by height. The size itself follows the uplink."""
    return float(seen["width"] / seen["height"])


def colour(seen: Picture) -> list[float]:
    """Red, green and blue on average, 0 to 255."""
    return [sum(seen["picture"][each::4]) / (len(seen["picture"]) // 4) for each in range(3)]


def is_camera(seen: Picture) -> bool:
    """The browser plays a camera in bright green."""
    return colour(seen)[1] > 100


def is_page(seen: Picture) -> bool:
    return shape(seen) == pytest.approx(DESKTOP["width"] / DESKTOP["height"], abs=0.02) and not is_camera(seen)


def is_card(seen: Picture) -> bool:
    """White words on dark red."""
    red, green, _ = colour(seen)
    return not is_camera(seen) and red > 1.5 * green


async def sees(viewer: Page, wanted: Callable[[Picture], bool], what: str) -> None:
    async def seen() -> bool:
        now = await look(viewer)
        return now is not None and wanted(now)

    await until(seen, timeout=20, every=0.2, what=what)
    await sees_moving_pictures(viewer)


async def presses(host: Page, name: str) -> None:
    await host.get_by_role("toolbar", name="声音和画面").get_by_role("button", name=name, exact=True).click()


async def test_what_the_host_shows_and_says_is_what_viewers_get_after_a_reload_too(serving: Serving) -> None:
    async with (
        running_browser(flags=[SHARES_ITSELF]) as browser,
        phone(browser, size=DESKTOP) as host,
        phone(browser) as viewer,
    ):
        await host.context.grant_permissions(["camera", "microphone"], origin=serving.url)
        broadcast = await goes_on_air(host, serving.url)
        await watches(viewer, serving.url, VIEWER, broadcast)
        await sees(viewer, is_camera, "the camera")
        await presses(host, "共享屏幕")
        await sees(viewer, is_page, "what is shared")
        await presses(host, "回到摄像头")
        await sees(viewer, is_camera, "the camera again")
        await presses(host, "关闭画面")
        await sees(viewer, is_card, "the card in place of a picture")

        await listens(viewer)
        await hears(viewer)
        await presses(host, "静音")
        await expect(host.get_by_text("已静音").first).to_be_visible()
        await hears_nothing(viewer)
        await presses(host, "打开画面")
        await sees(viewer, is_camera, "the camera at last")

        # On air again without a press, and not to be heard before that is wanted.
        await host.reload()
        await expect(host.get_by_text("已自动恢复推流")).to_be_visible(timeout=20_000)
        await sees(viewer, is_camera, "the camera after the reload")
        await hears_nothing(viewer)
        await presses(host, "已静音")
        await hears(viewer)

        await host.evaluate(HELD)
        await presses(host, "设备")
        await host.get_by_label("摄像头", exact=True).select_option(index=1)
        await expect(host.get_by_text("摄像头正被其他程序占用")).to_be_visible()
        await sees(viewer, is_card, "the card in place of a camera that does not open")
        await hears(viewer)
        assert await is_untouched(viewer), "the viewer's page was reloaded"

        await host.keyboard.press("Escape")  # out of the devices
        await host.get_by_role("button", name="停止推流").click()
        await expect(host.get_by_role("button", name="恢复推流")).to_be_visible(timeout=15_000)
        await host.reload()
        await expect(host.get_by_role("button", name="恢复推流")).to_be_visible(timeout=15_000)
        assert sum("publisher_accepted" in line for line in serving.output) == 2


async def test_a_second_device_of_the_host_takes_a_portrait_broadcast_over_and_gives_it_back(serving: Serving) -> None:
    async with (
        running_browser() as browser,
        phone(browser, size=DESKTOP) as host,
        phone(browser) as second,
        phone(browser) as viewer,
    ):
        broadcast = await goes_on_air(host, serving.url, portrait=True)
        await watches(viewer, serving.url, VIEWER, broadcast)
        seen = await look(viewer)
        assert seen is not None
        assert shape(seen) == pytest.approx(9 / 16, abs=0.02), "as tall as the host's own picture"
        await mark(host)

        await sign_in(second, serving.url, HOST, then=f"/studio/{broadcast}")
        await expect(on_air(second).get_by_text("来自另一台设备或 OBS")).to_be_visible(timeout=15_000)
        await on_air(second).get_by_role("button", name="改用这台").click()
        await agrees(second, "接管")
        await expect(on_air(host).get_by_text("另一台设备正在推流")).to_be_visible(timeout=30_000)
        await presses(second, "关闭画面")
        await sees(viewer, is_card, "the card of the second device")
        seen = await look(viewer)
        assert seen is not None
        assert shape(seen) == pytest.approx(9 / 16, abs=0.02)

        await on_air(host).get_by_role("button", name="接管").click()
        await agrees(host, "接管")
        await sees(viewer, is_camera, "the camera of the first device")
        await expect(on_air(second).get_by_text("另一台设备正在推流")).to_be_visible(timeout=30_000)
        assert await is_untouched(host), "the host's page was reloaded"
        assert await is_untouched(viewer), "the viewer's page was reloaded"
