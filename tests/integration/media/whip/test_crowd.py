"""Many publishers at once, and neighbours behind one address: the limits hold, and nobody pays for another."""

import asyncio

import pytest
from aiohttp import ClientResponse

from server.core.ids import new_id
from tests.integration.media.whip.conftest import House, MakeHouse
from tests.support.offers import candidate, offer
from tests.support.publishing import post_offer

FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
UFRAG = "4ZcD"  # of the written offer


async def crowd(house: House, count: int) -> list[ClientResponse]:
    """So many publishers at the same moment, each with a stream of its own."""
    streams = [new_id() for _ in range(count)]
    house.door.tokens |= {f"token {stream}": (stream, f"host of {stream}") for stream in streams}
    return await asyncio.gather(*(post_offer(house.client, stream, offer(), token=f"token {stream}") for stream in streams))


@pytest.mark.parametrize(
    ("limit", "code"), [({"max_sessions": 2}, "media_full"), ({"max_sessions_per_address": 2}, "address_full")]
)
async def test_those_who_come_at_once_share_the_places_there_are(
    make_house: MakeHouse, limit: dict[str, int], code: str
) -> None:
    house = await make_house(**limit)
    answers = await crowd(house, 6)
    assert sorted(answer.status for answer in answers) == [201, 201, 503, 503, 503, 503]
    assert {(await answer.json())["code"] for answer in answers if answer.status == 503} == {code}
    assert sum(house.status(stream).publisher_id is not None for stream in house.service.stream_ids()) == 2


async def test_a_place_that_was_not_taken_is_free_again(make_house: MakeHouse) -> None:
    """Its port range is exhausted by what it was let in for."""
    taken, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    port = taken.get_extra_info("sockname")[1]
    house = await make_house(max_sessions=1, ports=(port, port))
    (refused,) = await crowd(house, 1)
    assert (await refused.json())["code"] == "media_ports_exhausted"
    taken.close()
    (accepted,) = await crowd(house, 1)
    assert accepted.status == 201


async def test_a_neighbour_cannot_keep_a_host_from_its_session(make_house: MakeHouse) -> None:
    """Behind the same address somebody touches sessions with a wrong token; only that is charged to the address."""
    house = await make_house(post_burst=1, post_per_second=0.01)
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    assert answer.status == 201
    place, etag = answer.headers["Location"], answer.headers["ETag"]
    wrong = [await house.client.delete(place, headers={"Authorization": "Bearer wrong"}) for _ in range(9)]
    assert [answer.status for answer in wrong] == [401] * 6 + [429] * 3
    good = {"Authorization": "Bearer good"}
    body = f"a=ice-ufrag:{UFRAG}\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlI4\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
    patch = good | {"Content-Type": FRAGMENT_TYPE, "If-Match": etag}
    answer = await house.client.patch(place, data=body + candidate(1, address="127.0.0.1") + "\r\n", headers=patch)
    assert answer.status == 204, await answer.text()
    assert (await house.client.delete(place, headers=good)).status == 200


async def test_whoever_holds_a_session_has_a_count_of_his_own(make_house: MakeHouse) -> None:
    house = await make_house(post_burst=1, post_per_second=0.01)
    answer = await post_offer(house.client, house.stream, offer(), token="good")
    place = answer.headers["Location"]
    headers = {"Authorization": "Bearer good", "Content-Type": FRAGMENT_TYPE}
    answers = [await house.client.patch(place, data="", headers=headers) for _ in range(7)]
    assert [answer.status for answer in answers[:6]] == [answers[0].status] * 6
    assert answers[0].status in (400, 428)
    assert answers[6].status == 429
