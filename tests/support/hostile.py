"""Texts that mean harm, pages on which nothing may happen, and fast ways of writing much.

A single place that shows one text at a time (a title, a notice) is given *packs*: several texts in one, as many as fit. Markup
does its harm in the midst of a text as well as alone.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from server.core.ids import new_id
from tests.support.browsing import PHONE, running_browser
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.wait import until

ADMINISTRATOR, SECRETARY, MODERATOR, HOST, WRITER, READER = (
    f"100000000{each}" for each in ("08", "01", "05", "06", "10", "11")
)
TEXTS: list[str] = json.loads((Path(__file__).parents[1] / "data/hostile_texts.json").read_text(encoding="utf-8"))
MARKUP = [text for text in TEXTS if "__ran" in text]
SOON = 20_000  # ms
BURST = 56  # events that one connection may send at once
REFUSED = ("text_empty", "text_too_long", "payload_invalid")

_WATCH = """
  window.reported = [];
  document.addEventListener('securitypolicyviolation', (event) => window.reported.push(`policy: ${event.violatedDirective}`));
  for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.__ran = name };
"""
_STRAY = "base, marquee, bgsound, plaintext, object, embed, iframe"
_SAID = f"() => [window.__ran, ...window.reported, document.querySelector('{_STRAY}')?.outerHTML]"


def fitting(most: int) -> list[str]:
    return [text for text in MARKUP if len(text) <= most]


def packs(most: int, mark: str = "", *, texts: Iterable[str] = TEXTS) -> list[str]:
    """All texts of at most so many characters, in few; with a mark each begins with it and a number, to be known by."""
    made: list[str] = []
    room = most - len(mark) - 4 if mark else most
    now = ""
    for text in texts:
        if len(text) > room:
            continue
        if now and len(now) + 1 + len(text) > room:
            made.append(now)
            now = ""
        now = f"{now} {text}" if now else text
    made += [now] if now else []
    return [f"{mark}{number:03} {each}" for number, each in enumerate(made)] if mark else made


# Who writes, and who looks ----------------------------------------------------------------------------------------------


@dataclass
class Watched:
    """A page on which nothing may happen."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def check(self, what: str) -> None:
        said = [each for each in await self.page.evaluate(_SAID) if each]
        assert not said + self.faults, f"{what}: {said + self.faults}"

    async def shows(self, *marks: str) -> None:
        """All of these words, wherever they stand in the page."""

        async def missing() -> list[str]:
            found: list[str] = await self.page.evaluate(
                "(marks) => marks.filter((each) => !document.body.textContent.includes(each))", marks
            )
            return found

        async def all_shown() -> bool:
            return not await missing()

        try:
            await until(all_shown, timeout=30, every=0.03)
        except AssertionError:
            raise AssertionError(f"{self.page.url} does not show {await missing()}") from None

    async def goes(self, path: str, *marks: str) -> None:
        """Another page of the same browser; what was reported on this one is looked at before it is left."""
        await self.check(f"before {path}")
        await self.page.goto(path)
        await self.shows(*marks)
        await self.check(path)


