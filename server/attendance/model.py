"""Roll-calls in a broadcast's room and what they prove. Pure rules.

    open → closed (time | host | over)

Some roll-calls are drawn: by default three of 90 seconds, at moments nobody knows beforehand, one in each third of the planned
time. Others are opened by whoever keeps the room. Each is answered once by each member, on whatever device; what the server has
received two seconds after the end still counts. With as many answers as the host has asked for (two by default) a member was
present; where fewer roll-calls were opened, because the broadcast ended early, all of those are needed. A replay counts only
with a check of its own (`replay_model`), where the host has set one, and for so many days.

An interruption uses nothing up: a roll-call that falls into it waits until the picture is back, and one that was cut into is
followed by another.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..broadcasts import Broadcast, State, rights
from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member

GRACE = timedelta(seconds=2)
PAUSE = timedelta(seconds=30)  # between the end of one and the beginning of the next
RETURN = timedelta(seconds=45)  # after an interruption, for those who come back
AGAIN = timedelta(minutes=2)  # after one that was cut into, until the one that stands in for it; up to twice that
MOST_DRAWN = 6
SHORTEST, LONGEST = 30, 300  # s
MOST_DAYS = 365  # that a replay counts
MOST_ROLL_CALLS = 30  # of one broadcast
_LEAD, _LEAD_SHARE = timedelta(minutes=3), 0.1  # no roll-call while people are still coming in …
_TAIL_SHARE = 0.1  # … and none while the host may be ending already

Chance = Callable[[], float]
"""From 0 to 1, without 1."""


class Topic(enum.StrEnum):
    """What a broadcast is about, where that decides what it counts for."""

    INTEGRITY = "integrity"


class Origin(enum.StrEnum):
    DRAWN = "drawn"
    HOST = "host"


class Proof(enum.StrEnum):
    """How somebody proved that they were present."""

    LIVE = "live"
    REPLAY = "replay"


class ReplayCheck(enum.StrEnum):
    """How whoever watches the replay proves it."""

    NONE = "none"  # it does not count
    ROLL_CALL = "roll_call"
    QUIZ = "quiz"


class Why(enum.StrEnum):
    """What closed a roll-call."""

    TIME = "time"
    HOST = "host"
    OVER = "over"  # the broadcast ended


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host says of a broadcast's roll-calls. `number`: how many are drawn, 0 for none; `needed`: answers that prove
    somebody was present. `replay`: what makes a replay count, up to `replay_days` after the end."""

    number: int = 3
    seconds: int = 90
    needed: int = 2
    topic: Topic | None = None
    replay: ReplayCheck = ReplayCheck.NONE
    replay_days: int = 30

    @property
    def of_live(self) -> tuple[object, ...]:
        """What cannot be changed any more once it is on air."""
        return self.number, self.seconds, self.needed, self.topic


@dataclass(frozen=True, slots=True)
class Plan:
    """The attendance of one broadcast. `due`: when the drawn roll-calls that are still to come are to be opened; None before
    they were drawn. `needed`: as the rules say, and fewer once the broadcast has ended with fewer."""

    broadcast_id: str
    rules: Rules = Rules()
    due: tuple[datetime, ...] | None = None
    needed: int = 2
    settled_at: datetime | None = None  # the broadcast is over, and whoever was present is recorded


@dataclass(frozen=True, slots=True)
class RollCall:
    """`number`: the how-manieth of its broadcast; `interrupted`: the picture was away while it was open."""

    id: str
    broadcast_id: str
    number: int
    origin: Origin
    opened_by: str | None
    opened_at: datetime
    media_at: datetime
    closes_at: datetime
    offset: int = 0
    closed_at: datetime | None = None
    closed_why: str | None = None
    interrupted: bool = False

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def last_moment(self) -> datetime:
        """Up to which an answer must have been received."""
        return min(self.closes_at, self.closed_at or self.closes_at) + GRACE


