"""摇一摇 in browsers: a session as its secretary announces it, a hand that shakes a phone, and who was drawn."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.support.wait import until

# A hand that shakes a phone upright before its eyes, three and a half times a second, until the page has felt it.
_SHAKE = """() => new Promise((resolve) => {
  const began = performance.now();
  const swing = () => {
    const at = performance.now() - began;
    const way = at < 300 ? 0 : 19 * Math.sin((at - 300) / 1000 * 3.5 * 2 * Math.PI);
    const accelerationIncludingGravity = { x: way, y: 9.8, z: way / 3 };
    window.dispatchEvent(new DeviceMotionEvent('devicemotion', { accelerationIncludingGravity, interval: 16 }));
    if (at < 2500) setTimeout(swing, 16); else resolve();
  };
  swing();
})"""


def now() -> datetime:
    """As the phones' own zone has it."""
    return datetime.now(ZoneInfo("Asia/Shanghai"))


async def shakes(page: Page) -> None:
    await page.evaluate(_SHAKE)


async def _times(staff: Page, starts: datetime) -> None:
    for label, moment in (("开始", starts), ("结束", starts + timedelta(hours=1))):
        await staff.get_by_label(label, exact=True).fill(moment.strftime("%Y-%m-%dT%H:%M"))


async def announces(staff: Page, url: str, title: str, starts: datetime, *, seconds: int = 10) -> str:
    """Through the form; gives the path of the session."""
    await staff.goto(f"{url}/shakes/new")
    await staff.get_by_label("标题").fill(title)
    await _times(staff, starts)
    await expect(staff.get_by_role("checkbox", name=re.compile("苏映川"))).to_be_checked()
    await staff.get_by_label("每轮几秒").fill(str(seconds))
    await staff.get_by_role("button", name="发布", exact=True).click()
    await staff.wait_for_url(re.compile(r"/shakes/[0-9a-f-]{36}/desk$"))
    return staff.url.removeprefix(url).removesuffix("/desk")


async def changes(staff: Page, *, title: str = "", starts: datetime | None = None) -> None:
    """From the desk through the form, and back to the desk."""
    await staff.get_by_role("link", name="修改安排").click()
    if title:
        await staff.get_by_label("标题").fill(title)
    if starts is not None:
        await _times(staff, starts)
    await staff.get_by_role("button", name="保存").click()
    await staff.wait_for_url(re.compile(r"/desk$"))


async def drawn(one: Page, other: Page) -> tuple[Page, Page]:
    """The phone that was drawn, on whatever page it is, and the other one."""

    async def up() -> Page | None:
        for page in (one, other):
            if await page.get_by_role("heading", name="您被抽中了").is_visible():
                return page
        return None

    first = await until(up, timeout=40, every=0.1, what="an offer on one of the phones")
    assert first is not None
    return first, other if first is one else one
