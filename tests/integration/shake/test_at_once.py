"""Two processes at once: each thing happens once, whoever comes first."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from server.core.errors import AppError
from server.core.ids import new_id
from server.shake.draw import commitment
from server.shake.model import DrawState, RoundState
from server.shake.ticket_store import Kept
from tests.support.shaken import NONCE, Hall, faults_of, hall


async def settled(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """What came of each; refusals as they are, anything else is raised."""
    found = await asyncio.gather(*work, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, AppError):
            raise each
    return found


@pytest.fixture
async def crowd(tmp_path: Any, postgres_url: str) -> Any:
    async with hall(postgres_url, tmp_path, members=60) as here:
        yield here


@pytest.mark.postgres
async def test_everything_at_once_from_two_processes_happens_once(crowd: Hall) -> None:
    here, one = crowd, crowd.one
    shake = await here.announced(favour=2)
    first, second = here.secretaries
    async with here.another() as two:
        prepared = await settled(
            one.rounds.prepare(first, shake.id, commitment(NONCE)), two.rounds.prepare(first, shake.id, commitment(NONCE))
        )
        assert prepared[0] == prepared[1]
        opened = await settled(*(each.rounds.open(first, shake.id) for each in (one, two, one, two)))
        assert {each.closes_at for each in opened} == {opened[0].closes_at}
        number = opened[0].number

        same = {each.id: new_id() for each in here.members}
        told: list[Kept] = await settled(
            *(each.shake(who, shake, same[who.id]) for who in here.members for each in (one, two)),
            *(each.shake(who, shake) for who in here.members[:20] for each in (two, one)),
        )
        assert len({(each.member_id, each.receipt) for each in told}) == len(here.members)
        here.clock.advance(34)
        for each in (one, two):
            each.rounds._listing._part = 7
        await settled(*(each.look() for each in (one, two, one, two)))
        revealed = await settled(*(each.rounds.reveal(first, shake.id, number, NONCE.hex()) for each in (one, two)))
        assert {each.state for each in revealed} == {RoundState.REVEALED}
        assert len(await here.offers()) == 1
        await settled(*(each.drawing.draw(second, shake.id, number, client_id=new_id()) for each in (one, two, one, two)))
        assert len(await here.offers()) == 2

        for turn in range(8):  # all answers at once, in time and too late, and the clock besides
            offers = await here.offers()
            here.clock.advance(33 if turn % 2 else 10)
            await settled(
                *(each.drawing.decline(here.member(offer.member_id), offer.id) for offer in offers for each in (one, two)),
                *(each.drawing.look() for each in (one, two)),
            )
        offers = await here.offers()
        assert len(offers) == 2, "a next one for each of the two secretaries"
        answers = await settled(
            *(each.drawing.accept(here.member(offer.member_id), offer.id) for offer in offers for each in (one, two)),
            *(one.drawing.decline(here.member(offer.member_id), offer.id) for offer in offers),
        )
        talks = {each.talk_id for each in answers if not isinstance(each, AppError) and each.state is DrawState.ACCEPTED}
        async with one.database.reading() as session:
            busy = await one.talks.busy(session, [each.id for each in (*here.members, first, second)])
        assert len(busy) == 2 * len(talks)
        await settled(*(each.shakes.close(here.owner, shake.id) for each in (one, two)))
        assert await faults_of(one.database, shake.id, told) == []


@pytest.mark.postgres
async def test_two_sessions_never_offer_the_same_member_twice(crowd: Hall) -> None:
    """Both have the same two people on their lists, so the draws meet."""
    here, one = crowd, crowd.one
    first, second = here.secretaries
    sessions = [await here.announced(secretaries=(each.id,)) for each in (first, second)]
    async with here.another() as two:
        rounds = []
        for place, shake in enumerate(sessions):
            rounds.append(await here.opened(shake, place))
            for who in here.members[:3]:
                await one.shake(who, shake)
        here.clock.advance(34)
        await one.look()
        await settled(
            one.rounds.reveal(first, sessions[0].id, rounds[0].number, NONCE.hex()),
            two.rounds.reveal(second, sessions[1].id, rounds[1].number, NONCE.hex()),
        )
        for _ in range(2):
            offers = await here.offers()
            assert len({each.member_id for each in offers}) == len(offers)
            await settled(
                *(
                    each.drawing.decline(here.member(offer.member_id), offer.id)
                    for each, offer in zip((one, two), offers, strict=False)
                )
            )
    for shake in sessions:
        await one.shakes.close(here.owner, shake.id)
        assert await faults_of(one.database, shake.id) == []
