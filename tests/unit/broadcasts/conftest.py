"""The feature on a real database and a clock moved by hand; only media is a fake."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.broadcasts import BroadcastService, BroadcastSettings, CommentMode, Orientation, Plan, State, Visibility
from server.broadcasts.model import Broadcast
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Journal
from server.identity import Identity, IdentitySettings, Member, Role, Status
from server.identity.tables import MemberRoleRow, MemberRow
from server.media import PublishingEvent
from tests.support.broadcasts import NOW
from tests.support.clock import ManualClock
from tests.unit.broadcasts.fake_media import FakeMedia

SECRET = b"a secret of this test alone, 32+"


@dataclass
class Stage:
    database: Database
    identity: Identity
    clock: ManualClock
    data_dir: Path
    media: FakeMedia
    service: BroadcastService
    host: Member
    count: int = 0

    async def person(self, *roles: Role, status: Status = Status.FULL, name: str = "林晓") -> Member:
        """Somebody new, with a live session."""
        self.count += 1
        row = MemberRow(id=new_id(), name=name, mobile=f"138{self.count:08d}", status=status.value, created_at=self.clock.now())
        async with self.database.transaction() as session:
            session.add(row)
            await session.flush()
            for role in roles:
                session.add(MemberRoleRow(member_id=row.id, role=role.value, granted_at=self.clock.now()))
            token = await self.identity.sessions.create(session, row.id, device="test", address="127.0.0.1")
        found = await self.identity.sessions.find(token)
        assert found is not None
        return found

    async def schedule(self, **more: Any) -> Broadcast:
        plan: dict[str, Any] = {
            "title": "党课",
            "intro": "",
            "starts_at": NOW,
            "minutes_planned": 60,
            "visibility": Visibility.EMPLOYEES,
            "comment_mode": CommentMode.POST_MODERATED,
            "orientation": Orientation.LANDSCAPE,
        }
        return await self.service.schedule(self.host, Plan(**plan | more))

    async def rehearse(self, broadcast: Broadcast, sender: Member | None = None) -> None:
        self.media.send(broadcast.id, (sender or self.host).id)
        await self.service.authority.publishing_changed(broadcast.id, PublishingEvent.STARTED)

    async def live(self, **more: Any) -> Broadcast:
        broadcast = await self.schedule(**more)
        await self.rehearse(broadcast)
        return await self.service.go_live(self.host, broadcast.id)

    async def lose(self, broadcast: Broadcast) -> None:
        self.media.silence(broadcast.id)
        await self.service.authority.publishing_changed(broadcast.id, PublishingEvent.LOST)

    async def ended(self, **more: Any) -> Broadcast:
        return await self.service.end(self.host, (await self.live(**more)).id)

    async def state(self, broadcast: Broadcast) -> State:
        return (await self.service.find(self.host, broadcast.id)).state

    def another_process(self) -> BroadcastService:
        """One that serves the web alone: attached to media, never started."""
        settings = self.service.settings
        return _service(self.database, self.identity, self.clock, self.data_dir, self.media, settings)

    async def restart(self) -> BroadcastService:
        """The process dies without a word; another takes over the same database with an empty media service."""
        await self.service.close()
        self.media = FakeMedia(recordings=self.media.recordings)
        self.service = self.another_process()
        await self.service.start()
        return self.service


def _service(
    database: Database,
    identity: Identity,
    clock: ManualClock,
    data_dir: Path,
    media: FakeMedia,
    settings: BroadcastSettings,
) -> BroadcastService:
    service = BroadcastService(database, identity, settings, clock, Journal(database, clock), secret=SECRET, data_dir=data_dir)
    service.attach(media)
    return service


@pytest.fixture
def settings() -> BroadcastSettings:
    return BroadcastSettings()


@pytest.fixture
async def stage(database: Database, tmp_path: Path, settings: BroadcastSettings) -> AsyncIterator[Stage]:
    clock = ManualClock(NOW)
    identity = Identity(database, IdentitySettings(), clock, SECRET)
    media = FakeMedia()
    service = _service(database, identity, clock, tmp_path, media, settings)
    await service.start()
    stage = Stage(database, identity, clock, tmp_path, media, service, host=None)  # type: ignore[arg-type]  # set next
    stage.host = await stage.person(Role.RED_HOST, name="闻小满")
    yield stage
    await stage.service.close()
    await identity.aclose()