@dataclass
class House:
    """A server with people who write harm, and browsers that look at it. `taken`: how many texts each field has taken."""

    serving: Serving
    browser: Browser
    stack: AsyncExitStack
    watched: list[Watched] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    _members: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    _signing_in: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def member(self, mobile: str) -> aiohttp.ClientSession:
        async with self._signing_in:  # once each, whoever asks at the same time
            if mobile not in self._members:
                self._members[mobile] = http = await self.serving.signed_in(mobile)
                self.stack.push_async_callback(http.close)
            return self._members[mobile]

    async def opens(self, mobile: str, path: str, *, size: dict[str, int] = PHONE) -> Watched:
        http = await self.member(mobile)
        context: BrowserContext = await self.browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.serving.url,
        )
        self.stack.push_async_callback(context.close)
        secure = self.serving.url.replace("http:", "https:")  # or the browser's driver takes no cookie that must be
        await context.add_cookies([{"name": each.key, "value": each.value, "url": secure} for each in http.cookie_jar])
        watched = Watched(await context.new_page())

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error" and "Failed to load resource" not in message.text:
                watched.faults.append(message.text)

        watched.page.on("console", hear)
        watched.page.on("pageerror", lambda error: watched.faults.append(f"{error}\n{error.stack}"))
        await watched.page.add_init_script(_WATCH)
        await watched.page.goto(path)
        self.watched.append(watched)
        return watched

    async def check(self, what: str) -> None:
        for each in self.watched:
            await each.check(what)

    async def posts(
        self, mobile: str, method: str, bodies: Iterable[tuple[str, dict[str, Any]]], *fields: str
    ) -> list[dict[str, Any] | None]:
        """Over HTTP, some at a time; gives the answers, None for what was refused: a refusal is a refusal and no accident."""
        http, some = await self.member(mobile), asyncio.Semaphore(8)

        async def one(path: str, body: dict[str, Any]) -> dict[str, Any] | None:
            async with some, http.request(method, path, json=body) as answer:
                made: dict[str, Any] = {} if answer.status == 204 else await answer.json()
                if answer.status >= 400:
                    assert answer.status in (400, 422) or made["code"] == "name_taken", (method, path, body, made)
                    return None
                self.taken.update(fields)
                return made

        return await asyncio.gather(*(one(path, body) for path, body in bodies))

    @asynccontextmanager
    async def speaking(self, mobile: str) -> AsyncIterator[Visit]:
        http = await self.member(mobile)
        async with http.get("/api/v1/me") as answer:
            csrf = (await answer.json())["csrf"]
        cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
        async with visiting(self.serving.url, cookies, csrf, "websocket") as visit:
            yield visit

    async def tell(self, visit: Visit, event: str, payload: dict[str, Any], *fields: str) -> dict[str, Any] | None:
        """Over a connection that may have said too much in a short time; gives the answer, None for what was refused."""
        said = {**payload, "client_id": new_id()}

        async def answer() -> dict[str, Any] | None:
            got: dict[str, Any] = await visit.call(event, said, timeout=30)
            return None if not got["ok"] and got["error"]["code"] == "too_fast" else got

        got: dict[str, Any] | None = await until(
            answer, timeout=30, every=0.1, what="an answer that is no request for patience"
        )
        assert got is not None
        assert got["ok"] or got["error"]["code"] in REFUSED, (event, payload, got)
        if not got["ok"]:
            return None
        self.taken.update(fields)
        return got

    async def tells(
        self, mobile: str, event: str, payloads: Sequence[dict[str, Any]], *fields: str
    ) -> list[dict[str, Any] | None]:
        """Over as many connections as it takes to say all at once."""

        async def some(part: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
            async with self.speaking(mobile) as visit:
                return [await self.tell(visit, event, payload, *fields) for payload in part]

        parts = [payloads[start : start + BURST] for start in range(0, len(payloads), BURST)]
        return [each for part in await asyncio.gather(*map(some, parts)) for each in part]


@asynccontextmanager
async def running_house(folder: Path, environment: Mapping[str, str]) -> AsyncIterator[House]:
    """Nothing it does may end in an error of its own; its organisation is called harm, and so is its administrator."""
    serving = Serving(folder, environment=environment, organisation=MARKUP[0], administrator=fitting(40)[1])
    async with AsyncExitStack() as stack, running_browser() as browser:
        await serving.start()
        stack.push_async_callback(serving.stop)
        await serving.set_up()
        house = House(serving, browser, stack)
        house.taken.update(("SetupIn.organisation", "SetupIn.name"))
        yield house
    assert not [line for line in serving.output if '"level": "error"' in line or "Traceback" in line]


async def to_the_end(watched: Watched, words: str) -> None:
    """All of a list that is read by pages."""
    more = watched.page.get_by_role("button", name=words)
    while await more.count():
        await more.click()
        await expect(more.and_(watched.page.locator("[aria-busy=true]"))).to_have_count(0, timeout=SOON)
    await watched.check(f"the end of {watched.page.url}")
