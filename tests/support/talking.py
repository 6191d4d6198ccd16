"""Two people in a talk, and what their pages send. It is any bytes: the server cannot tell what is sealed from what is not."""

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from server.app import DATABASE
from server.conversations import CONVERSATIONS
from server.conversations.model import MessageKind, Sealed, Step, Taken
from server.core.fanout import HUB
from server.core.ids import new_id
from server.identity import Member
from server.talks import TALKS
from tests.integration.broadcasts.site import Person, Site
from tests.support.room import Visit, visiting
from tests.support.wait import until

FIRST_STEPS = ((0, "hello"), (1, "hello"), (0, "commit"), (1, "reveal_second"), (0, "reveal_first"))
STEPS = (*FIRST_STEPS, (1, "confirmed"), (0, "confirmed"))
"""Of an agreement: by which of the two, the one that says hello first before the other."""


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def random_body(size: int = 48) -> str:
    return base64url(os.urandom(size))


def new_device() -> str:
    return os.urandom(8).hex()


def said(step: str) -> str:
    """What a page would send in it: nothing, or a commitment, a key or a proof."""
    return "" if step == "hello" else random_body(65 if step.startswith("reveal") else 32)


async def begin_talk(app: web.Application, secretary_id: str, member_id: str, *, minutes: int = 15) -> str:
    """As whoever draws would, in a transaction of its own."""
    async with app[DATABASE].transaction() as session:
        talk = await app[TALKS].begin(
            session, secretary_id=secretary_id, member_id=member_id, minutes=minutes, source=f"test {new_id()}"
        )
    return talk.id


async def agree(app: web.Application, talk: str, *people: Member, number: int = 1) -> None:
    """Both pages come to the same keys, without sockets."""
    devices = [new_device(), new_device()]
    for which, step in STEPS:
        asked = Taken(number, Step(step), "", devices[which], 0)
        await app[CONVERSATIONS].keys.say(people[which], talk, asked, said(step), client_id=new_id())


async def open_talk(app: web.Application, secretary: Member, member: Member, *, minutes: int = 15) -> str:
    talk = await begin_talk(app, secretary.id, member.id, minutes=minutes)
    await agree(app, talk, secretary, member)
    return talk


def a_text(body: str | None = None, **more: Any) -> Sealed:
    return Sealed(body or random_body(), more.pop("key", 1), more.pop("kind", MessageKind.TEXT), more.pop("number", 1), **more)


@dataclass
class Page:
    """One device of one of the two, with its socket."""

    person: Person
    visit: Visit
    talk: str
    device: str = field(default_factory=new_device)
    key: int = 1
    sent: int = 0
    snapshot: dict[str, Any] = field(default_factory=dict)

    async def subscribe(self) -> Any:
        answer = await self.visit.call("subscribe", {"channel": f"conversation:{self.talk}"})
        self.snapshot = answer.get("snapshot", {})
        return answer

    async def step(self, step: str, *, number: int | None = None, **more: Any) -> Any:
        payload = {
            "conversation": self.talk,
            "device": self.device,
            "round": number or self.key,
            "step": step,
            "client_id": new_id(),
            "data": said(step),
        }
        return await self.visit.call("talk.key", payload | more)

    async def send(self, body: str | None = None, kind: str = "text", **more: Any) -> Any:
        self.sent += 1
        payload = {
            "conversation": self.talk,
            "body": body or random_body(),
            "key": self.key,
            "kind": kind,
            "number": self.sent,
            "client_id": new_id(),
        }
        return await self.visit.call("message", payload | more)

    async def recall(self, message: str) -> Any:
        return await self.visit.call("message.recall", {"message": message, "client_id": new_id()})

    async def hand_in(self, content: bytes, kind: str = "picture") -> Any:
        return await self.person.post(f"/api/v1/conversations/{self.talk}/blobs?kind={kind}", content)

    async def look(self) -> Any:
        """The talk as it stands."""
        answer = await self.person.get(f"/api/v1/talks/{self.talk}")
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def act(self, path: str, body: Any = None, method: str = "POST") -> Any:
        return await self.person.send(method, f"/api/v1/talks/{self.talk}/{path}", body)

    def heard(self, kind: str) -> list[Any]:
        return [each for each in self.visit.entries if each["type"] == kind]

    async def hears(self, kind: str, number: int = 1) -> Any:
        """The newest entry of this kind, once there are so many."""
        await until(lambda: len(self.heard(kind)) >= number, what=f"{number} of {kind}")
        return self.heard(kind)[-1]

    async def hears_body(self, body: str) -> None:
        def heard() -> bool:
            return body in [each["data"].get("body") for each in self.heard("message.posted")]

        await until(heard, what="the message")


async def state_of(app: web.Application, channel: str) -> Any:
    """A snapshot of this moment; whoever subscribes may get one that is some seconds old, with the entries since."""
    kind, _, key = channel.partition(":")
    _, state = await app[HUB].snapshot(channel, kind, key)
    return json.loads(json.dumps(state))


@asynccontextmanager
async def page_of(site: Site, person: Person, talk: str) -> AsyncIterator[Page]:
    """Signed in on another device, and listening."""
    csrf = (await person.get("/api/v1/me")).body["csrf"]
    cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    async with visiting(site.base, cookies, csrf, "websocket") as visit:
        page = Page(person, visit, talk)
        assert (await page.subscribe())["ok"]
        yield page


async def agree_on_keys(first: Page, second: Page, number: int = 1) -> None:
    """Over their sockets; both confirm."""
    for which, step in STEPS:
        answer = await (first, second)[which].step(step, number=number)
        assert answer["ok"], answer
    first.key = second.key = number
