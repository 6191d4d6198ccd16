"""Texts that mean harm, through every field people write in, on every screen that shows them: nothing of them ever runs.

`tests/data/hostile_texts.json` holds them: markup, addresses, templates, directions, spreadsheet formulas. The content policy
would stop most of what got through; so it must have nothing to report either. What a field refuses is refused in words.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from server.core.ids import new_id
from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TEXTS: list[str] = json.loads((Path(__file__).parents[1] / "data/hostile_texts.json").read_text(encoding="utf-8"))
NOTICES = ("notice.pin", "notice.announce")
ADMINISTRATOR, HOST, WRITER, READER = "10000000008", "10000000006", "10000000010", "10000000011"
_WATCH = """
  window.reported = [];
  document.addEventListener('securitypolicyviolation', (event) => window.reported.push(`policy: ${event.violatedDirective}`));
  for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.__ran = name };
"""
_STRAY = "base, marquee, bgsound, plaintext, object, embed, iframe"
_SAID = f"() => [window.__ran, ...window.reported, document.querySelector('{_STRAY}')?.outerHTML]"


@dataclass
class Watched:
    """A page on which nothing may happen."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def check(self, what: str) -> None:
        said = [each for each in await self.page.evaluate(_SAID) if each]
        assert not said + self.faults, f"{what}: {said + self.faults}"


@dataclass
class House:
    serving: Serving
    browser: Browser
    stack: AsyncExitStack
    watched: list[Watched] = field(default_factory=list)

    async def opens(self, mobile: str, path: str, *, size: dict[str, int] | None = None) -> Page:
        page = await self.stack.enter_async_context(phone(self.browser, size=size))
        watched = Watched(page)

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                watched.faults.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: watched.faults.append(str(error)))
        await page.add_init_script(_WATCH)
        await sign_in(page, self.serving.url, mobile, then=path)
        self.watched.append(watched)
        return page

    async def check(self, what: str) -> None:
        for each in self.watched:
            await each.check(what)

    async def speaks(self, mobile: str) -> Visit:
        """A socket beside all pages."""
        http = await self.member(mobile)
        async with http.get("/api/v1/me") as answer:
            csrf = (await answer.json())["csrf"]
        cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
        return await self.stack.enter_async_context(visiting(self.serving.url, cookies, csrf, "websocket"))

    async def member(self, mobile: str) -> aiohttp.ClientSession:
        http = await self.serving.signed_in(mobile)
        self.stack.push_async_callback(http.close)
        return http


@pytest.fixture
async def house(serving: Serving) -> AsyncIterator[House]:
    async with running_browser() as browser, AsyncExitStack() as stack:
        yield House(serving, browser, stack)


async def sent(answer: aiohttp.ClientResponse) -> bool:
    """Whether a field took it; a refusal is a refusal and no accident."""
    assert answer.status in (200, 201, 400, 422), await answer.text()
    return answer.status < 300


Write = Callable[[str], Awaitable[bool]]
"""Put a text through one field; gives whether it was taken."""


def patch(http: aiohttp.ClientSession, path: str, name: str) -> Write:
    async def write(text: str) -> bool:
        async with http.patch(path, json={name: text}) as answer:
            return await sent(answer)

    return write


def says(page: Page) -> Write:
    """Typed into the room, as a person does."""
    area = page.get_by_label("写评论")

    async def write(text: str) -> bool:
        await area.fill(text)
        await area.press("Enter")
        return True

    return write


def tells(visit: Visit, event: str, payload: dict[str, Any]) -> Write:
    """Over a socket of one's own, for each has its limit of events a second."""

    async def write(text: str) -> bool:
        said = {**payload, "text": text, "client_id": new_id()}

        async def answer() -> Any:
            answered = await visit.call(event, said)
            return None if not answered["ok"] and answered["error"]["code"] == "too_fast" else answered

        got = await until(answer, timeout=60, every=0.1, what="an answer that is no request for patience")
        assert got["ok"] or got["error"]["code"] in ("text_empty", "text_too_long", "payload_invalid"), got
        return bool(got["ok"])

    return write


