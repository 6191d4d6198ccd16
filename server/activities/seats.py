"""Seats: first come, first served, then in the order of the waiting list. All of one activity are decided one after the other,
under its row."""

from dataclasses import replace

import structlog

from ..core.clock import Clock
from ..core.db import Session
from ..core.journal import Journal
from ..identity import Member
from . import live, store
from .model import Activity, Part, Seat, check_gives_back, check_signs_up
from .register import Register
from .store import Lock

log = structlog.get_logger(__name__)


class Seats:
    def __init__(self, register: Register, journal: Journal, clock: Clock) -> None:
        self._register, self._journal, self._clock = register, journal, clock

    async def sign_up(self, member: Member, activity_id: str) -> Part:
        """A seat, or a turn on the waiting list; the second time what there is. Raise NotFound, Conflict `signup_over`."""
        async with self._register.held(member, activity_id, Lock.UPDATE) as (session, activity):
            part = await store.hold(session, activity_id, member.id)
            if part.seat is not None:
                return part
            check_signs_up(activity, self._clock.now())
            free = await _free(session, activity)
            seat = Seat.GOING if free > 0 else Seat.WAITING
            taken = replace(part, seat=seat, turn=await store.last_turn(session, activity_id) + 1, absence=None)
            await store.keep(session, taken)
        log.info("activity_signed_up", activity_id=activity_id, member_id=member.id, seat=seat.value)
        return taken

    async def give_back(self, member: Member, activity_id: str) -> Part:
        """Then whoever waits longest moves up and is told. The second time nothing happens. Raise NotFound, Conflict
        `signup_over`, `already_present`, `cancel_too_late`."""
        async with self._register.held(member, activity_id, Lock.UPDATE) as (session, activity):
            part = await store.hold(session, activity_id, member.id)
            if part.seat is None:
                return part
            check_gives_back(activity, part, self._clock.now())
            left = replace(part, seat=None, turn=0)
            await store.keep(session, left)
            await fill(session, self._journal, activity)
        log.info("activity_seat_given_back", activity_id=activity_id, member_id=member.id)
        return left


async def fill(session: Session, journal: Journal, activity: Activity) -> None:
    """Give the free seats to those who wait, in their order. The caller holds the activity."""
    free = await _free(session, activity)
    if free <= 0:
        return
    limit = None if activity.plan.seats is None else free
    up = [replace(part, seat=Seat.GOING) for part in await store.next_waiting(session, activity.id, limit)]
    for part in up:
        await store.keep(session, part)
    if up:
        await journal.append(session, *(live.seated(activity, part) for part in up))


async def _free(session: Session, activity: Activity) -> int:
    if activity.plan.seats is None:
        return 1  # for everybody
    counts = (await store.counts(session, [activity.id])).get(activity.id)
    return activity.plan.seats - (counts.going if counts else 0)
