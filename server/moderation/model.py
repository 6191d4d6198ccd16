"""The rules of moderation: what a word list does, what becomes of what is held, who may mute whom. Pure.

Moderation knows neither broadcasts nor comments. A *scope* is the id of the room something was said in, a *kind* what was said
(`comment`, `question`); what must be known of a room, and done with a thing of a kind, comes in through the two protocols.
"""

import enum
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..core.clock import rfc3339
from ..core.db import Session
from ..core.errors import Conflict, Forbidden, Unprocessable
from ..core.journal import Author, Draft, Entry
from ..identity import Member, Role

MODERATORS = (Role.MODERATOR, Role.COMMITTEE_SECRETARY, Role.ADMINISTRATOR)
MOST_WORD = 40  # characters
MOST_REASON = 200


def is_moderator(member: Member | None) -> bool:
    """Whether the member keeps order in every room."""
    return member is not None and member.has(*MODERATORS)


# Words ----------------------------------------------------------------------------------------------------------------


class Action(enum.StrEnum):
    """What a list does with a text that holds one of its words."""

    REFUSE = "refuse"
    HOLD = "hold"
    MARK = "mark"  # it is shown, and moderators are told

    @property
    def weight(self) -> int:
        """The gravest is 0."""
        return list(Action).index(self)


@dataclass(frozen=True, slots=True)
class WordList:
    id: str
    name: str
    action: Action


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word in a text, from `start` to before `end`, in code points of the text as it is kept."""

    list_id: str
    list: str
    word: str
    action: Action
    start: int
    end: int

    def wire(self) -> dict[str, Any]:
        return {"list": self.list, "word": self.word, "action": self.action.value, "start": self.start, "end": self.end}


class Outcome(enum.StrEnum):
    PASS = "pass"  # noqa: S105  # no password
    HOLD = "hold"
    REFUSE = "refuse"


class Why(enum.StrEnum):
    """Why something is held."""

    WORDS = "words"
    PRE_MODERATED = "pre_moderated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What should become of a text. `hits`, in each of the texts, are for those who moderate, never for the writer."""

    outcome: Outcome = Outcome.PASS
    why: Why | None = None
    hits: Sequence[Hit] = ()

    @property
    def held(self) -> bool:
        return self.outcome is Outcome.HOLD

    def check(self) -> None:
        """Raise Unprocessable `text_refused`. The words do not say which one it was: that would teach the way around it."""
        if self.outcome is Outcome.REFUSE:
            raise Unprocessable("text_refused", "内容不符合直播间的发言要求，没有发出，请修改后再发")


def judged(hits: Sequence[Hit], *, pre_moderated: bool, trusted: bool) -> Verdict:
    """`trusted` are those who keep the room: nothing of theirs is held, for they would decide on it themselves."""
    actions = {hit.action for hit in hits}
    if Action.REFUSE in actions:
        return Verdict(Outcome.REFUSE, hits=hits)
    if trusted:
        return Verdict()
    if Action.HOLD in actions:
        return Verdict(Outcome.HOLD, Why.WORDS, hits)
    if pre_moderated:
        return Verdict(Outcome.HOLD, Why.PRE_MODERATED, hits)
    return Verdict(hits=hits)


# What is held ---------------------------------------------------------------------------------------------------------


class HeldState(enum.StrEnum):
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by its author


@dataclass(frozen=True, slots=True)
class Held:
    """Something said that waits, or waited, for a decision. `id` is that of the thing itself, before and after; `more` is what
    its kind needs to post it."""

    id: str
    scope: str
    kind: str
    author: Author
    text: str
    at: datetime
    media_at: datetime | None
    why: Why
    hits: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    state: HeldState = HeldState.HELD
    decided_at: datetime | None = None
    decided_by: str | None = None
    decided_name: str | None = None
    reason: str = ""

    @property
    def author_id(self) -> str:
        return self.author.id

    def for_desk(self) -> dict[str, Any]:
        """As those who moderate see it."""
        decided = None
        if self.decided_at is not None:
            decided = {"at": rfc3339(self.decided_at), "by": {"id": self.decided_by, "name": self.decided_name}}
        return {
            **self.for_author(),
            "author": self.author.wire(),
            "why": self.why.value,
            "hits": list(self.hits),
            "decided": decided,
        }

    def for_author(self) -> dict[str, Any]:
        """As whoever wrote it sees it: neither why it was held, nor who decided."""
        return {
            "id": self.id,
            "scope": self.scope,
            "kind": self.kind,
            "text": self.text,
            "at": rfc3339(self.at),
            "media_at": None if self.media_at is None else rfc3339(self.media_at),
            "reply_to": self.more.get("reply_to"),
            "reply_name": self.more.get("reply_name"),
            "state": self.state.value,
            "reason": self.reason,
        }


