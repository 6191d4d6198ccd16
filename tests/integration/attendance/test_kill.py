"""kill -9 of every process, with a roll-call scheduled and with one open: it comes at its time, and each answer counts once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from server.attendance import store
from server.attendance.model import Plan, RollCall
from server.attendance.tables import AnswerRow, AttendanceRow, PlanRow
from server.broadcasts.tables import BroadcastRow
from server.core.db import Database
from server.core.ids import new_id
from server.points.tables import EntryRow
from tests.integration.attendance.room import answer
from tests.support.churn.house import PLAIN, House, running_house
from tests.support.room import Visit, visiting
from tests.support.wait import until


async def plan_of(database: Database, broadcast_id: str) -> Plan | None:
    async with database.reading() as session:
        return await store.find_plan(session, broadcast_id)


async def roll_calls(database: Database, broadcast_id: str) -> Sequence[RollCall]:
    async with database.reading() as session:
        return await store.of_broadcast(session, broadcast_id)


@asynccontextmanager
async def room_of(house: House, person: dict[str, Any], server: int) -> AsyncIterator[Visit]:
    async with visiting(house.servers[server].url, person["cookie"], person["csrf"]) as visit:
        assert (await visit.subscribe(house.broadcast_id))["ok"]
        yield visit


async def test_scheduled_roll_calls_come_and_answers_stay_after_kill_9(tmp_path: Path, postgres_url: str) -> None:
    database = Database(postgres_url)
    async with running_house(tmp_path, processes=2, redis=False, database_url=postgres_url, people=3, module=PLAIN) as house:
        broadcast_id, (_, one, two) = house.broadcast_id, house.people

        async def drawn() -> bool:
            plan = await plan_of(database, broadcast_id)
            return plan is not None and plan.due is not None and len(plan.due) == 3

        await until(drawn, what="three roll-calls drawn")
        for server in house.servers:
            await server.kill()
        plan = await plan_of(database, broadcast_id)
        assert plan is not None
        due = datetime.now(UTC) + timedelta(seconds=4)
        micros = (due - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        async with database.transaction() as session:
            await session.execute(update(PlanRow).values(due=f"[{micros}]"))
        for server in house.servers:
            await server.start()

        client_id = new_id()
        async with room_of(house, one, 0) as room:

            async def opened() -> list[str]:  # maybe before anybody was in the room
                return [each.id for each in await roll_calls(database, broadcast_id)]

            (roll_call,) = await until(opened, timeout=20, what="the roll-call that was due")
            told = await answer(room, roll_call, client_id)
            assert told == {"ok": True, "answered": 1, "needed": 2}
            for server in house.servers:
                await server.kill()
        (made,) = await roll_calls(database, broadcast_id)
        assert timedelta() <= made.opened_at - due < timedelta(seconds=15), "at its time, or as soon as there is a server"
        for server in house.servers:
            await server.start()
        async with room_of(house, one, 1) as phone, room_of(house, two, 0) as other:
            assert await answer(phone, roll_call, client_id) == told
            assert await answer(phone, roll_call) == told
            assert await answer(other, roll_call) == told, "it is still open"
        async with database.transaction() as session:
            await session.execute(update(BroadcastRow).values(state="ended", ended_at=datetime.now(UTC)))

        async def settled() -> bool:
            plan = await plan_of(database, broadcast_id)
            return plan is not None and plan.settled_at is not None

        await until(settled, timeout=20, what="the attendance, settled")
        assert house.complaints() == []
    async with database.reading() as session:
        assert len(list(await session.scalars(select(AnswerRow)))) == 2
        people = set(await session.scalars(select(AttendanceRow.member_id)))
        rows = [(row.member_id, row.indicator, row.amount) for row in await session.scalars(select(EntryRow))]
    assert people == {one["id"], two["id"]}
    assert sorted(rows) == sorted([(one["id"], "N01", 5), (two["id"], "N01", 5)])
    await database.close()
