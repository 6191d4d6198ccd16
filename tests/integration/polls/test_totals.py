"""The sums are exact, however many vote, change their minds and send again, while the poll closes, over two processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import AppError
from server.core.ids import new_id
from server.core.journal import Journal
from server.identity import Member
from server.identity.tables import MemberRow
from server.migrations import upgrade
from server.polls import POLLS, Poll, PollService, PollState
from server.polls.model import counted, planned
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.polls.test_polls import close, listed, opened, vote
from tests.integration.sockets.test_snapshots import member_of
from tests.support.broadcasts import NOW

PEOPLE = 60
PLAN = planned("主题党日放在哪天？", ["周五", "周六", "周日"], most=2)
CHOICES = ([0], [1], [2], [0, 1], [1, 2], [0, 2])


async def test_the_result_holds_every_acknowledged_vote_of_sixty_connections_and_none_that_came_later(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    people = [await site.person(name=f"党员{number}") for number in range(PEOPLE)]
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(await visit(site, host, "websocket"))
        visits = [await stack.enter_async_context(await visit(site, person, "websocket")) for person in people]
        poll = await opened(one, broadcast, most=2)
        last: list[list[int] | None] = [None] * PEOPLE
        enough = asyncio.Event()

        async def keep_changing(number: int) -> None:
            for turn in range(100):
                options = CHOICES[(number + turn) % len(CHOICES)]
                client_id = new_id()
                answer = await vote(visits[number], poll, *options, client_id=client_id)
                if not answer["ok"]:
                    assert answer["error"]["code"] == "poll_closed"
                    return
                last[number] = options
                if turn % 3 == 0:
                    again = await vote(visits[number], poll, *options, client_id=client_id)
                    assert again == answer, "the same again, also while it closes"
                if turn == 3:
                    enough.set()
            raise AssertionError("the poll never closed")

        voting = [asyncio.create_task(keep_changing(number)) for number in range(PEOPLE)]
        await enough.wait()
        result = await close(one, poll)
        await asyncio.gather(*voting)
        assert result == {"ok": True, **_sum(last)}
    (seen,) = await listed(people[0], broadcast)
    assert {key: seen[key] for key in ("counts", "voters")} == _sum(last)


def _sum(votes: list[list[int] | None]) -> dict[str, Any]:
    cast = [options for options in votes if options is not None]
    return {"counts": [sum(place in options for options in cast) for place in range(3)], "voters": len(cast)}


@dataclass
class Two:
    """Two processes' services on one database, and people who vote."""

    site: Site
    services: list[PollService]
    host: Member
    people: list[Member]
    broadcast: str


@asynccontextmanager
async def two_processes(folder: Path, url: str) -> AsyncIterator[Two]:
    database = Database(url)
    await upgrade(database)
    async with running_site(folder, {"DATABASE_URL": url}) as site:
        host = await member_of(site, person := await site.host())
        people = [replace(host, id=new_id(), name=f"党员{number}") for number in range(PEOPLE)]
        async with database.transaction() as session:
            session.add_all(
                MemberRow(id=each.id, name=each.name, mobile=f"139{number:08d}", status="full", created_at=NOW)
                for number, each in enumerate(people)
            )
        there = PollService(database, Journal(database, SystemClock()), site.service, SystemClock())
        yield Two(site, [site.server.app[POLLS], there], host, people, await on_air(site, person))
        await there.close()
    await database.close()


@pytest.mark.postgres
async def test_two_processes_count_each_vote_once_and_close_it_once(tmp_path: Path, postgres_url: str) -> None:
    async with two_processes(tmp_path, postgres_url) as two:
        here = two.services[0]
        poll = await here.open_new(two.host, two.broadcast, PLAN, client_id=new_id())
        last: dict[int, list[int]] = {}
        enough = asyncio.Event()

        async def taken(number: int, options: list[int], client_id: str) -> bool:
            """Both at once: whoever was cut off at one comes to the other, before the first is committed. One may take it and
            the other come too late; then it counts, and says so when it is asked again."""
            votes = (service.vote(two.people[number], poll.id, options, client_id=client_id) for service in two.services)
            outcomes = await asyncio.gather(*votes, return_exceptions=True)
            if not any(outcomes):
                return True
            again = await asyncio.gather(
                here.vote(two.people[number], poll.id, options, client_id=client_id), return_exceptions=True
            )
            refused = [each for each in (*outcomes, *again) if each is not None]
            assert [each.code for each in refused if isinstance(each, AppError)] == ["poll_closed"] * len(refused)
            return again[0] is None

        async def keep_changing(number: int) -> None:
            for turn in range(400):
                options, client_id = CHOICES[(number + turn) % len(CHOICES)], new_id()
                if not await taken(number, options, client_id):
                    return
                last[number] = options
                if len(last) == PEOPLE:
                    enough.set()
            raise AssertionError("the poll never closed")

        voting = [asyncio.create_task(keep_changing(number)) for number in range(PEOPLE)]
        await enough.wait()
        results = await asyncio.gather(*(service.end(two.host, poll.id) for service in two.services))
        await asyncio.gather(*voting)
        assert {result.counts for result in results} == {tuple(_sum(list(last.values()))["counts"])}
        entries = await two.site.server.app[POLLS]._journal.read(f"broadcast:{two.broadcast}", after=0)
        assert [entry.type for entry in entries if entry.type.startswith("poll.")] == ["poll.opened", "poll.closed"]


@pytest.mark.postgres
async def test_of_two_polls_opened_at_once_in_two_processes_one_is_open(tmp_path: Path, postgres_url: str) -> None:
    async with two_processes(tmp_path, postgres_url) as two:
        for _ in range(5):
            client_id = new_id()
            outcomes = await asyncio.gather(
                *(service.open_new(two.host, two.broadcast, PLAN, client_id=new_id()) for service in two.services),
                *(service.open_new(two.host, two.broadcast, PLAN, client_id=client_id) for service in two.services),
                return_exceptions=True,
            )
            polls = {each.id: each for each in outcomes if isinstance(each, Poll)}
            refused = [each.code for each in outcomes if isinstance(each, AppError)]
            assert len(polls) == 1, outcomes
            assert len(refused) in (2, 3)
            assert set(refused) == {"poll_open"}
            await two.services[0].end(two.host, next(iter(polls)))


async def test_votes_that_were_acknowledged_are_there_after_a_restart_and_still_count_once(tmp_path: Path) -> None:
    client_id = new_id()
    async with running_site(tmp_path, {}) as site:
        host = await site.host()
        member = await member_of(site, host)
        service = site.server.app[POLLS]
        broadcast = await on_air(site, host)
        poll = await service.open_new(member, broadcast, PLAN, client_id=new_id())
        await service.vote(member, poll.id, [0, 1], client_id=client_id)
    async with running_site(tmp_path, {}) as site:
        service = site.server.app[POLLS]
        await service.vote(member, poll.id, [1, 0], client_id=client_id)
        with pytest.raises(AppError, match="client_id_reused"):
            await service.vote(member, poll.id, [2], client_id=client_id)
        (seen,) = await service.seen(member, broadcast)
        assert seen.tally == counted(PLAN, {0b011: 1})
        assert seen.mine == [0, 1]
        assert (await service.end(member, poll.id)).state is PollState.CLOSED