class Decision(enum.StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    RESTORE = "restore"  # what was rejected waits again

    @property
    def result(self) -> HeldState:
        return _RESULTS[self]


_RESULTS = {
    Decision.APPROVE: HeldState.APPROVED,
    Decision.REJECT: HeldState.REJECTED,
    Decision.RESTORE: HeldState.HELD,
}
_DONE = {HeldState.HELD: "已放回待审", HeldState.APPROVED: "已通过", HeldState.REJECTED: "已拒绝"}


def check_decidable(held: Held, decision: Decision, by: str, *, open_still: bool) -> bool:
    """Whether there is something to do; False where the same person has done the same before. Raise Conflict `already_decided`
    with who decided, `withdrawn`, or `room_over`."""
    if held.state is HeldState.WITHDRAWN:
        raise Conflict("withdrawn", "作者已经撤回了这条内容")
    if held.state is decision.result and (decision is Decision.RESTORE or held.decided_by == by):
        return False
    if decision is Decision.RESTORE:
        if held.state is not HeldState.REJECTED:
            raise already_decided(held)
        if not open_still:
            raise Conflict("room_over", "直播已经结束，不能再放回待审")
        return True
    if held.state is not HeldState.HELD:
        raise already_decided(held)
    return True


def already_decided(held: Held) -> Conflict:
    who = {"id": held.decided_by, "name": held.decided_name}
    return Conflict(
        "already_decided",
        f"{held.decided_name}{_DONE.get(held.state, '已处理')}这条内容",
        extra={"state": held.state.value, "by": who},
    )


# Mutes ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody who may not write: in one room, or (`scope` None) in none of them. `until` None: until it is lifted."""

    id: str
    scope: str | None
    member_id: str
    member_name: str
    reason: str
    at: datetime
    by_id: str
    by_name: str
    until: datetime | None = None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def holds(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)

    def for_member(self) -> dict[str, Any]:
        """As whom it is about sees it: not who has set it."""
        until = None if self.until is None else rfc3339(self.until)
        return {"id": self.id, "scope": self.scope, "at": rfc3339(self.at), "until": until, "reason": self.reason}

    def for_desk(self) -> dict[str, Any]:
        """As those who moderate see it."""
        member, by = {"id": self.member_id, "name": self.member_name}, {"id": self.by_id, "name": self.by_name}
        return {**self.for_member(), "member": member, "by": by}


_CHINA = timedelta(hours=8)


def muted(mute: Mute) -> Forbidden:
    """What the muted person is told: how long and why."""
    if mute.until is None:
        until = "解除之前"
    else:
        local = mute.until + _CHINA
        until = f"{local.month}月{local.day}日 {local:%H:%M} 之前"
    where = "本场直播" if mute.scope is not None else "所有直播间"
    why = f"，原因：{mute.reason}" if mute.reason else ""
    return Forbidden(
        "muted",
        f"您已被禁言，{until}不能在{where}发言{why}",
        extra={"reason": mute.reason} | ({} if mute.until is None else {"until": rfc3339(mute.until)}),
    )


_RANKS = (
    (Role.ADMINISTRATOR, Role.COMMITTEE_SECRETARY),
    (Role.MODERATOR,),
    (
        Role.COMMITTEE_DEPUTY_SECRETARY,
        Role.BRANCH_SECRETARY,
        Role.BRANCH_DEPUTY_SECRETARY,
        Role.DISCIPLINE_SECRETARY,
    ),
)


def standing(roles: frozenset[Role], *, sends: bool) -> int:
    """How high somebody stands in a room: 4 administrators and the committee's secretary, 3 moderators, 2 other secretaries and
    whoever sends this broadcast, 0 everybody else."""
    for below, some in enumerate(_RANKS):
        if not roles.isdisjoint(some):
            return 4 - below
    return 2 if sends else 0


def check_may_mute(actor: int, target: int) -> None:
    """One is muted only by those who stand higher. Raise Forbidden `standing_too_high`."""
    if target >= actor:
        raise Forbidden("standing_too_high", "不能对审核员、主播或职务更高的人禁言")


# Rooms and things, as others tell of them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """What moderation must know of a room."""

    scope: str
    open: bool
    """Whether people can still write there."""
    keeps: Callable[[Member | None], bool]
    """Whether somebody keeps it: hosts, co-hosts, moderators."""
    sends: Callable[[str], bool]
    """Whether the member with this id is its host or a co-host."""


class Rooms(Protocol):
    """Where rooms are known. `server.app` injects it."""

    async def find(self, member: Member, scope: str) -> Room:
        """Raise NotFound unless it exists and the member may see it."""
        ...

    async def recall(self, scope: str) -> Room | None:
        """As it was at most some seconds ago."""
        ...

    async def titles(self, scopes: Collection[str]) -> Mapping[str, str]:
        """What the rooms are called, for those who moderate everywhere."""
        ...


class Things(Protocol):
    """What can be done with things of one kind. Its feature registers it."""

    def draft(self, held: Held) -> Draft:
        """The entry by which the held thing is said at last, as it would have been at once."""
        ...

    async def posted(self, session: Session, held: Held, entry: Entry) -> None:
        """The entry was written, in this transaction: write what else belongs to it."""
        ...
