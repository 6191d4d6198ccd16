"""A replay's own roll-calls: drawn for each member at places nobody knows, and opened where that member's picture passes them.

Each lies in one of the equal parts of what was sent, as those of the live broadcast do in its time. A step of the picture
passes a place only if it is no jump (`watched`), so that seeking meets none; and the next one opens only when so much was
watched in all, by the server's record over all devices, as playing up to it takes at the highest speed there is. However many
pages play at once, nobody is through sooner than the clock allows. One that was missed is drawn anew in its part, for whoever
watches that again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..broadcasts import Broadcast, Recording, State
from .model import GRACE, Chance, ReplayCheck, Rules
from .watched import SPEED, Interval, Intervals, length

_USUAL, _USUAL_NEEDED = 3, 2  # where the live broadcast has no roll-calls
REACH = 30_000  # ms; a page that begins to play, or comes back, is believed only with its second report or third
_MARGIN = 0.06  # of a part, at its beginning and its end


@dataclass(frozen=True, slots=True)
class Prompt:
    """`place`: ms of the broadcast, in the `part`-th of the parts (from 0). `passed_at`: the picture was there."""

    id: str
    broadcast_id: str
    member_id: str
    part: int
    place: int
    passed_at: datetime | None = None
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    answered_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        return self.closes_at is not None and self.answered_at is None and now <= self.closes_at

    def missed(self, now: datetime) -> bool:
        return self.closes_at is not None and self.answered_at is None and now > self.closes_at + GRACE


def asked(rules: Rules) -> tuple[int, int]:
    """How many there are, and how many answers prove that somebody has watched."""
    return (rules.number, rules.needed) if rules.number else (_USUAL, _USUAL_NEEDED)


def until(rules: Rules, broadcast: Broadcast) -> datetime | None:
    """Up to when the replay counts; None before the end, and where it does not."""
    if rules.replay is ReplayCheck.NONE or broadcast.state is not State.ENDED or broadcast.ended_at is None:
        return None
    return broadcast.ended_at + timedelta(days=rules.replay_days)


def is_replay(broadcast: Broadcast) -> bool:
    """Whether what is watched of it now is the published replay."""
    return broadcast.state is State.ENDED and broadcast.recording is Recording.SEALED and broadcast.replay_published


def counts(rules: Rules, broadcast: Broadcast, now: datetime) -> bool:
    last = until(rules, broadcast)
    return last is not None and now < last and is_replay(broadcast)


def parts_to_draw(prompts: Sequence[Prompt], number: int, now: datetime) -> list[int]:
    """Those in which nothing was answered and nothing is to come."""
    return sorted(set(range(number)) - {each.part for each in prompts if not each.missed(now)})


def missed_parts(prompts: Sequence[Prompt], now: datetime) -> set[int]:
    """Those in which a roll-call ran out, and none was answered or is open since."""
    made_good = {each.part for each in prompts if each.answered_at is not None or each.open(now)}
    return {each.part for each in prompts if each.missed(now)} - made_good


def drawn(sent: Intervals, part: int, number: int, chance: Chance) -> int:
    """A place in a part of what was sent. `sent`: when there was a picture, in ms of the broadcast."""
    share = (part + _MARGIN + (1 - 2 * _MARGIN) * chance()) / number
    rest = int(length(sent) * share)
    for start, end in sent:
        if rest < end - start:
            return start + rest
        rest -= end - start
    return sent[-1][1] if sent else 0


def passed(prompts: Sequence[Prompt], step: Interval, now: datetime) -> list[Prompt]:
    """Those whose places the picture has just passed."""
    first, last = step
    return [replace(each, passed_at=now) for each in prompts if each.passed_at is None and first - REACH <= each.place < last]


def to_open(prompts: Sequence[Prompt], watched: int, whole: int, number: int, now: datetime) -> Prompt | None:
    """The one that is to be opened now. `watched`: ms that the server knows of; `whole`: of all there is to be watched."""
    if any(each.opened_at and not each.answered_at and not each.missed(now) for each in prompts):
        return None
    if watched * SPEED * number < whole * len(answered_parts(prompts)):
        return None
    waiting = [each for each in prompts if each.passed_at is not None and each.opened_at is None]
    return min(waiting, key=lambda each: (each.passed_at, each.part), default=None)


def opened(prompt: Prompt, rules: Rules, now: datetime) -> Prompt:
    return replace(prompt, opened_at=now, closes_at=now + timedelta(seconds=rules.seconds))


def answered_parts(prompts: Collection[Prompt], upto: datetime | None = None) -> set[int]:
    return {each.part for each in prompts if each.answered_at is not None and (upto is None or each.answered_at <= upto)}
