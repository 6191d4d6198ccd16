"""The acceptance lines of the WHIP checklist (RFC 9725), by number. What needs no peer is asked with written offers.

Lines 5, 8 and 9 are WHEP's alone; 19 and 20 are about ICE restarts, which are refused (15); 11 is looked at in every refusal
(`problem`); 27: there are no extensions; 29 is the proxy's. Lines 13 and 35 go on in `test_consent` and `test_foreign_encoder`,
32 and 34 in `test_neighbours`.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable

import pytest
from aiohttp import ClientResponse
from OpenSSL import SSL

from server.media import read_ice_server
from server.media.ingest.guard import GuardedSocket
from server.media.ingest.hooks import connection_of, sockets_of
from tests.integration.media.whip.conftest import House, MakeHouse
from tests.support.offers import AUDIO, SESSION, VIDEO, candidate, offer
from tests.support.publishing import Publisher, post_offer
from tests.support.wait import until

MakePublisher = Callable[..., Publisher]
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
FRAGMENT = "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n{candidates}\r\n"


async def problem(answer: ClientResponse, status: int) -> str:
    """The code of a refusal, which is problem+json with a Chinese detail that other origins may read."""
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body = await answer.json()
    assert re.search(r"[\u4e00-\u9fff]", body["detail"])
    code: str = body["code"]
    return code


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): value for name, value in more.items()}


async def connected(house: House, publisher: Publisher) -> None:
    answer = await publisher.publish(house.client, house.stream, "good")
    assert answer.status == 201, await answer.text()
    await until(house.flows, what="the first picture")


async def patch(house: House, publisher: Publisher, body: str, **headers: str) -> ClientResponse:
    named = {"Content-Type": FRAGMENT_TYPE, "If-Match": publisher.etag} | {k.replace("_", "-"): v for k, v in headers.items()}
    sent = {name: value for name, value in named.items() if value}
    return await house.client.patch(publisher.location, data=body, headers=bearer("good") | sent)


def fragment(publisher: Publisher, *lines: str, ufrag: str = "") -> str:
    sdp = publisher.peer.localDescription.sdp
    found = {name: re.search(rf"a=ice-{name}:(\S+)", sdp)[1] for name in ("ufrag", "pwd")}  # type: ignore[index]
    return FRAGMENT.format(ufrag=ufrag or found["ufrag"], password=found["pwd"], candidates="\r\n".join(lines))


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/sdpx"])
async def test_whip_01_another_content_type_is_refused(house: House, content_type: str) -> None:
    answer = await post_offer(house.client, house.stream, offer(), token="good", content_type=content_type)
    assert await problem(answer, 415) == "sdp_needed"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "sdp_malformed"),
        (b"garbage\xff\x00", 400, "sdp_malformed"),
        (offer(without="a=fingerprint"), 400, "fingerprint_missing"),
        (offer(instead=("a=sendonly", "a=recvonly")), 422, "direction_unsupported"),
        (offer(instead=("H264/90000", "AV1/90000")), 422, "h264_needed"),
    ],
)
async def test_whip_01_a_malformed_offer_is_refused(house: House, raw: bytes, status: int, code: str) -> None:
    assert await problem(await post_offer(house.client, house.stream, raw, token="good"), status) == code


async def test_whip_02_a_good_offer_is_answered_with_the_place_of_its_session(house: House) -> None:
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert answer.status == 201
    assert answer.content_type == "application/sdp"
    assert answer.headers["Location"].startswith(f"/whip/{house.stream}/")
    assert (await answer.text()).startswith("v=0\r\n")


async def test_whip_03_the_answer_only_receives(house: House) -> None:
    for direction in ("sendonly", "sendrecv"):
        raw = offer(instead=("a=sendonly", f"a={direction}"))
        answer = await post_offer(house.client, house.stream, raw, token="good", query={"takeover": "1"})
        text = await answer.text()
        assert text.count("a=recvonly\r\n") == 2
    for direction in ("inactive", "recvonly"):
        raw = offer(instead=("a=sendonly", f"a={direction}"))
        assert await problem(await post_offer(house.client, house.stream, raw, token="good"), 422) == "direction_unsupported"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_whip_04_get_and_head_say_nothing(house: House, method: str) -> None:
    for path in (f"/whip/{house.stream}", f"/whip/{house.stream}/no-such-session"):
        answer = await house.client.request(method, path)
        assert answer.status == 204
        assert await answer.read() == b""


async def test_whip_05_head_is_no_discovery_here(house: House) -> None:
    """What a WHEP endpoint must say to HEAD (200 and its type) would be said of a way to watch; this is one to publish."""
    answer = await house.client.head(f"/whip/{house.stream}")
    assert answer.status == 204
    assert "Content-Type" not in answer.headers
    assert "Accept-Post" not in answer.headers


@pytest.mark.parametrize(
    ("path", "method", "accepts"),
    [("", "POST", ("Accept-Post", "application/sdp")), ("/some-session-or-other", "PATCH", ("Accept-Patch", FRAGMENT_TYPE))],
)
async def test_whip_06_preflight_needs_no_token(house: House, path: str, method: str, accepts: tuple[str, str]) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": method}
    answer = await house.client.options(f"/whip/{house.stream}{path}", headers=headers)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type", "If-Match"} <= set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert answer.headers[accepts[0]] == accepts[1]


async def test_whip_06_other_origins_may_read_what_they_need(house: House) -> None:
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Location", "ETag", "Link"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))


async def test_whip_07_the_answer_holds_all_candidates(house: House) -> None:
    text = await (await post_offer(house.client, house.stream, offer(), token="good")).text()
    assert re.findall(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host", text)
    assert "a=end-of-candidates" in text


async def test_whip_10_a_full_house_says_when_to_come_back(make_house: MakeHouse) -> None:
    house = await make_house(max_sessions=1)
    assert (await post_offer(house.client, house.stream, offer(), token="good")).status == 201
    answer = await post_offer(house.client, house.other_stream, offer(), token="elsewhere")
    assert await problem(answer, 503) == "media_full"
    assert int(answer.headers["Retry-After"]) > 0


async def test_whip_12_delete_ends_the_session_and_frees_it(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    answer = await house.client.delete(publisher.location, headers=bearer("good", If_Match='"stale"'))  # which it ignores
    assert answer.status == 200
    await until(lambda: publisher.peer.connectionState == "closed", what="the peer's notice of the end")
    assert house.status().publishing is False
    assert house.output().pauses == 1
    assert await problem(await house.client.delete(publisher.location, headers=bearer("good")), 404) == "session_not_found"


async def test_whip_13_the_end_revokes_consent_at_once(house: House, make_publisher: MakePublisher) -> None:
    """Nobody answers on the session's socket any more: its port is free again."""
    publisher = make_publisher()
    answer = await publisher.publish(house.client, house.stream, "good")
    port = int(re.search(r"127\.0\.0\.1 (\d+) typ host", await answer.text())[1])  # type: ignore[index]
    await until(house.flows, what="the first picture")
    await house.client.delete(publisher.location, headers=bearer("good"))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", port)
    )
    transport.close()


