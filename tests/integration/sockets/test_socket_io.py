"""Socket.IO to the letter, and every event answered."""

import json
from pathlib import Path
from typing import Any

from server.core.ids import new_id
from tests.integration.broadcasts.site import Site
from tests.support.engine import asked, door, ends, heard, member_wire, site_with, wire
from tests.support.wait import until


async def test_a_connection_gets_its_sid_and_acknowledgements_carry_their_ids(site: Site) -> None:
    async with wire(site).websocket() as socket:
        await socket.receive_str()
        await socket.send_str("40")
        connected = await heard(socket)
        assert connected.startswith("40")
        assert isinstance(json.loads(connected[2:])["sid"], str)
        for number in ("0", "7", "007", "999999999999999"):
            await socket.send_str(f'42{number}["dance",{{}}]')
            answer = await heard(socket)
            assert answer.startswith(f"43{int(number)}[")
            assert json.loads(answer[2 + len(str(int(number))) :])[0]["error"]["code"] == "unknown_event"


async def test_an_event_without_an_id_is_not_acknowledged(site: Site) -> None:
    async with wire(site).talking() as socket:
        await socket.send_str('42["dance",{}]')
        await socket.send_str('425["dance",{}]')
        assert (await heard(socket)).startswith("435[")


async def test_connect_to_another_namespace_is_refused_with_an_object(site: Site) -> None:
    async with wire(site).websocket() as socket:
        await socket.receive_str()
        for packet, namespace in (("40/admin,", "/admin"), ("40/admin", "/admin"), ('40/x?token=1,{"a":1}', "/x")):
            await socket.send_str(packet)
            answer = await heard(socket)
            assert answer.startswith(f"44{namespace},")
            refusal = json.loads(answer[len(f"44{namespace},") :])
            assert refusal == {"message": "Invalid namespace", "data": {"code": "namespace_invalid"}}
        await socket.send_str("40")
        assert (await heard(socket)).startswith('40{"sid"')


async def test_what_may_not_be_sent_ends_the_connection(site: Site) -> None:
    before = ["", "9", "x", '2["dance",{}]', "1", "3[]", "41", '42/admin,["dance"]', "0[]", '0"text"', "07", "0{", "0null1"]
    after = [
        "0",  # a second CONNECT
        "4{}",
        '31["never asked"]',
        "2",
        "2{}",
        "2[]",
        "2[1]",
        '2["connect",{}]',
        '2["connect_error",{}]',
        '2["disconnect",{}]',
        '2["disconnecting"]',
        '2["newListener"]',
        '2["removeListener"]',
        '2["dance",NaN]',
        '2["dance",{}',
        '21234567890123456["dance",{}]',
        '2٣["dance",{}]',
        '2/admin,["dance",{}]',
        '2["' + "n" * 65 + '"]',
        "2" + "[" * 5000 + "]" * 5000,
        '12["x"]',
    ]
    client = wire(site)
    for packet in before:
        async with client.websocket() as socket:
            sid = json.loads((await socket.receive_str())[1:])["sid"]
            await socket.send_str("4" + packet)
            assert await heard(socket) == "closed", packet
            await ends(site, sid)
    for packet in after:
        async with client.talking() as socket:
            await socket.send_str("4" + packet)
            assert await heard(socket) == "closed", packet
    await until(lambda: not door(site).engine.sessions)


async def test_pitfall_4_announced_attachments_are_refused_at_once(site: Site) -> None:
    client = wire(site)
    for packet in (
        '459999999999-["dance",{"_placeholder":true,"num":0}]',
        '451-["dance",{"_placeholder":true,"num":0}]',
        '450-["dance"]',
        '461-1[{"_placeholder":true,"num":0}]',
        "469999999999-1[]",
    ):
        async with client.talking() as socket:
            await socket.send_str(packet)
            assert await heard(socket) == "closed", packet
        sid = await client.connected()
        await client.post(sid, packet)
        await ends(site, sid)


async def test_pitfall_6_who_never_connects_is_closed(tmp_path: Path) -> None:
    async with site_with(tmp_path, connect_timeout=1.5) as site:
        client = wire(site)
        async with client.websocket() as idle, client.talking() as active:
            sid = json.loads((await idle.receive_str())[1:])["sid"]
            polling = (await client.open())["sid"]
            await ends(site, sid)
            await ends(site, polling)
            assert await heard(idle) == "closed"
            assert (await asked(active, 1, "dance", {}))["error"]["code"] == "unknown_event"