def prepares(http: aiohttp.ClientSession, path: str) -> Write:
    """A poll that is prepared and rewritten."""
    made: list[str] = []

    async def write(text: str) -> bool:
        poll = {"question": text[:120], "options": [text[:60], f"{text[:59]}。"]}
        async with http.put(f"{path}/{made[0]}", json=poll) if made else http.post(path, json=poll) as answer:
            taken = await sent(answer)
            if taken and not made:
                made.append((await answer.json())["id"])
        return taken

    return write


async def id_of(http: aiohttp.ClientSession, path: str, name: str) -> str:
    async with http.get(path) as answer:
        items: list[dict[str, str]] = (await answer.json())["items"]
    return next(each["id"] for each in items if each["name"] == name)


async def test_nothing_runs_whatever_is_written_and_wherever_it_is_shown(house: House) -> None:
    host, administrator = await house.member(HOST), await house.member(ADMINISTRATOR)
    broadcast = await broadcast_on_air(host, house.stack)
    one = f"/api/v1/broadcasts/{broadcast}"
    # What stays is written first and shown when the pages open; the rest while they are open: each takes the other's place.
    taken = await _written(
        house,
        {
            "poll": prepares(host, f"{one}/polls"),
            "question": tells(await house.speaks(HOST), "question", {"broadcast": broadcast}),
        },
    )
    writer = await house.opens(WRITER, f"/b/{broadcast}")
    await expect(writer.get_by_label("写评论")).to_be_visible(timeout=20_000)
    await house.opens(READER, f"/b/{broadcast}")
    await house.opens(HOST, f"/studio/{broadcast}", size=DESKTOP)
    member = f"/api/v1/members/{await id_of(administrator, '/api/v1/members', '封书瑶')}"
    branch = f"/api/v1/branches/{await id_of(administrator, '/api/v1/branches', '营销党支部')}"
    taken |= await _written(
        house,
        {
            "title": patch(host, one, "title"),
            "introduction": patch(host, one, "intro"),
            "name": patch(administrator, member, "name"),
            "branch": patch(administrator, branch, "name"),
            "comment": says(writer),
            **{event: tells(await house.speaks(HOST), event, {"broadcast": broadcast}) for event in NOTICES},
        },
    )
    assert all(count > 150 for count in taken.values()), f"refused by nearly all: {taken}"
    await _everything_has_arrived(house, host, broadcast)
    for page in (house.watched[1].page, house.watched[2].page):
        for tab in ("问答", "投票", "简介"):
            for found in await page.get_by_role("tab", name=tab).all():
                await found.click()
                await house.check(tab)
    await house.check("the room and the studio")
    for path in ("/", "/staff/members", "/staff/branches", "/staff/roles"):
        await (page := await house.opens(ADMINISTRATOR, path, size=DESKTOP)).wait_for_load_state("networkidle")
        assert await page.locator("main, #app").first.is_visible()
        await house.check(path)
    await house.watched[0].page.evaluate("(text) => { document.body.innerHTML = text }", TEXTS[25])
    with pytest.raises(AssertionError, match="policy"):  # or this test could not fail
        await until(lambda: house.check("a page that is careless"), what="the report")


async def _written(house: House, fields: dict[str, Write]) -> dict[str, int]:
    """Every text through every field; gives how many each of them took."""
    taken = dict.fromkeys(fields, 0)
    for number, text in enumerate(TEXTS):
        for name, well in zip(fields, await asyncio.gather(*(write(text) for write in fields.values())), strict=True):
            taken[name] += well
        if number % 40 == 39:
            await house.check(f"up to {text!r}")
    return taken


async def _everything_has_arrived(house: House, host: aiohttp.ClientSession, broadcast: str) -> None:
    """The writer's page has nothing left to send, and the reader's shows the last comment of the journal."""
    writer, reader = house.watched[0].page, house.watched[1].page
    await expect(writer.get_by_text("发送中")).to_have_count(0, timeout=60_000)

    async def newest() -> str:
        async with host.get(f"/api/v1/broadcasts/{broadcast}/comments?before=9007199254740991&limit=1") as answer:
            return str((await answer.json())["items"][-1]["data"]["text"])

    async def shown() -> bool:
        return (await reader.locator(".comment .text").last.inner_text()).split() == (await newest()).split()

    await until(shown, timeout=30, every=0.2, what="the last comment on the reader's page")
