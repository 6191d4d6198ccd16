"""kill -9 right after an acknowledgement: what was said is there, once; what was taken back or erased is not."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.app import build
from server.core.ids import new_id
from server.settings import load_settings
from tests.integration.broadcasts.site import Answer, Person
from tests.integration.talks.test_erasure import canary, in_bytes
from tests.support.churn.house import PLAIN, House, running_house
from tests.support.room import visiting
from tests.support.talking import Page, agree_on_keys, begin_talk, random_body
from tests.support.wait import until


@dataclass
class Somebody(Person):
    """Signed in before the processes were started."""

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return await super().send(method, path, body, headers={"Origin": self.base}, **more)


@asynccontextmanager
async def at(house: House, who: int, talk: str) -> AsyncIterator[Page]:
    """Somebody's page, each at a process of their own where there are two."""
    person, server = house.people[who], house.servers[who % len(house.servers)]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"Cookie": person["cookie"]}))
        visit = await stack.enter_async_context(visiting(server.url, person["cookie"], person["csrf"], "websocket"))
        page = Page(Somebody(http, server.url, person["id"]), visit, talk)
        assert (await page.subscribe())["ok"]
        yield page


async def begun(house: House) -> str:
    """While no process runs: a draw is another feature's."""
    for server in house.servers:
        await server.kill()
    settings = load_settings({"DATABASE_URL": house.database_url}, data_dir=house.servers[0].folder)
    app = build(settings)
    from server.app import DATABASE

    talk = await begin_talk(app, house.people[0]["id"], house.people[1]["id"])
    await app[DATABASE].close()
    for server in house.servers:
        await server.start()
    return talk


async def killed(house: House) -> None:
    for server in house.servers:
        await server.kill()


async def restarted(house: House) -> None:
    for server in house.servers:
        await server.start()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest) -> tuple[int, str | None]:
    """How many processes, and the database they share."""
    return (1, None) if request.param == "sqlite" else (2, request.getfixturevalue("postgres_url"))


async def test_what_was_acknowledged_is_so_after_kill_9(tmp_path: Path, served: tuple[int, str | None]) -> None:
    processes, url = served
    async with running_house(tmp_path, processes=processes, redis=False, database_url=url, people=2, module=PLAIN) as house:
        talk = await begun(house)
        folder, kept, gone = house.servers[0].folder, random_body(), canary(400)
        again: dict[str, Any] = {"client_id": new_id(), "number": 1}
        async with at(house, 0, talk) as secretary, at(house, 1, talk) as member:
            await agree_on_keys(secretary, member)
            sent = await secretary.send(kept, **again)
            blob = (await secretary.hand_in(b"sealed picture" * 50)).body["id"]
            picture = await secretary.send(gone, "picture", blob=blob)
            assert (await secretary.recall(picture["id"]))["ok"]
            await killed(house)
        await restarted(house)
        async with at(house, 0, talk) as secretary, at(house, 1, talk) as member:
            assert await secretary.send(kept, **again) == sent
            latest = secretary.snapshot["messages"]["latest"]
            assert [each["data"].get("body") for each in latest] == [kept, None]
            assert len(secretary.snapshot["keys"]["steps"]) == 7, "a reload goes on with the keys it has"
            await until(lambda: not in_bytes(folder, [gone.encode()]), what="the message, gone after a restart")
            file = folder / "talk-files" / f"{blob}.sealed"
            await until(lambda: not file.exists(), what="its file, gone after a restart")
            blob = (await member.hand_in(os.urandom(100))).body["id"]
            assert (await member.send(kind="picture", blob=blob))["ok"]
            assert (await member.act("erase")).status == 200
            await killed(house)
        await restarted(house)
        async with at(house, 0, talk) as secretary:
            assert secretary.snapshot["talk"]["erased"]["by"] == "member"
            assert secretary.snapshot["messages"] == {"latest": []}
            await until(lambda: not in_bytes(folder, [kept.encode()]), what="what was said, gone after a restart")
            await until(lambda: not list((folder / "talk-files").iterdir()), what="all files, gone after a restart")
        assert house.complaints() == []
