"""A busy hour at the desk: thirty held comments a minute, decided one by one by one person at the keyboard, and none grows old.

The person is the keystroke-level model of Card, Moran and Newell (1980): 1.35 s to take a comment in and choose, 0.28 s for a
key. Run it with -m pytest tests/soak.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import structlog
from playwright.async_api import expect

from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.hall import HOST, ONE, OTHER, SOON, Console, Phone
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit, visiting
from tests.support.serving import Serving, start_furnished

log = structlog.get_logger(__name__)
MINUTES, A_MINUTE = 3, 30
CHOOSING, KEY = 1.35, 0.28  # s
PATIENCE = 20.0  # s between a comment's being held and its being decided, at most


@pytest.mark.browser
@pytest.mark.timeout(600)
async def test_one_person_decides_thirty_held_comments_a_minute(tmp_path: Path) -> None:
    serving = Serving(tmp_path / "data")
    async with AsyncExitStack() as stack:
        await start_furnished(serving, tmp_path / "pattern")
        stack.push_async_callback(serving.stop)
        host = await stack.enter_async_context(await serving.signed_in(HOST))
        broadcast = await broadcast_on_air(host, stack, comment_mode="pre_moderated")
        browser = await stack.enter_async_context(running_browser())
        desk = await stack.enter_async_context(phone(browser, size=DESKTOP))
        hand = await stack.enter_async_context(phone(browser))
        console, viewer = Console(desk, serving.url, broadcast), Phone(hand, serving.url, broadcast)
        await asyncio.gather(console.opens(), viewer.enters(OTHER))
        writer = await stack.enter_async_context(_signed_in(serving, ONE))
        writing = asyncio.create_task(_writes(writer, broadcast))
        oldest, good = await _decides(console, writing)
        held = await writing
        await expect(console.told("没有等待审核的内容")).to_be_visible(timeout=SOON)
        await expect(viewer.comment(good)).to_be_visible(timeout=SOON)
        await expect(viewer.comment("加我微信")).to_have_count(0)
    log.info("decided", held=len(held), minutes=MINUTES, oldest=round(oldest, 1))
    assert oldest < PATIENCE


@asynccontextmanager
async def _signed_in(serving: Serving, mobile: str) -> AsyncIterator[Visit]:
    async with await serving.signed_in(mobile) as http:
        async with http.get("/api/v1/me") as answer:
            csrf = (await answer.json())["csrf"]
        cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
        async with visiting(serving.url, cookies, csrf, "websocket") as visit:
            yield visit


def _words(number: int) -> str:
    """Every third is an advertisement."""
    return f"第 {number} 条：" + ("加我微信领资料" if number % 3 == 2 else "讲得好，学到了")


async def _writes(visit: Visit, broadcast: str) -> list[str]:
    """At an even pace, whatever becomes of them; gives the ids of what was held."""
    held: list[str] = []
    began = time.monotonic()
    for number in range(MINUTES * A_MINUTE):
        await asyncio.sleep(began + number * 60 / A_MINUTE - time.monotonic())
        answer = await visit.say(broadcast, _words(number))
        assert answer.get("held"), answer
        held.append(answer["id"])
    return held


async def _decides(console: Console, writing: asyncio.Task[list[str]]) -> tuple[float, str]:
    """Reads what the eye is on, and presses a key, until nothing comes any more; gives how old the oldest was that was
    decided, and the words of one that was approved."""
    here = console.page.locator(".held-item[aria-current=true]")
    oldest, approved, decided, began = 0.0, "", 0, time.monotonic()
    while not (writing.done() and decided == MINUTES * A_MINUTE):
        await expect(here).to_be_visible(timeout=SOON)
        text = await here.locator(".said").inner_text()
        number = int(text.split()[1])
        await asyncio.sleep(CHOOSING)
        bad = "微信" in text
        await console.keys("r" if bad else "a")
        await asyncio.sleep(KEY)
        await expect(console.page.locator(".held-item:not(.settled)", has_text=text.strip())).to_have_count(0)
        oldest = max(oldest, time.monotonic() - began - number * 60 / A_MINUTE)
        approved, decided = approved if bad else text, decided + 1
    return oldest, approved.strip()