def checked(rules: Rules) -> Rules:
    """Raise Invalid `roll_calls_invalid`."""
    if not 0 <= rules.number <= MOST_DRAWN:
        raise Invalid("roll_calls_invalid", f"点名次数应在 0 到 {MOST_DRAWN} 之间")
    if not SHORTEST <= rules.seconds <= LONGEST:
        raise Invalid("roll_calls_invalid", f"每次点名应在 {SHORTEST} 到 {LONGEST} 秒之间")
    if not 1 <= rules.needed <= max(1, rules.number):
        raise Invalid("roll_calls_invalid", "需要应答的次数不能多于点名次数")
    if not 1 <= rules.replay_days <= MOST_DAYS:
        raise Invalid("roll_calls_invalid", f"回看有效期应在 1 到 {MOST_DAYS} 天之间")
    return rules


def require_keeper(broadcast: Broadcast, member: Member) -> None:
    """Roll-calls are opened by whoever sends the broadcast, and by moderators. Raise Forbidden."""
    if not rights(broadcast, member).insider:
        raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以点名")


def check_live(broadcast: Broadcast) -> None:
    if broadcast.state is not State.LIVE:
        raise Conflict("roll_calls_closed", "画面正常直播时才能点名")


def drawn(rules: Rules, start: datetime, length: timedelta, chance: Chance) -> tuple[datetime, ...]:
    """When the roll-calls of a broadcast that begins now and takes so long are to be opened: one at a random moment of each of
    as many equal parts of the time, so that they are spread and nobody can know."""
    if rules.number == 0:
        return ()
    lead = min(_LEAD, length * _LEAD_SHARE)
    part = (length * (1 - _TAIL_SHARE) - lead) / rules.number
    room = max(part - timedelta(seconds=rules.seconds) - PAUSE, part / 4)
    return tuple(start + lead + part * place + room * chance() for place in range(rules.number))


def is_due(plan: Plan, roll_calls: Sequence[RollCall], now: datetime) -> bool:
    """Whether a drawn roll-call is to be opened now, with the picture there."""
    if not plan.due or plan.due[0] > now or len(roll_calls) >= MOST_ROLL_CALLS:
        return False
    return not any(each.closed_at is None or now < each.closed_at + PAUSE for each in roll_calls)


def without_first(plan: Plan) -> Plan:
    return replace(plan, due=(plan.due or ())[1:])


def waits_for_picture(plan: Plan, now: datetime) -> bool:
    """Whether an interruption that lasts must put off what is due next."""
    return bool(plan.due) and (plan.due or ())[0] < now + RETURN / 2


def put_off(plan: Plan, now: datetime, chance: Chance) -> Plan:
    """What is due next comes some time after the picture is back."""
    first, *others = plan.due or ()
    return replace(plan, due=tuple(sorted([max(first, now + RETURN * (1 + chance() / 2)), *others])))


def made_good(plan: Plan, now: datetime, chance: Chance) -> Plan:
    """With one more to come, for one that was cut into."""
    return replace(plan, due=tuple(sorted([*(plan.due or ()), now + AGAIN * (1 + chance())])))


def why_closed(roll_call: RollCall, broadcast: Broadcast, now: datetime) -> Why | None:
    """What ends an open roll-call now; None while it goes on."""
    if broadcast.ended_at is not None:
        return Why.OVER
    return Why.TIME if now >= roll_call.closes_at + GRACE else None


def closed(roll_call: RollCall, now: datetime, why: Why) -> RollCall:
    return replace(roll_call, closed_at=now, closed_why=why.value)


def check_answerable(roll_call: RollCall, received_at: datetime) -> None:
    """Raise Conflict `roll_call_closed`."""
    if received_at > roll_call.last_moment:
        raise Conflict("roll_call_closed", "这次点名已经结束，没有赶上")


def needed_at_last(plan: Plan, opened: int) -> int:
    """Answers that are needed once the broadcast is over and no more roll-calls come."""
    return min(plan.rules.needed, opened) if opened else plan.rules.needed
