"""Somebody who gives tasks, and what is asked of the server about one."""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from server.identity import Role
from tests.integration.activities.desk import branch, soon
from tests.integration.broadcasts.site import Answer, Person, Site

TASKS = "/api/v1/tasks"


@dataclass
class Post:
    """A task of a branch with its secretary and two members."""

    secretary: Person
    members: list[Person]
    branch: str
    id: str

    @property
    def path(self) -> str:
        return f"{TASKS}/{self.id}"

    async def look(self, who: Person | None = None) -> Any:
        answer = await (who or self.secretary).get(self.path)
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def act(self, name: str, body: Any = None) -> Any:
        answer = await self.secretary.post(f"{self.path}/{name}", body)
        assert answer.status in (200, 204), answer.raw.decode()
        return answer.body

    async def write(self, **more: Any) -> Answer:
        seen = await self.look()
        same = {name: seen[name] for name in ("title", "text", "due_at", "whole", "branches", "counts_as")}
        files = [each["id"] for each in seen["files"]]
        return await self.secretary.send("PUT", self.path, {**same, "files": files, **more})

    async def confirm(self, who: Person, seen: Any = None) -> Answer:
        seen = seen or await self.look(who)
        return await who.post(f"{self.path}/confirm", {"version": seen["version"], "hash": seen["hash"]})

    async def people(self, who: Person | None = None) -> Any:
        answer = await (who or self.secretary).get(f"{self.path}/people")
        assert answer.status == 200, answer.raw.decode()
        return answer.body["items"]


async def written(site: Site, *, given: bool = True, **more: Any) -> Post:
    secretary = await site.person(Role.BRANCH_SECRETARY, name="祝以宁")
    members = [await site.person(name=name) for name in ("林晓", "䶮堃")]
    home = await branch(site, "生产第一党支部", secretary, *members)
    task = {"title": "学习安全生产通知", "text": "请认真阅读。\nhttps://example.com/a", "due_at": soon(), "branches": [home]}
    made = await secretary.post(TASKS, {**task, **more})
    assert made.status == 201, made.raw.decode()
    post = Post(secretary, members, home, made.body["id"])
    if given:
        await post.act("give")
    return post


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#b8181d").save(out, "PNG")
    return out.getvalue()