async def test_leaving_the_namespace_ends_the_connection(site: Site) -> None:
    async with wire(site).talking() as socket:
        await socket.send_str("41")
        assert await heard(socket) == "closed"


async def test_bad_payloads_are_answered_with_their_fields(site: Site) -> None:
    channel = f"broadcast:{new_id()}"
    cases: list[tuple[str, Any]] = [
        ("subscribe", {}),
        ("subscribe", {"channel": 5}),
        ("subscribe", {"channel": channel, "after": "5"}),
        ("subscribe", {"channel": channel, "after": True}),
        ("subscribe", {"channel": channel, "after": 1.0}),
        ("subscribe", {"channel": channel, "after": -1}),
        ("subscribe", {"channel": channel, "more": 1}),
        ("subscribe", {"channel": "x" * 81}),
        ("subscribe", []),
        ("subscribe", None),
        ("unsubscribe", "x"),
        ("comment", {"broadcast": "'; --", "text": "x", "client_id": new_id()}),
        ("comment", {"broadcast": new_id(), "text": "x" * 2001, "client_id": new_id()}),
        ("comment", {"broadcast": new_id(), "text": "x", "client_id": "1"}),
        ("comment", {"broadcast": new_id(), "text": "x", "client_id": new_id(), "media_at": "yesterday"}),
        ("comment", {"broadcast": new_id(), "text": "x", "client_id": new_id(), "media_at": "2026-07-01T00:00:00"}),
    ]
    async with wire(site).talking() as socket:
        for number, (name, payload) in enumerate(cases):
            answer = await asked(socket, number, name, payload)
            assert answer["ok"] is False, (name, payload)
            assert answer["error"]["code"] == "payload_invalid", (name, payload, answer)
        for number, arguments in enumerate(('["subscribe"]', '["subscribe",{},{}]')):
            await socket.send_str(f"42{number}{arguments}")
            assert "payload_invalid" in await heard(socket)
        # Half of an emoji: what a careless cut leaves of one, and JSON to every browser.
        half = f'{{"broadcast":"{new_id()}","text":"\\ud83d","client_id":"{new_id()}"}}'
        await socket.send_str(f'429["comment",{half}]')
        assert "payload_invalid" in await heard(socket)


async def test_moments_at_the_ends_of_time_are_clamped(site: Site) -> None:
    from tests.integration.comments.test_room import on_air

    host = await site.host()
    broadcast = await on_air(site, host)
    client, auth = await member_wire(site, host)
    async with client.talking(auth) as socket:
        for number, moment in enumerate(("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e11, -1e11)):
            comment = {"broadcast": broadcast, "text": "你好", "client_id": new_id(), "media_at": moment}
            assert (await asked(socket, number, "comment", comment))["ok"], moment


async def test_a_member_must_show_the_csrf_value_and_may_try_again(site: Site) -> None:
    client, auth = await member_wire(site, await site.person())
    async with client.websocket() as socket:
        await socket.receive_str()
        for wrong in ("", "{}", '{"csrf":""}', '{"csrf":1}', '{"csrf":"红"}', '{"csrf":null}', '{"csrf":"%s"}' % ("x" * 43)):
            await socket.send_str("40" + wrong)
            answer = await heard(socket)
            assert answer.startswith("44{")
            assert json.loads(answer[2:])["data"]["code"] == "csrf_invalid"
        assert not door(site).connections()
        await socket.send_str("40" + json.dumps(auth))
        assert (await heard(socket)).startswith('40{"sid"')


async def test_too_many_events_are_refused_and_time_helps(tmp_path: Path) -> None:
    async with site_with(tmp_path, events_per_second=50.0, events_burst=5) as site, wire(site).talking() as socket:
        codes: list[str] = []
        while "too_fast" not in codes:
            refusal = (await asked(socket, len(codes), "dance", {}))["error"]
            codes.append(refusal["code"])
            assert len(codes) < 500
        assert len(codes) > 5
        assert refusal["retry_after"] == 1

        async def again() -> bool:
            return bool((await asked(socket, 9999, "dance", {}))["error"]["code"] == "unknown_event")

        await until(again, what="the bucket to fill")
