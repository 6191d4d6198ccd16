"""The answer without asking anybody, which opens the fast lane: never more than `Access.check` would allow."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from server.broadcasts import BroadcastSettings, Visibility
from server.broadcasts.model import Broadcast
from server.broadcasts.tickets import Holder, Ticket, Tickets
from server.identity import Member, Role, Status
from tests.unit.broadcasts.conftest import SECRET, Stage


@dataclass
class Viewer:
    """Somebody whose session and broadcast the server has just looked at."""

    stage: Stage
    broadcast: Broadcast
    member: Member
    cookies: str

    def allowed(self, *, playlist: bool = False) -> bool:
        return self.stage.service.access.allows_now(self.broadcast.id, self.cookies, playlist=playlist)

    async def remember(self) -> None:
        await self.stage.identity.sessions.find_by_id(self.member.session_id)


def cookies(stage: Stage, broadcast: Broadcast, holder: Holder, life: timedelta = timedelta(minutes=10)) -> str:
    expires_at = int((stage.clock.now() + life).timestamp())
    return f"a=b; hongbo_hls={Tickets(SECRET).issue(Ticket(broadcast.id, holder, expires_at))}"


@pytest.fixture
async def viewer(stage: Stage) -> Viewer:
    live, member = await stage.live(visibility=Visibility.MEMBERS), await stage.person()
    made = Viewer(stage, live, member, cookies(stage, live, Holder(visitor=False, id=member.session_id)))
    await made.remember()
    return made


async def test_a_known_viewer_passes(viewer: Viewer) -> None:
    assert viewer.allowed()
    assert viewer.allowed(playlist=True)


async def test_nobody_passes_without_a_good_ticket(viewer: Viewer) -> None:
    other = await viewer.stage.live()
    for shown in (
        "",
        "a=b",
        viewer.cookies[:-1],
        cookies(viewer.stage, other, Holder(visitor=False, id=viewer.member.session_id)),
    ):
        assert not viewer.stage.service.access.allows_now(viewer.broadcast.id, shown, playlist=False)
    assert not viewer.stage.service.access.allows_now("x", viewer.cookies, playlist=False)


async def test_what_is_remembered_of_session_and_broadcast_ends_within_ten_seconds(viewer: Viewer) -> None:
    async with viewer.stage.database.transaction() as session:  # as another process would; this one is told nothing
        await viewer.stage.identity.sessions.end_all(session, viewer.member.id)
    viewer.stage.clock.advance(10)
    assert not viewer.allowed()
    await viewer.remember()
    viewer.stage.service.access.changed(viewer.broadcast)
    assert not viewer.allowed()


async def test_changes_made_here_count_at_once(viewer: Viewer) -> None:
    administrator = await viewer.stage.person(Role.ADMINISTRATOR)
    await viewer.stage.identity.directory.change(administrator, viewer.member.id, {"status": Status.EMPLOYEE})
    assert not viewer.allowed()
    await viewer.remember()
    assert not viewer.allowed(), "no party member any more"


async def test_cutting_off_counts_at_once(viewer: Viewer) -> None:
    moderator = await viewer.stage.person(Role.MODERATOR)
    await viewer.stage.service.cut_off(moderator, viewer.broadcast.id, "与主题无关")
    assert not viewer.allowed()
    assert not viewer.allowed(playlist=True)


async def test_a_ticket_to_be_renewed_sends_playlists_the_ordinary_way(viewer: Viewer) -> None:
    holder = Holder(visitor=False, id=viewer.member.session_id)
    viewer.cookies = cookies(viewer.stage, viewer.broadcast, holder, timedelta(minutes=4))
    assert viewer.allowed()
    assert not viewer.allowed(playlist=True)
    viewer.cookies = cookies(viewer.stage, viewer.broadcast, holder, timedelta(0))
    assert not viewer.allowed()


class TestPublic:
    @pytest.fixture
    def settings(self) -> BroadcastSettings:
        return BroadcastSettings(allow_public=True)

    async def test_visitors_pass_with_their_ticket_where_visitors_may_watch(self, stage: Stage) -> None:
        public, inside = await stage.live(visibility=Visibility.PUBLIC), await stage.live()
        holder = Holder(visitor=True, id="visitor-0001")
        access = stage.service.access
        assert access.allows_now(public.id, cookies(stage, public, holder), playlist=True)
        assert not access.allows_now(inside.id, cookies(stage, inside, holder), playlist=True)