async def test_whip_14_a_patch_of_another_type_or_malformed_is_refused(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    body = fragment(publisher, candidate(1))
    assert await problem(await patch(house, publisher, body, Content_Type="application/sdp"), 415) == "sdpfrag_needed"
    assert await problem(await patch(house, publisher, "{}"), 400) == "fragment_malformed"
    assert await problem(await patch(house, publisher, "a=candidate:what"), 400) == "candidate_malformed"
    assert await problem(await patch(house, publisher, "a=x\r\n" * 5000), 413) == "fragment_too_large"


async def test_whip_15_an_ice_restart_is_unsupported(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    restart = fragment(publisher, candidate(1), ufrag="new0")
    assert await problem(await patch(house, publisher, restart, If_Match="*"), 422) == "ice_restart_unsupported"
    assert await problem(await patch(house, publisher, restart), 422) == "ice_restart_unsupported"
    seen = len(house.output().pictures)
    await until(lambda: len(house.output().pictures) > seen + 5, what="media after the refused restart")


async def test_whip_16_each_session_has_a_strong_etag_of_its_own(house: House) -> None:
    tags = []
    for _ in range(3):
        answer = await post_offer(house.client, house.stream, offer(), token="good", query={"takeover": "1"})
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 3
    assert all(re.fullmatch(r'"[^"]{16,}"', tag) for tag in tags)


async def test_whip_17_a_patch_must_name_the_session_it_means(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    body = fragment(publisher, candidate(1))
    assert await problem(await patch(house, publisher, body, If_Match=""), 428) == "if_match_needed"
    assert await problem(await patch(house, publisher, body, If_Match='"of another time"'), 412) == "etag_stale"


async def test_whip_18_trickled_candidates_are_taken_and_useless_ones_dropped(
    house: House, make_publisher: MakePublisher
) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    body = fragment(
        publisher,
        candidate(1, address="127.0.0.1"),
        candidate(2, transport="tcp"),
        candidate(3, address="7cb6c4ba-5b9f-4a1f-9f6b-0a4b8f2c1d33.local"),
        candidate(4, address="no.such.host.example"),
        "a=end-of-candidates",
    )
    answer = await patch(house, publisher, body)
    assert answer.status == 204
    assert await answer.read() == b""
    assert "ETag" not in answer.headers


async def test_whip_18_a_publisher_may_trickle_all_its_candidates(house: House, make_publisher: MakePublisher) -> None:
    """The offer has none, as a browser's that does not wait; the address comes by PATCH."""
    publisher = make_publisher()
    full = await publisher.offer()
    bare = "".join(line for line in full.splitlines(keepends=True) if "candidate" not in line)
    answer = await post_offer(house.client, house.stream, bare, token="good")
    publisher.location, publisher.etag = answer.headers["Location"], answer.headers["ETag"]
    lines = [line for line in full.splitlines() if line.startswith("a=candidate")]
    assert (await patch(house, publisher, fragment(publisher, *lines[:1]))).status == 204
    await publisher.accept(await answer.text())
    await until(house.flows, what="the first picture")


async def test_whip_21_bundled_sections_share_one_port_for_rtp_and_rtcp(house: House) -> None:
    text = await (await post_offer(house.client, house.stream, offer(), token="good")).text()
    assert "a=group:BUNDLE 0 1\r\n" in text
    assert text.count("a=rtcp-mux\r\n") == text.count("a=rtcp-mux-only\r\n") == text.count("\nm=") == 2
    for without, code in (("a=rtcp-mux", "rtcp_mux_needed"), ("a=group", "bundle_needed")):
        answer = await post_offer(house.client, house.stream, offer(without=without), token="good")
        assert await problem(answer, 422) == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (offer(SESSION, AUDIO, VIDEO, VIDEO), "tracks_unsupported"),
        (offer(SESSION, AUDIO, AUDIO, VIDEO), "tracks_unsupported"),
        (offer(instead=("a=msid:stream picture", "a=msid:another picture")), "one_stream_needed"),
    ],
)
async def test_whip_22_one_stream_of_one_sound_and_one_picture(house: House, raw: bytes, code: str) -> None:
    assert await problem(await post_offer(house.client, house.stream, raw, token="good"), 422) == code


async def test_whip_23_one_bad_section_refuses_the_whole_offer(house: House) -> None:
    raw = offer(SESSION, AUDIO, VIDEO, ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2"))
    assert await problem(await post_offer(house.client, house.stream, raw, token="good"), 422) == "tracks_unsupported"
    assert house.service.status(house.stream) is None


async def test_whip_24_every_sensible_setup_is_answered(house: House) -> None:
    for offered, answered in (("actpass", "passive"), ("active", "passive"), ("passive", "active")):
        raw = offer(instead=("a=setup:actpass", f"a=setup:{offered}"))
        answer = await post_offer(house.client, house.stream, raw, token="good", query={"takeover": "1"})
        assert f"a=setup:{answered}\r\n" in await answer.text()
    raw = offer(instead=("a=setup:actpass", "a=setup:holdconn"))
    assert await problem(await post_offer(house.client, house.stream, raw, token="good"), 422) == "setup_unsupported"


async def test_whip_25_ice_servers_are_named_to_those_who_may_publish(make_house: MakeHouse) -> None:
    servers = ("stun:stun.example:3478", "turn:hong:p%22w@turn.example:3478?transport=tcp")
    house = await make_house(ice_servers=tuple(map(read_ice_server, servers)))
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert answer.headers.getall("Link") == [
        '<stun:stun.example:3478>; rel="ice-server"',
        (
            '<turn:turn.example:3478?transport=tcp>; rel="ice-server"; username="hong"; credential="p\\"w"; '
            'credential-type="password"'
        ),
    ]
    assert "Link" not in (await house.client.options(f"/whip/{house.stream}")).headers


@pytest.mark.parametrize("authorization", ["", "Basic Z29vZDo=", "Bearer ", "Bearer wrong", "good", "Bearer " + "x" * 600])
async def test_whip_26_a_token_is_needed(house: House, authorization: str) -> None:
    headers = {"Content-Type": "application/sdp"} | ({"Authorization": authorization} if authorization else {})
    answer = await house.client.post(f"/whip/{house.stream}", data=offer(), headers=headers)
    assert await problem(answer, 401) in ("token_needed", "token_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_whip_26_patch_and_delete_need_the_token_too(house: House, make_publisher: MakePublisher) -> None:
    publisher = make_publisher()
    await connected(house, publisher)
    for headers in ({}, bearer("wrong"), bearer("elsewhere"), bearer("second")):
        answer = await house.client.delete(publisher.location, headers=headers)
        assert await problem(answer, 401) in ("token_needed", "token_refused")
        sent = headers | {"Content-Type": FRAGMENT_TYPE, "If-Match": publisher.etag}
        answer = await house.client.patch(publisher.location, data=fragment(publisher, candidate(1)), headers=sent)
        assert await problem(answer, 401) in ("token_needed", "token_refused")
    assert house.status().publishing


async def test_whip_28_simulcast_is_plainly_not_taken(house: House) -> None:
    raw = offer(extra=("a=rid:h send", "a=rid:l send", "a=simulcast:send h;l"))
    answer = await post_offer(house.client, house.stream, raw, token="good")
    assert answer.status == 201
    assert "simulcast" not in await answer.text()


async def test_whip_30_who_knocks_too_often_is_told_to_wait(make_house: MakeHouse) -> None:
    house = await make_house(post_burst=3, post_per_second=0.1)
    answers = [await post_offer(house.client, house.stream, b"", token="wrong") for _ in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    assert await problem(answers[-1], 429) == "too_many_attempts"
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 10
    # A host behind the same address is not kept out by whoever knocks with a wrong token, and has a count of his own.
    genuine = [await post_offer(house.client, house.stream, b"", token="good") for _ in range(4)]
    assert [answer.status for answer in genuine] == [400, 400, 400, 429]


async def test_whip_30_patch_and_delete_are_limited_too(make_house: MakeHouse) -> None:
    house = await make_house(post_burst=1, post_per_second=0.01)
    place = f"/whip/{house.stream}/no-such-session-0000"
    answers = [await house.client.delete(place, headers=bearer("good")) for _ in range(7)]
    assert [answer.status for answer in answers] == [404] * 6 + [429]
    headers = bearer("good") | {"Content-Type": FRAGMENT_TYPE}
    assert await problem(await house.client.patch(place, data="", headers=headers), 429) == "too_many_attempts"


async def test_whip_31_session_urls_cannot_be_guessed(house: House) -> None:
    places = set()
    for _ in range(5):
        answer = await post_offer(house.client, house.stream, offer(), token="good", query={"takeover": "1"})
        places.add(answer.headers["Location"].rsplit("/", 1)[1])
    assert len(places) == 5
    assert all(len(place) >= 32 for place in places)  # 192 bits


async def test_whip_32_an_offer_has_its_bounds_and_the_session_that_keeps_them_is_taken(house: House) -> None:
    """For what is far beyond them, and its cost, see `test_bombs.py`."""
    over = {
        offer(extra=("a=x:" + "x" * 64 * 1024,)): (413, "offer_too_large"),
        offer(extra=tuple(candidate(number) for number in range(51))): (422, "offer_too_many_candidates"),
        offer(SESSION, *[AUDIO] * 9): (422, "offer_too_many_sections"),
    }
    for raw, (status, code) in over.items():
        assert await problem(await post_offer(house.client, house.stream, raw, token="good"), status) == code
    within = offer(extra=tuple(candidate(number) for number in range(50)))
    assert (await post_offer(house.client, house.stream, within, token="good")).status == 201


async def test_whip_33_a_session_that_never_connects_is_freed(make_house: MakeHouse) -> None:
    house = await make_house(dtls_timeout=0.5)
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert answer.status == 201

    async def gone() -> bool:
        answer_ = await house.client.delete(answer.headers["Location"], headers=bearer("good"))
        return answer_.status == 404

    await until(lambda: house.status().publisher_id is None, what="the end of the session")
    assert await gone()


async def test_whip_33_one_address_has_so_many_sessions_and_no_more(make_house: MakeHouse) -> None:
    house = await make_house(max_sessions_per_address=1)
    assert (await post_offer(house.client, house.stream, offer(), token="good")).status == 201
    answer = await post_offer(house.client, house.other_stream, offer(), token="elsewhere")
    assert await problem(answer, 503) == "address_full"


async def test_whip_33_one_token_has_one_session(house: House) -> None:
    assert (await post_offer(house.client, house.stream, offer(), token="good")).status == 201
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert await problem(answer, 409) == "publisher_active"


def client_hello() -> bytes:
    """A handshake's beginning as OpenSSL writes it."""
    connection = SSL.Connection(SSL.Context(SSL.DTLS_METHOD), None)
    connection.set_connect_state()
    with contextlib.suppress(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(4096)


STRAYS = {
    "nothing": b"",
    "handshake": client_hello(),
    "alert": b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x02\x28",
    "media": b"\x80\x60" + bytes(30),
    "reports": bytes.fromhex("80c80006000000010000000000000000"),
    "check": b"\x00\x01\x00\x00!\x12\xa4B" + bytes(12),
    "noise": b"\xff",
}


@pytest.mark.parametrize("kind", STRAYS)
async def test_whip_34_stray_datagrams_leave_the_session_alive(house: House, make_publisher: MakePublisher, kind: str) -> None:
    """Sent before, while and after the handshake takes place, from an address that nobody knows."""
    publisher = make_publisher()
    answer = await post_offer(house.client, house.stream, await publisher.offer(), token="good")
    text = await answer.text()
    port = int(re.search(r"127\.0\.0\.1 (\d+) typ host", text)[1])  # type: ignore[index]
    session = house.service.open(house.stream).session
    assert session is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:  # asyncio's would not send an empty datagram
        sent = 0

        def pictures_in_spite_of_strays() -> bool:
            nonlocal sent
            stranger.sendto(STRAYS[kind], ("127.0.0.1", port))
            sent += 1
            return house.flows() and len(house.output().pictures) > 20

        for _ in range(5):
            pictures_in_spite_of_strays()
        await publisher.accept(text)
        await until(pictures_in_spite_of_strays, what="media among the strays")
        seen = len(house.output().pictures)
        await until(lambda: len(house.output().pictures) > seen + 10, what="media after them")
    (guard,) = sockets_of(connection_of(session._pc.getTransceivers()[0].receiver.transport.transport))
    assert isinstance(guard, GuardedSocket)
    assert guard.dropped >= sent * (kind != "check")  # a check is answered; it has the wrong password
    assert publisher.peer.connectionState == "connected"
