"""Somebody who runs an activity, and what is asked of the server about one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from server.core.ids import new_id
from server.identity import Member, Role, Status
from server.identity.tables import BranchRow, MemberRow
from tests.integration.broadcasts.site import Person, Site
from tests.support.broadcasts import NOW

ACTIVITIES = "/api/v1/activities"


def soon(hours: float = 3) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@dataclass
class Desk:
    """An activity, and the one in charge."""

    organiser: Person
    id: str

    @property
    def path(self) -> str:
        return f"{ACTIVITIES}/{self.id}"

    async def act(self, name: str, body: Any = None) -> Any:
        answer = await self.organiser.post(f"{self.path}/{name}", body)
        assert answer.status in (200, 204), answer.raw.decode()
        return answer.body

    async def wall(self) -> Any:
        answer = await self.organiser.get(f"{self.path}/wall")
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def look(self, who: Person | None = None) -> Any:
        answer = await (who or self.organiser).get(self.path)
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def on_list(self, who: str) -> Any:
        answer = await self.organiser.get(f"{self.path}/people")
        assert answer.status == 200, answer.raw.decode()
        return next((each for each in answer.body["items"] if each["member"] == who), None)


async def arranged(site: Site, *, opened: bool = False, **more: Any) -> Desk:
    organiser = await site.person(Role.ORGANISER, name="祝以宁")
    plan = {"kind": "theme_day", "title": "主题党日：护河净滩", "starts_at": soon(), **more}
    answer = await organiser.post(ACTIVITIES, plan)
    assert answer.status == 201, answer.raw.decode()
    desk = Desk(organiser, answer.body["id"])
    if opened:
        await desk.act("open")
    return desk


async def branch(site: Site, name: str, *members: Person) -> str:
    """A branch, with these members in it."""
    made = new_id()
    async with site.database.transaction() as session:
        session.add(BranchRow(id=made, name=name, city="广州", created_at=NOW))
        await session.flush()
        for person in members:
            row = await session.get(MemberRow, person.id)
            assert row is not None
            row.branch_id = made
    for person in members:
        site.identity.sessions.forget(person.id)
    return made


async def crowd(site: Site, count: int) -> list[Member]:
    """Party members, without a browser."""
    members = [Member(new_id(), f"党员{number}", None, None, Status.FULL, frozenset(), "") for number in range(count)]
    async with site.database.transaction() as session:
        for number, each in enumerate(members):
            row = MemberRow(id=each.id, name=each.name, mobile=f"137{number:08d}", status=each.status.value)
            row.created_at = NOW
            session.add(row)
    return members


async def earned(person: Person) -> list[tuple[str, int]]:
    """Indicators and tenths of a point, the newest first."""
    answer = await person.get("/api/v1/me/points")
    assert answer.status == 200, answer.raw.decode()
    return [(each["indicator"], each["amount"]) for each in answer.body["items"]]
