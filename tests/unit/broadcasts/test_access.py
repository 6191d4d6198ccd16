"""HLS access over real HTTP: cookies, tokens in the address, rights that come and go."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from server.broadcasts import BroadcastSettings, Visibility, install_broadcasts
from server.core.http.frame import install_frame
from server.core.http.peer import HTTP_SETTINGS, HttpSettings
from server.identity import IDENTITY, Member, Role, Status
from server.media import VIEWER
from tests.unit.broadcasts.conftest import Stage


@dataclass
class Phone:
    """Sends exactly the cookies it is given, so that a test sees what each of them is worth."""

    client: TestClient[web.Request, web.Application]
    session: str = ""  # the value of the session cookie
    ticket: str = ""
    given: list[SimpleCookie] = field(default_factory=list)

    async def get(self, path: str) -> ClientResponse:
        cookies = [f"__Host-hongbo={self.session}"] if self.session else []
        cookies += [f"hongbo_hls={self.ticket}"] if self.ticket else []
        answer = await self.client.get(path, headers={"Cookie": "; ".join(cookies)} if cookies else {})
        if morsel := answer.cookies.get("hongbo_hls"):
            self.given.append(answer.cookies)
            self.ticket = morsel.value
        return answer

    async def status(self, path: str) -> int:
        return (await self.get(path)).status


@dataclass
class Cinema:
    stage: Stage
    client: TestClient[web.Request, web.Application]

    async def phone(self, member: Member | None) -> Phone:
        if member is None:
            return Phone(self.client)
        async with self.stage.database.transaction() as session:
            token = await self.stage.identity.sessions.create(session, member.id, device="phone", address="::1")
        return Phone(self.client, session=token)


@pytest.fixture
async def cinema(stage: Stage) -> AsyncIterator[Cinema]:
    app = web.Application()
    app[HTTP_SETTINGS] = HttpSettings()
    app[IDENTITY] = stage.identity
    install_broadcasts(app, stage.service)
    install_frame(app, CollectorRegistry())

    async def serve(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        await stage.service.authority.viewer(request, request.match_info["stream"], replay=name.startswith("replay"))
        return web.Response(
            text=request.get(VIEWER, "a visitor"), headers={"Cache-Control": "private, max-age=86400, immutable"}
        )

    app.router.add_get("/hls/{stream}/{name}", serve)
    client = TestClient(TestServer(app, host="127.0.0.1"), cookie_jar=DummyCookieJar())
    await client.start_server()
    yield Cinema(stage, client)
    await client.close()


async def test_the_first_playlist_gives_a_ticket_that_is_enough_from_then_on(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    assert await phone.status(f"/hls/{live.id}/index.m3u8") == 200
    (cookie,) = phone.given
    morsel = cookie["hongbo_hls"]
    assert (morsel["path"], morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (
        f"/hls/{live.id}",
        True,
        "Lax",
        "600",
    )
    phone.session = ""
    answer = await phone.get(f"/hls/{live.id}/part.mp4")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, max-age=86400, immutable")
    assert len(phone.given) == 1, "a good ticket is not given anew"


async def test_an_answer_with_a_ticket_is_never_cached(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    answer = await phone.get(f"/hls/{live.id}/part.mp4")
    assert (answer.status, answer.headers["Cache-Control"], len(phone.given)) == (200, "no-store", 1)


async def test_tickets_are_renewed_by_playlists_and_end_after_ten_minutes(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    await phone.get(f"/hls/{live.id}/live.m3u8")
    first, phone.session = phone.ticket, ""
    cinema.stage.clock.advance(301)
    assert await phone.status(f"/hls/{live.id}/part.mp4") == 200
    assert phone.ticket == first
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
    assert phone.ticket != first
    cinema.stage.clock.advance(299)
    assert await replace(phone, ticket=first).status(f"/hls/{live.id}/live.m3u8") == 401
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200


async def test_a_ticket_opens_no_other_stream(cinema: Cinema) -> None:
    one, other = await cinema.stage.live(), await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    await phone.get(f"/hls/{one.id}/live.m3u8")
    phone.session = ""
    assert await phone.status(f"/hls/{other.id}/live.m3u8") == 401


async def test_a_token_in_the_address_serves_players_without_cookies(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    await phone.get(f"/hls/{live.id}/live.m3u8")
    address = f"/hls/{live.id}/live.m3u8?token={phone.ticket}"
    bare = await cinema.phone(None)
    for _ in range(5):  # in steady use it goes on past its ten minutes
        bare.ticket = ""
        cinema.stage.clock.advance(400)
        assert await bare.status(address) == 200
    cinema.stage.clock.advance(601)
    bare.ticket = ""
    assert await bare.status(address) == 401
    assert await bare.status(f"/hls/{live.id}/live.m3u8?token=x") == 401


async def test_an_ended_session_loses_the_next_playlist_within_ten_seconds(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    member = await cinema.stage.person()
    phone = await cinema.phone(member)
    await phone.get(f"/hls/{live.id}/live.m3u8")
    async with cinema.stage.database.transaction() as session:  # as another process would; this one is told nothing
        await cinema.stage.identity.sessions.end_all(session, member.id)
    cinema.stage.clock.advance(10)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 401


async def test_who_is_no_party_member_any_more_loses_a_members_broadcast(cinema: Cinema) -> None:
    live = await cinema.stage.live(visibility=Visibility.MEMBERS)
    member = await cinema.stage.person()
    phone = await cinema.phone(member)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
    administrator = await cinema.stage.person(Role.ADMINISTRATOR)
    await cinema.stage.identity.directory.change(administrator, member.id, {"status": Status.EMPLOYEE})
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 404


async def test_cutting_off_closes_playlists_and_parts_at_once(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone, hosts = await cinema.phone(await cinema.stage.person()), await cinema.phone(cinema.stage.host)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
    moderator = await cinema.stage.person(Role.MODERATOR)
    await cinema.stage.service.cut_off(moderator, live.id, "与主题无关")
    for who in (phone, hosts):
        assert await who.status(f"/hls/{live.id}/live.m3u8") == 404
        assert await who.status(f"/hls/{live.id}/part.mp4") == 404
        assert await who.status(f"/hls/{live.id}/replay.m3u8") == 404
    assert await (await cinema.phone(moderator)).status(f"/hls/{live.id}/replay.m3u8") == 200


async def test_another_process_ends_a_broadcast_and_this_one_notices_within_seconds(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
    moderator = await cinema.stage.person(Role.MODERATOR)
    await cinema.stage.another_process().cut_off(moderator, live.id, "与主题无关")
    cinema.stage.clock.advance(5)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 404


async def test_a_rehearsal_is_for_insiders(cinema: Cinema) -> None:
    made = await cinema.stage.schedule()
    await cinema.stage.rehearse(made)
    insiders = [cinema.stage.host, await cinema.stage.person(Role.MODERATOR)]
    for who, expected in [(each, 200) for each in insiders] + [(await cinema.stage.person(), 404), (None, 401)]:
        assert await (await cinema.phone(who)).status(f"/hls/{made.id}/live.m3u8") == expected


async def test_a_replay_opens_when_it_is_published_and_closes_when_withdrawn(cinema: Cinema) -> None:
    ended = await cinema.stage.ended()
    service, host = cinema.stage.service, cinema.stage.host
    phone = await cinema.phone(await cinema.stage.person())
    replay = f"/hls/{ended.id}/replay.m3u8"
    assert await phone.status(replay) == 404
    assert await (await cinema.phone(host)).status(replay) == 200
    await service.set_replay(host, ended.id, published=True, download=False)
    assert await phone.status(replay) == 200
    await service.set_replay(host, ended.id, published=False, download=False)
    assert await phone.status(replay) == 404


async def test_the_last_seconds_can_still_be_fetched_after_the_end(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    phone = await cinema.phone(await cinema.stage.person())
    await phone.get(f"/hls/{live.id}/live.m3u8")
    await cinema.stage.service.end(cinema.stage.host, live.id)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
    cinema.stage.clock.advance(60)
    assert await phone.status(f"/hls/{live.id}/live.m3u8") == 404


async def test_missing_streams_and_foreign_ones_look_alike(cinema: Cinema) -> None:
    foreign = await cinema.stage.live(visibility=Visibility.MEMBERS)
    employee = await cinema.phone(await cinema.stage.person(status=Status.EMPLOYEE))
    visitor = await cinema.phone(None)
    for who in (employee, visitor):
        answers = []
        for stream in (foreign.id, cinema.stage.host.id, "x"):
            answer = await who.get(f"/hls/{stream}/live.m3u8")
            answers.append((answer.status, {**await answer.json(), "request_id": ""}))
        assert answers[0] == answers[1] == answers[2]


async def test_texts_that_are_no_ids_are_not_remembered(cinema: Cinema) -> None:
    remembered = cinema.stage.service.access._broadcasts
    before = len(remembered)
    visitor = await cinema.phone(None)
    for number in range(20):
        assert await visitor.status(f"/hls/{number}{'a' * 4000}/live.m3u8") == 401
    assert len(remembered) == before


async def test_media_is_told_who_watches(cinema: Cinema) -> None:
    live = await cinema.stage.live()
    member, other = await cinema.stage.person(), await cinema.stage.person()
    for who in (member, other):
        phone = await cinema.phone(who)
        for _ in range(2):  # by the session, and by the ticket
            assert await (await phone.get(f"/hls/{live.id}/live.m3u8")).text() == who.id


class TestPublic:
    @pytest.fixture
    def settings(self) -> BroadcastSettings:
        return BroadcastSettings(allow_public=True)

    async def test_visitors_watch_public_broadcasts_with_a_ticket_of_their_own(self, cinema: Cinema) -> None:
        live = await cinema.stage.live(visibility=Visibility.PUBLIC)
        inside = await cinema.stage.live()
        one, two = await cinema.phone(None), await cinema.phone(None)
        for phone in (one, two, one):
            assert await phone.status(f"/hls/{live.id}/live.m3u8") == 200
        assert await one.status(f"/hls/{inside.id}/live.m3u8") == 401

    async def test_a_visitors_ticket_closes_with_the_visibility(self, cinema: Cinema) -> None:
        live = await cinema.stage.schedule(visibility=Visibility.PUBLIC)
        await cinema.stage.service.edit(cinema.stage.host, live.id, {"visibility": Visibility.EMPLOYEES})
        await cinema.stage.rehearse(live)
        await cinema.stage.service.go_live(cinema.stage.host, live.id)
        assert await (await cinema.phone(None)).status(f"/hls/{live.id}/live.m3u8") == 401
