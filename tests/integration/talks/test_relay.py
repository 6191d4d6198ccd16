"""What callers are handed out opens a real TURN server (coturn), for as long as it says; nothing else does."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from server.talks import TalkSettings
from server.talks.ice import GOOD_FOR, servers
from tests.integration.broadcasts.site import running_site
from tests.support.relay import SECRET, Relay, running_relay
from tests.support.talking import begin_talk
from tests.support.wait import until

UNAUTHORISED = 401


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with running_relay(tmp_path_factory.mktemp("relay")) as relay:
        yield relay


class Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.said: list[bytes] = []

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.said.append(data)


async def refusal(relay: Relay, username: str, credential: str) -> int:
    """The relay's error code; 0 where it opens."""
    try:
        transport, _ = await create_turn_endpoint(Heard, ("127.0.0.1", relay.port), username, credential)
    except TransactionFailed as failed:
        code: int = failed.response.attributes["ERROR-CODE"][0]
        return code
    transport.close()
    return 0


async def test_two_callers_reach_each_other_by_what_each_was_handed_out(relay: Relay, tmp_path: Path) -> None:
    async with running_site(tmp_path, relay.environment) as site:
        people = [await site.person(name="苏映川"), await site.person(name="封书瑶")]
        talk = await begin_talk(site.server.app, people[0].id, people[1].id)
        ends = []
        for person in people:
            (server,) = (await person.get(f"/api/v1/talks/{talk}/ice")).body["ice_servers"]
            assert server["urls"] == relay.url
            address = ("127.0.0.1", relay.port)
            ends.append(await create_turn_endpoint(Heard, address, server["username"], server["credential"]))
        (first, _), (second, heard) = ends
        # Who speaks first opens the relay for what the other says.
        second.sendto(b"I am here", first.get_extra_info("sockname"))
        first.sendto(b"so am I", second.get_extra_info("sockname"))
        await until(lambda: b"so am I" in heard.said, what="what went through the relay")
        for end, _ in ends:
            end.close()


async def test_a_name_opens_nothing_once_its_time_is_over_or_with_another_password(relay: Relay) -> None:
    settings = TalkSettings(turn=(relay.url,), turn_secret=SECRET.encode())
    now = datetime.now(UTC)

    def handed_out(moment: datetime, settings: TalkSettings = settings) -> tuple[str, str]:
        (server,) = servers(settings, "talk", "member", moment)
        assert server.username is not None
        assert server.credential is not None
        return server.username, server.credential

    name, password = handed_out(now)
    assert await refusal(relay, name, password) == 0
    late_name, late_password = handed_out(now - GOOD_FOR - timedelta(seconds=5))
    assert await refusal(relay, late_name, late_password) == UNAUTHORISED
    assert await refusal(relay, name, late_password) == UNAUTHORISED
    prolonged = name.replace(name.partition(":")[0], str(int(now.timestamp()) + 86_400))
    assert await refusal(relay, prolonged, password) == UNAUTHORISED
    assert await refusal(relay, *handed_out(now, TalkSettings(turn=(relay.url,), turn_secret=b"another"))) == UNAUTHORISED
