"""摇一摇 in the demo: a session that is over, with its proof and the talks it led to; one that is open, one to come.

What is over happened then, step by step through the services, each of them at its own moment: somebody's page committed to a
nonce, members shook, those who were drawn answered, two of them talked. It is added once, and before anything looks at the
clock (`FURNISHING`), since whatever it leaves open for a moment is long overdue. Open and coming ones are announced again by a
later start once there are none, so that whoever tries the demo finds something to shake for.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import structlog

from server.conversations import Conversations, KeyStep, KeyTaken
from server.core.clock import Clock
from server.core.ids import new_id
from server.identity import Identity, Member, Role
from server.shake import Desks, Drawing, Rounds, ShakePlan, Shakes, ShakeState, Shaking
from server.talks import Afterwards, Talks

from .meetings import At, in_silence
from .organisation import Sample, as_signed_in, member_as

log = structlog.get_logger(__name__)

GUESTS = ("M006", "M010")  # as whom the demo is tried: they are to find nothing that keeps them from shaking
_OWNERS = (Role.COMMITTEE_SECRETARY, Role.BRANCH_SECRETARY)
_ANNOUNCED = timedelta(days=1)  # before it begins
_BEFORE = timedelta(minutes=2)  # how long ago the open one has begun
_LISTED = timedelta(seconds=4)  # after the end of a round
_CONFIRMED = (
    (0, KeyStep.HELLO, 0),
    (1, KeyStep.HELLO, 0),
    (0, KeyStep.COMMIT, 32),
    (1, KeyStep.REVEAL_SECOND, 65),
    (0, KeyStep.REVEAL_FIRST, 65),
    (1, KeyStep.CONFIRMED, 32),
    (0, KeyStep.CONFIRMED, 32),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """Services that stand at one moment."""

    shakes: Shakes
    rounds: Rounds
    shaking: Shaking
    drawing: Drawing
    desks: Desks
    talks: Talks
    conversations: Conversations
    afterwards: Afterwards


Services = Callable[[Clock], Parts]


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who takes part. `secretaries`: by reference; `members`: those who may be drawn, by id; `guests`: ids."""

    secretaries: Mapping[str, Member]
    members: Mapping[str, Member]
    guests: frozenset[str]


async def add_shakes(sample: Sample, identity: Identity, services: Services, now: datetime, *, fresh: bool) -> None:
    cast = await _cast(sample, identity)
    with in_silence("server.shake"), in_silence("server.talks"), in_silence("server.conversations"):
        for given in sample.shakes:
            owner = cast.secretaries.get(given["secretaries"][0])
            if owner is None:
                continue
            plan = _plan(sample, cast, owner, given, now)
            if "rounds" not in given:
                await _announce_again(services(At(min(plan.opens_at, now))), owner, plan)
            elif fresh:
                await _hold(services, cast, owner, plan, given)
    log.info("demo_shakes_added", count=len(sample.shakes))


async def _cast(sample: Sample, identity: Identity) -> _Cast:
    people = {person.name: as_signed_in(person) for person in await identity.party_members()}
    named = {person.ref: person for person in sample.people}
    refs = {ref for given in sample.shakes for ref in given["secretaries"]}
    secretaries: dict[str, Member] = {}
    for ref in refs:
        role = next(each for each in named[ref].roles if each in _OWNERS)
        if (member := await member_as(identity, named[ref].mobile, role)) is not None:
            secretaries[ref] = member
    kept = {each.id for each in secretaries.values()}
    members = {each.id: each for each in people.values() if each.id not in kept}
    guests = frozenset(people[named[ref].name].id for ref in GUESTS if named[ref].name in people)
    return _Cast(secretaries, members, guests)


def _plan(sample: Sample, cast: _Cast, owner: Member, given: Mapping[str, Any], now: datetime) -> ShakePlan:
    """Without a time of day: it has just begun."""
    starts, hour = given["starts"], given["starts"].get("time")
    day = now.astimezone(sample.zone).date() + timedelta(days=starts["rel_days"])
    at = now - _BEFORE if hour is None else datetime.combine(day, time.fromisoformat(hour), sample.zone).astimezone(UTC)
    return ShakePlan(
        title=given["title"],
        opens_at=at,
        closes_at=at + timedelta(minutes=given["minutes"]),
        secretaries=tuple(cast.secretaries[ref].id for ref in given["secretaries"] if ref in cast.secretaries),
        branches=None if given["branch"] is None or owner.branch_id is None else (owner.branch_id,),
    )


