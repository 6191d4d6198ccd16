"""Texts that mean harm, pages on which nothing may happen, and fast ways of writing much.

A single place that shows one text at a time (a title, a notice) is given *packs*: several texts in one, as many as fit. Markup
does its harm in the midst of a text as well as alone.
"""

import asyncio
import json
import typing
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from server.app import EVENTS
from server.core.http import Endpoint
from server.core.ids import new_id
from tests.support.browsing import PHONE
from tests.support.room import Visit, visiting
from tests.support.serving import Serving
from tests.support.wait import until

TEXTS: list[str] = json.loads((Path(__file__).parents[1] / "data/hostile_texts.json").read_text(encoding="utf-8"))
BURST = 56  # events that one connection may send at once
REFUSED = ("text_empty", "text_too_long", "payload_invalid")

_WATCH = """
  window.reported = [];
  document.addEventListener('securitypolicyviolation', (event) => window.reported.push(`policy: ${event.violatedDirective}`));
  for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.__ran = name };
"""
_STRAY = "base, marquee, bgsound, plaintext, object, embed, iframe"
_SAID = f"() => [window.__ran, ...window.reported, document.querySelector('{_STRAY}')?.outerHTML]"


# What can be written ---------------------------------------------------------------------------------------------------


def requests(endpoints: Iterable[Endpoint]) -> Iterator[type[BaseModel]]:
    """The models of all that comes in: bodies, query strings, payloads of events."""
    for endpoint in endpoints:
        yield from (model for model in (endpoint.body, endpoint.query) if model is not None)
    for table in EVENTS:
        yield from (event.payload for event in table.declared)


def text_fields(endpoints: Iterable[Endpoint]) -> set[str]:
    """`Model.field` of each that takes any of the texts as a string, or in a list of strings. So ids by their pattern, codes of
    enumerations, moments and numbers are none."""
    return {
        f"{model.__name__}.{name}"
        for model in requests(endpoints)
        for name, info in model.model_fields.items()
        if _takes(_adapter(info))
    }


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = info.annotation
    return TypeAdapter(typing.Annotated[kind, *info.metadata] if info.metadata else kind)


def _takes(kind: TypeAdapter[Any]) -> bool:
    for given in (given for text in TEXTS for given in (text, [text])):
        try:
            kept = kind.validate_python(given)
        except ValidationError:
            continue
        if any(type(each) is str for each in (kept if isinstance(kept, list) else [kept])):
            return True
    return False


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
                made: dict[str, Any] = await answer.json()
                if answer.status >= 400:
                    assert answer.status in (400, 422) or made["code"] == "name_taken", (method, path, made)
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
