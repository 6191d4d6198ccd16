"""Each vote counts once and is told in totals, exact in the end, whatever comes at once and whoever dies in between."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import Conflict
from server.core.ids import new_id
from server.core.journal import Journal
from server.identity import Member
from server.migrations import upgrade
from server.moderation import MODERATION
from server.points import LEDGER
from server.questions import QUESTIONS, QuestionService
from server.questions.model import MOST_OPEN, TOLD_EVERY
from server.questions.model import QuestionState as Answer
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.questions.room import ask, code, of, vote
from tests.integration.sockets.test_snapshots import member_of
from tests.support.wait import until

VOTERS = 50


def another(site: Site, database: Database) -> QuestionService:
    """As another process has it."""
    journal = Journal(database, SystemClock())
    return QuestionService(database, journal, site.service, site.server.app[MODERATION], site.server.app[LEDGER], SystemClock())


async def counted(site: Site, question: str) -> tuple[int, int]:
    """Votes there are, and the total the row has."""
    async with site.database.reading() as session:
        there = (
            await session.execute(text("SELECT count(*) FROM question_votes WHERE question_id = :id"), {"id": question})
        ).scalar_one()
        total = (await session.execute(text("SELECT votes FROM questions WHERE id = :id"), {"id": question})).scalar_one()
    return there, total


async def test_a_storm_of_votes_is_counted_exactly_and_told_once_a_second(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    voters = [await site.person() for _ in range(VOTERS)]
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(await visit(site, host, "websocket"))
        await one.subscribe(broadcast)
        question = (await ask(one, broadcast))["id"]
        visits = [await stack.enter_async_context(await visit(site, voter, "websocket")) for voter in voters]

        async def votes(number: int) -> None:
            """Some change their mind, and the network sends some of it twice."""
            for up in (True, True, False, number % 5 != 0, number % 5 != 0):
                assert (await vote(visits[number], question, up=up))["ok"]

        began = asyncio.get_running_loop().time()
        await asyncio.gather(*map(votes, range(VOTERS)))
        standing = VOTERS - VOTERS // 5
        await until(
            lambda: [each["data"] for each in of(one, "question.voted")][-1:] == [{"id": question, "votes": standing}],
            what="the total",
        )
        took = asyncio.get_running_loop().time() - began
        told = of(one, "question.voted")
        assert len(told) <= 2 + took / TOLD_EVERY.total_seconds()
        totals = [each["data"]["votes"] for each in told]
        assert all(total <= VOTERS for total in totals)
        assert await counted(site, question) == (standing, standing)
        mine = (await voters[1].get(f"/api/v1/broadcasts/{broadcast}/questions/mine")).body
        assert mine == {"asked": [], "voted": [question]}


async def test_the_answer_has_the_total_and_ones_own_question_has_no_vote_of_ones_own(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        question = (await ask(two, broadcast))["id"]
        assert await vote(one, question) == {"ok": True, "votes": 1}
        assert await vote(one, question) == {"ok": True, "votes": 1}
        assert await vote(one, question, up=False) == {"ok": True, "votes": 0}
        assert code(await vote(two, question)) == "own_question"
        assert code(await vote(two, new_id())) == "question_not_found"


async def test_what_a_killed_process_left_untold_is_told_by_the_next(site: Site) -> None:
    host, viewers = await site.host(), [await site.person() for _ in range(3)]
    broadcast = await on_air(site, host)
    dead = another(site, site.database)  # never tells
    async with await visit(site, host) as one:
        await one.subscribe(broadcast)
        question = (await ask(one, broadcast))["id"]
        for viewer in viewers:
            await dead.vote(await member_of(site, viewer), question, up=True)
        service = site.server.app[QUESTIONS]

        async def told() -> bool:
            await service._voting.tell()
            await site.server.app[QUESTIONS]._voting.tell()
            return [each["data"]["votes"] for each in await _voted(site, broadcast)][-1:] == [len(viewers)]

        await until(told, every=0.1, what="the rest, told by another")
    await dead.close()


async def _voted(site: Site, broadcast: str) -> list[dict[str, Any]]:
    entries = await Journal(site.database, SystemClock()).read(f"broadcast:{broadcast}", after=0)
    return [entry.wire() for entry in entries if entry.type == "question.voted"]


@pytest.mark.postgres
async def test_two_processes_count_and_bound_and_mark_as_one(tmp_path: Path, postgres_url: str) -> None:
    database = Database(postgres_url)
    await upgrade(database)
    async with running_site(tmp_path, {"DATABASE_URL": postgres_url}) as site:
        host, asker = await site.host(), await member_of(site, await site.person())
        keeper = await member_of(site, host)
        voters = [await member_of(site, await site.person()) for _ in range(20)]
        broadcast = await on_air(site, host)
        here = site.server.app[QUESTIONS]
        there = another(site, database)
        there.start()
        both = (here, there)

        asks = [both[number % 2].ask(asker, broadcast, f"第{number}问", client_id=new_id()) for number in range(8)]
        asked = await asyncio.gather(*asks, return_exceptions=True)
        taken = [each.id for each in asked if not isinstance(each, BaseException)]
        assert len(taken) == MOST_OPEN
        assert {each.code for each in asked if isinstance(each, Conflict)} == {"too_many_open"}

        async def votes(number: int, voter: Member) -> None:
            for question in taken:
                for up in (True, False, True):
                    await both[(number + up) % 2].vote(voter, question, up=up)

        async def marks() -> None:
            for number in range(12):
                await both[number % 2].mark(keeper, taken[number % MOST_OPEN], Answer.ANSWERING, None)

        async with asyncio.timeout(30):
            await asyncio.gather(marks(), *(votes(number, voter) for number, voter in enumerate(voters)))
            await asyncio.gather(
                *(both[number % 2].mark(keeper, question, Answer.ANSWERING, None) for number, question in enumerate(taken))
            )
        for question in taken:
            assert await counted(site, question) == (len(voters), len(voters))
        async with site.database.reading() as session:
            states = (await session.execute(text("SELECT state FROM questions"))).scalars().all()
        assert sorted(states) == ["answered", "answered", "answering"]

        async def last_told() -> bool:
            last = {each["data"]["id"]: each["data"]["votes"] for each in await _voted(site, broadcast)}
            return last == dict.fromkeys(taken, len(voters))

        await until(last_told, every=0.1, what="the last totals")
        moments = [(each["data"]["id"], each["at"]) for each in await _voted(site, broadcast)]
        assert len(set(moments)) == len(moments)
        await there.close()
    await database.close()