async def _announce_again(parts: Parts, owner: Member, plan: ShakePlan) -> None:
    waiting, _ = await parts.shakes.listed(owner, (ShakeState.ANNOUNCED, ShakeState.OPEN), before=None, limit=100)
    if all(seen.shake.plan.title != plan.title for seen in waiting):
        await parts.shakes.announce(owner, plan)


async def _hold(services: Services, cast: _Cast, owner: Member, plan: ShakePlan, given: Mapping[str, Any]) -> None:
    """From its announcement to its close."""
    shake = (await services(At(plan.opens_at - _ANNOUNCED)).shakes.announce(owner, plan)).id
    now = plan.opens_at
    for each in given["rounds"]:
        secretary, (part, of) = cast.secretaries[each["secretary"]], each["shaken"]
        talked = {draw.member_id for draw in (await services(At(now)).desks.desk(owner, shake)).accepted}
        here = [who for place, who in enumerate(cast.members.values()) if place % of < part or who.id in cast.guests]
        here = [who for who in here if who.id not in talked]
        now = await _round(services, secretary, here, shake, plan, now + timedelta(minutes=1))
        for answer in each["answers"]:
            now = await _answer(services, cast, secretary, shake, answer, now)
    await services(At(now + timedelta(minutes=1))).shakes.close(owner, shake)


async def _round(
    services: Services, secretary: Member, here: Sequence[Member], shake_id: str, plan: ShakePlan, now: datetime
) -> datetime:
    """Prepared, opened, shaken in, closed, and its first drawn; gives when."""
    nonce, parts = secrets.token_bytes(32), services(At(now))
    number = (await parts.rounds.prepare(secretary, shake_id, hashlib.sha256(nonce).hexdigest())).number
    await parts.rounds.open(secretary, shake_id)
    shaking = services(At(now + timedelta(seconds=7)))
    try:
        shake = await shaking.shakes.find(secretary, shake_id)
        await asyncio.gather(*[shaking.shaking.shake(each, shake, nonce=None, client_id=new_id()) for each in here])
    finally:
        await shaking.shaking.close()
    now += timedelta(seconds=plan.round_seconds) + _LISTED
    parts = services(At(now))
    await parts.rounds.look()
    await parts.rounds.reveal(secretary, shake_id, number, nonce.hex())
    return now


async def _answer(
    services: Services, cast: _Cast, secretary: Member, shake_id: str, given: Mapping[str, Any] | None, now: datetime
) -> datetime:
    """Whoever is drawn has no time (None), or talks as `given` says; gives when that was over. Guests have none either way."""
    while True:
        parts = services(At(now := now + timedelta(seconds=9)))
        offer = (await parts.desks.desk(secretary, shake_id)).offer
        if offer is None:
            return now
        member = cast.members[offer.member_id]
        if given is not None and member.id not in cast.guests:
            talk = (await parts.drawing.accept(member, offer.id)).talk_id
            return now if talk is None else await _talk(services, secretary, member, talk, given, now)
        await parts.drawing.decline(member, offer.id)
        if given is None:
            return now


async def _talk(
    services: Services, secretary: Member, member: Member, talk: str, given: Mapping[str, Any], now: datetime
) -> datetime:
    """What the two pages say to one another while they agree on keys is noise here: nobody has these keys, and nothing was
    said with them."""
    parts = services(At(now := now + timedelta(seconds=20)))
    two, devices = (secretary, member), [secrets.token_hex(8) for _ in range(2)]
    for which, step, size in _CONFIRMED:
        taken = KeyTaken(1, step, "", devices[which], 0)
        said = secrets.token_urlsafe(size) if size else ""
        await parts.conversations.keys.say(two[which], talk, taken, said, client_id=new_id())
    parts = services(At(now := now + timedelta(minutes=given["minutes"])))
    await parts.talks.end(secretary, talk)
    parts = services(At(now + timedelta(minutes=1)))
    for each in two:
        await parts.talks.keep_nothing(each, talk, nothing=True)
    await parts.afterwards.rate(member, talk, given["stars"])
    if given["again"]:
        await parts.afterwards.wish(member, talk, again=True)
    due = (now + timedelta(days=given["due"])).date()
    await parts.afterwards.write_note(secretary, talk, given["note"], due_on=due, done=False)
    return now + timedelta(minutes=1)
