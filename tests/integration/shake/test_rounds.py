"""A session from its announcement to its proof, on both databases; time is the test's."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from server.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from server.core.ids import new_id
from server.identity import Member
from server.shake import verified
from server.shake.draw import commitment, session_code
from server.shake.model import Draw, DrawState, Passed, RoundState, ShakeState
from server.shake.wire_proof import ProofOut
from tests.support.shaken import NONCE, Hall, faults_of


async def test_a_session_from_its_announcement_to_its_proof(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced(favour=3)
    found = await hall.opened(shake)
    kept = [await one.shake(each, shake) for each in hall.members]
    await hall.closed(found)
    found = await hall.revealed(found)
    assert (found.state, found.size, found.total_weight) == (RoundState.REVEALED, len(kept), 3 * len(kept))

    (first,) = await hall.offers()
    declined = await one.drawing.decline(hall.member(first.member_id), first.id)
    assert declined.state is DrawState.DECLINED
    (second,) = await hall.offers()
    assert second.secretary_id == first.secretary_id == hall.secretaries[0].id
    assert second.member_id != first.member_id, "not twice in one round"
    hall.clock.advance(34)
    await one.look()
    (third,) = await hall.offers()
    assert len({first.member_id, second.member_id, third.member_id}) == 3
    accepted = await one.drawing.accept(hall.member(third.member_id), third.id)
    assert accepted.state is DrawState.ACCEPTED
    assert accepted.talk_id is not None
    assert await one.drawing.accept(hall.member(third.member_id), third.id) == accepted

    desk = await one.desks.desk(hall.secretaries[0], shake.id)
    assert (desk.figures.drawn, desk.figures.declined, desk.figures.lapsed, desk.figures.accepted) == (3, 1, 1, 1)
    assert [each.member_id for each in desk.accepted] == [third.member_id]
    assert set(desk.people) == {each.id for each in hall.secretaries} | {third.member_id}, "names of those who accepted alone"
    own = await one.desks.own(hall.member(third.member_id), shake.id)
    assert own.talk == accepted.talk_id
    assert own.why_not is not None
    assert own.why_not.code == "already_drawn"

    closed = await one.shakes.close(hall.owner, shake.id)
    assert closed.state is ShakeState.CLOSED
    proof = await one.proofs.of(hall.members[0], shake.id)
    (listed,) = proof.lists.values()
    assert hashlib.sha256(listed.encode()).hexdigest() == proof.rounds[0].list_hash
    assert sorted(listed.splitlines()[1:]) == sorted(f"{each.pseudonym} {each.nonce} 3" for each in kept)
    assert [each.n for each in proof.draws] == list(range(1, len(proof.draws) + 1))
    assert await faults_of(one.database, shake.id, kept) == []
    told = ProofOut.of(proof)
    code = session_code(
        shake.id,
        (told.seed_commitment, told.receipt_key, told.favour, told.seed),
        [(each.number, each.nonce_commitment, each.list_hash, each.nonce) for each in told.rounds],
        [(e.round, e.n, e.pseudonym, e.result, e.secretary and e.secretary.id) for e in told.draws],
    )
    held = (await verified(one.database, shake.id)).held
    assert any(words.endswith(f"is {code}") for words in held), "the proof and the journal have one code"


async def test_one_ticket_for_one_person_whatever_the_devices(either: Hall) -> None:
    hall, one, who = either, either.one, either.members[0]
    shake = await hall.announced()
    found = await hall.opened(shake)
    first = new_id()
    told = await one.shake(who, shake, first, "a" * 16)
    hall.clock.advance(1)
    assert await one.shake(who, shake, first, "a" * 16) == told
    assert await one.shake(who, shake, new_id(), "b" * 16) == told, "another device"
    with pytest.raises(Conflict, match="client_id_reused"):
        await one.shake(who, shake, first, "c" * 16)
    async with hall.another() as restarted:
        assert await restarted.shake(who, shake, first, "a" * 16) == told
    await hall.closed(found)
    await hall.revealed(found)
    again = await hall.opened(shake, nonce=bytes(32))
    assert await one.shake(who, shake, first, "a" * 16) == told, "the answer that was lost, and no ticket of this round"
    other = await one.shake(who, shake)
    assert (other.number, other.pseudonym) == (again.number, told.pseudonym)
    assert await faults_of(one.database, shake.id, [told]) == []


async def test_who_has_talked_in_another_session_since_they_shook_is_passed_over(either: Hall) -> None:
    hall, one, who = either, either.one, either.members[0]
    first, second = hall.secretaries
    here = await hall.announced(secretaries=(first.id,), exclusion_days=30)
    there = await hall.announced(secretaries=(second.id,), exclusion_days=30)
    without = await hall.announced(secretaries=(second.id,), exclusion_days=0)
    opened = [await hall.opened(here), await hall.opened(there, 1), await hall.opened(without, 1)]
    kept = [await one.shake(who, each) for each in (here, there, without)]
    await hall.closed(opened[0])
    await hall.revealed(opened[0])
    (offer,) = await hall.offers()
    accepted = await one.drawing.accept(who, offer.id)
    await one.talks.end(who, accepted.talk_id)
    await hall.revealed(opened[1], 1)
    assert await hall.offers() == [], "the days of exclusion hold over all sessions"
    proof = await one.proofs.of(who, there.id)
    assert [each.reason for each in proof.draws] == [Passed.RECENTLY.value]
    await hall.revealed(opened[2], 1)
    (offer,) = await hall.offers()
    assert (offer.shake_id, offer.member_id) == (without.id, who.id)
    await one.shakes.close(hall.owner, there.id)
    assert await faults_of(one.database, there.id, kept[1:2]) == []


async def test_who_runs_a_session_is_not_told_who_talked_with_whom(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced()
    await hall.round_with(shake, hall.members)
    (offer,) = await hall.offers()
    await one.drawing.accept(hall.member(offer.member_id), offer.id)
    for other in (hall.owner, hall.secretaries[1]):
        desk = await one.desks.desk(other, shake.id)
        assert desk.figures.accepted == 1
        assert desk.accepted == []
        assert set(desk.people) == {each.id for each in hall.secretaries}
    assert [each.id for each in (await one.desks.desk(hall.secretaries[0], shake.id)).accepted] == [offer.id]


async def test_who_may_not_shake_is_told_why(hall: Hall) -> None:
    one, who = hall.one, hall.members[0]
    shake = await hall.announced(opens_at=hall.clock.now() + timedelta(minutes=5))
    with pytest.raises(Conflict, match="round_not_open"):
        await one.shake(who, shake)
    with pytest.raises(Forbidden, match="not_eligible"):
        await one.shake(hall.secretaries[0], shake)
    prepared = await one.rounds.prepare(hall.secretaries[0], shake.id, commitment(NONCE))
    with pytest.raises(Conflict, match="shake_not_open"):
        await one.rounds.open(hall.secretaries[0], shake.id)
    hall.clock.advance(300)
    await one.look()
    assert (await one.shakes.find(who, shake.id)).state is ShakeState.OPEN
    await one.rounds.open(hall.secretaries[0], shake.id)
    hall.clock.advance(32)
    await one.shake(who, shake)
    hall.clock.advance(0.001)
    with pytest.raises(Conflict, match="too_late"):
        await one.shake(hall.members[1], shake)
    hall.clock.advance(1)
    await one.look()
    await hall.revealed(prepared)
    (offer,) = await hall.offers()
    await one.drawing.accept(who, offer.id)
    again = await hall.opened(shake, nonce=bytes(32))
    with pytest.raises(Conflict, match="already_drawn"):
        await one.shake(who, shake)
    await hall.closed(again)

    later = await hall.announced(secretaries=(hall.secretaries[1].id,), exclusion_days=30, favour=2)
    await hall.opened(later, 1)
    with pytest.raises(AppError, match="recently_talked"):
        await one.shake(who, later)
    assert (await one.shake(hall.members[1], later)).weight == 2
    hall.clock.advance(31 * 24 * 3600)
    free = await hall.announced(exclusion_days=30, favour=2, secretaries=(hall.secretaries[1].id,))
    await hall.opened(free, 1, nonce=bytes(32))
    assert (await one.shake(who, free)).weight == 1, "who has been drawn is not favoured"


async def test_a_nonce_that_is_not_told_makes_the_round_void(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced()
    found = await hall.opened(shake)
    await one.shake(hall.members[0], shake)
    with pytest.raises(Conflict, match="round_not_closed"):
        await hall.revealed(found)
    with pytest.raises(Conflict, match="round_under_way"):
        await one.rounds.prepare(hall.secretaries[1], shake.id, commitment(bytes(32)))
    await hall.closed(found)
    with pytest.raises(Invalid, match="nonce_wrong"):
        await hall.revealed(found, nonce=bytes(32))
    with pytest.raises(Forbidden, match="not_yours"):
        await hall.revealed(found, 1)
    with pytest.raises(Conflict, match="round_under_way"):
        await one.shakes.close(hall.owner, shake.id)
    hall.clock.advance(91)
    await one.look()
    with pytest.raises(Conflict, match="round_void"):
        await hall.revealed(found)
    assert await hall.offers() == []
    empty = await hall.opened(shake, 1, nonce=bytes(32))
    await hall.closed(empty)
    await one.shakes.close(hall.owner, shake.id)
    proof = await one.proofs.of(hall.owner, shake.id)
    assert [each.state for each in proof.rounds] == [RoundState.VOID, RoundState.EMPTY]
    assert await faults_of(one.database, shake.id) == []


async def test_two_secretaries_draw_two_people_and_everybody_once(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced()
    found = await hall.round_with(shake, hall.members[:3])
    client_id = new_id()
    drawn = await one.drawing.draw(hall.secretaries[1], shake.id, found.number, client_id=client_id)
    assert await one.drawing.draw(hall.secretaries[1], shake.id, found.number, client_id=client_id) == drawn
    with pytest.raises(Conflict, match="secretary_busy"):
        await one.drawing.draw(hall.secretaries[1], shake.id, found.number, client_id=new_id())
    with pytest.raises(Conflict, match="client_id_reused"):
        await one.drawing.draw(hall.secretaries[1], shake.id, found.number + 1, client_id=client_id)
    first, second = await hall.offers()
    assert first.member_id != second.member_id
    for each in (first, second):
        await one.drawing.decline(hall.member(each.member_id), each.id)
    (last,) = await hall.offers()
    assert len({each.member_id for each in (first, second, last)}) == 3
    await one.drawing.withdraw(hall.secretaries[0], last.id, go_on=True)
    assert await hall.offers() == []
    with pytest.raises(Conflict, match="list_exhausted"):
        await one.drawing.draw(hall.secretaries[0], shake.id, found.number, client_id=new_id())
    again = await hall.round_with(shake, hall.members[:1], 1, nonce=bytes(32))
    (offer,) = await hall.offers()
    assert offer.number == again.number, "who declined may be drawn in another round"
    await one.shakes.close(hall.owner, shake.id)
    assert await hall.offers() == [], "the close takes back what waits"
    assert await faults_of(one.database, shake.id) == []


async def test_a_secretary_has_three_replaced_in_a_session_and_may_always_take_back(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced()
    found = await hall.round_with(shake, hall.members)
    first, other = hall.secretaries

    async def offer_of(secretary: Member) -> Draw:
        return next(each for each in await hall.offers() if each.secretary_id == secretary.id)

    for left in (3, 2, 1):
        assert (await one.desks.desk(first, shake.id)).replacements == left
        offer = await offer_of(first)
        await one.drawing.withdraw(first, offer.id, go_on=left != 2)
        assert (await one.drawing.withdraw(first, offer.id, go_on=True)).state is DrawState.WITHDRAWN, (
            "asked again it is the same"
        )
        if left == 2:
            await one.drawing.draw(first, shake.id, found.number, client_id=new_id())
    offer = await offer_of(first)
    with pytest.raises(Conflict, match="withdrawals_used_up"):
        await one.drawing.withdraw(first, offer.id, go_on=True)
    assert await offer_of(first) == offer, "it still waits"
    await one.drawing.withdraw(first, offer.id, go_on=False)
    with pytest.raises(Conflict, match="withdrawals_used_up"):
        await one.drawing.draw(first, shake.id, found.number, client_id=new_id())
    desk = await one.desks.desk(first, shake.id)
    assert (desk.replacements, desk.may_draw) == (0, False)

    theirs = await one.desks.desk(other, shake.id)
    assert (theirs.replacements, theirs.may_draw) == (3, True), "another secretary is not hurt by it"
    await one.drawing.draw(other, shake.id, found.number, client_id=new_id())
    await one.drawing.decline(hall.member((await offer_of(other)).member_id), (await offer_of(other)).id)
    await hall.round_with(shake, hall.members[:3], nonce=bytes(32))
    declined = await offer_of(first)
    await one.drawing.decline(hall.member(declined.member_id), declined.id)
    assert (await offer_of(first)).id != declined.id, "in another round somebody is drawn, and another where that one declines"

    draws = (await one.proofs.of(hall.owner, shake.id)).draws
    assert [each.secretary_id for each in draws if each.state is DrawState.WITHDRAWN] == [first.id] * 4
    await one.shakes.close(hall.owner, shake.id)
    assert await faults_of(one.database, shake.id) == []


async def test_who_sits_in_another_offer_or_has_left_is_passed_over(either: Hall) -> None:
    hall, one = either, either.one
    here, there = await hall.announced(), await hall.announced(secretaries=(hall.secretaries[1].id,))
    other = await hall.opened(there, 1)
    for each in hall.members[:2]:
        await one.shake(each, there)
    found = await hall.opened(here)
    for each in hall.members[:2]:
        await one.shake(each, here)
    await hall.closed(found)
    await hall.revealed(found)
    (offer,) = await hall.offers()
    async with one.database.transaction() as session:
        connection = await session.connection()
        gone = next(each.id for each in hall.members[:2] if each.id != offer.member_id)
        await connection.exec_driver_sql(f"UPDATE members SET disabled_at = 1 WHERE id = '{gone}'")  # noqa: S608
    await hall.revealed(other, 1)
    assert await hall.offers() == [offer], "nobody of the two could have it"
    draws = (await one.proofs.of(hall.owner, there.id)).draws
    assert {each.reason for each in draws} >= {Passed.BUSY.value, Passed.GONE.value}
    await one.shakes.close(hall.owner, there.id)
    assert await faults_of(one.database, there.id) == []


async def test_after_its_end_nobody_new_is_drawn_and_it_closes_by_itself(hall: Hall) -> None:
    one = hall.one
    shake = await hall.announced(closes_at=hall.clock.now() + timedelta(minutes=2))
    found = await hall.round_with(shake, hall.members)
    hall.clock.advance(60)
    await one.look()
    hall.clock.advance(24)
    await one.look()
    (offer,) = await hall.offers()
    hall.clock.advance(5)
    with pytest.raises(Conflict, match="shake_over"):
        await one.drawing.draw(hall.secretaries[1], shake.id, found.number, client_id=new_id())
    assert (await one.shakes.find(hall.owner, shake.id)).state is ShakeState.OPEN, "somebody is still asked"
    hall.clock.advance(34)
    await one.look()
    assert await hall.offers() == []
    await one.look()
    closed = await one.shakes.find(hall.owner, shake.id)
    assert closed.state is ShakeState.CLOSED
    with pytest.raises(Conflict, match="offer_over"):
        await one.drawing.accept(hall.member(offer.member_id), offer.id)
    assert await faults_of(one.database, shake.id) == []


async def test_a_session_of_others_and_an_offer_to_others_look_like_none(hall: Hall) -> None:
    one = hall.one
    shake = await hall.announced(branches=(hall.branch,))
    await hall.round_with(shake, hall.members)
    (offer,) = await hall.offers()
    stranger = next(each for each in hall.members if each.id != offer.member_id)
    for answer in (one.drawing.accept, one.drawing.decline):
        with pytest.raises(NotFound, match="offer_not_found"):
            await answer(stranger, offer.id)
    with pytest.raises(NotFound, match="offer_not_found"):
        await one.drawing.withdraw(hall.secretaries[1], offer.id, go_on=True)
    outside = replace(stranger, id=new_id(), branch_id=new_id())
    for look in (one.shakes.find, one.desks.own, one.desks.desk, one.proofs.of):
        with pytest.raises(NotFound, match="shake_not_found"):
            await look(outside, shake.id)


async def test_a_long_list_is_written_in_parts_and_any_process_goes_on(either: Hall) -> None:
    hall, one = either, either.one
    shake = await hall.announced()
    found = await hall.opened(shake)
    kept = [await one.shake(each, shake) for each in hall.members]
    hall.clock.advance(34)
    async with hall.another() as other:
        for each in (one, other):
            each.rounds._listing._part = 2
        listing = one.rounds._listing
        await listing._stop(shake.id, found.number)
        assert await listing._list(shake.id, found.number) is True
        assert await other.rounds._listing._list(shake.id, found.number) is True
        await other.look()
    proof = await one.proofs.of(hall.owner, shake.id)
    assert (proof.rounds[0].parts, proof.rounds[0].size) == (3, len(kept))
    assert await faults_of(one.database, shake.id, kept) == []
