"""Votes: who had the right to, whether enough of them were there, and whether it passed. Pure rules.

A general meeting votes when at least half of the members with the right to vote who should attend are present, and a motion
passes with more than half of those who *should* attend (domain.md, section 3). A committee needs at least half of its members
and decides by more than half of those present. Elsewhere more than half of those present decide. Probationary members are
present and count for neither.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ..model import ActivityKind


class Ballot(enum.StrEnum):
    """By show of hands, or in secret."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105  # no password: how people vote


class Rule(enum.StrEnum):
    GENERAL = "general"
    COMMITTEE = "committee"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Motion:
    """What was put to the vote, and the count. `voters`: how many with the right to vote were there at that moment, where that
    were fewer than had come."""

    title: str
    ballot: Ballot = Ballot.OPEN
    in_favour: int = 0
    against: int = 0
    abstained: int = 0
    voters: int | None = None

    @property
    def cast(self) -> int:
        return self.in_favour + self.against + self.abstained


class Attending(Protocol):
    @property
    def expected(self) -> bool: ...
    @property
    def present_at(self) -> object | None: ...
    @property
    def voting(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Turnout:
    """`expected` and `present` count everybody; `voters` and `voters_present` those with the right to vote who are expected:
    guests have none here."""

    expected: int
    present: int
    voters: int
    voters_present: int

    def present_at(self, motion: Motion) -> int:
        """How many could vote on it."""
        return self.voters_present if motion.voters is None else min(motion.voters, self.voters_present)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`enough`: how many had to be there; `needed`: how many had to be in favour."""

    rule: Rule
    voters: int
    present: int
    enough: int
    needed: int
    quorate: bool
    passed: bool
    words: str


def turnout_of(people: Iterable[Attending]) -> Turnout:
    listed = list(people)
    voters = [each for each in listed if each.expected and each.voting]
    return Turnout(
        expected=sum(each.expected for each in listed),
        present=sum(each.present_at is not None for each in listed),
        voters=len(voters),
        voters_present=sum(each.present_at is not None for each in voters),
    )


def rule_of(kind: ActivityKind) -> Rule:
    return {ActivityKind.GENERAL: Rule.GENERAL, ActivityKind.COMMITTEE: Rule.COMMITTEE}.get(kind, Rule.PLAIN)


def outcome(rule: Rule, turnout: Turnout, motion: Motion) -> Outcome:
    voters, present = turnout.voters, turnout.present_at(motion)
    enough = 1 if rule is Rule.PLAIN else max(1, (voters + 1) // 2)
    needed = (voters if rule is Rule.GENERAL else present) // 2 + 1
    quorate = present >= enough
    passed = quorate and motion.in_favour >= needed
    words = _words(rule, voters, present, motion.in_favour, quorate=quorate, passed=passed)
    return Outcome(rule, voters, present, enough, needed, quorate, passed, words)


def _words(rule: Rule, voters: int, present: int, in_favour: int, *, quorate: bool, passed: bool) -> str:
    who = "委员" if rule is Rule.COMMITTEE else "有表决权的党员"
    there = f"应到{who} {voters} 人，实到 {present} 人"
    if not quorate:
        return f"{there}，不足半数，表决无效" if rule is not Rule.PLAIN else f"{there}，没有人可以表决"
    measure = "应到会有表决权人数" if rule is Rule.GENERAL else f"到会{who}人数"
    met = "，达到半数" if rule is not Rule.PLAIN else ""
    result = f"超过{measure}的半数，通过" if passed else f"没有超过{measure}的半数，未通过"
    return f"{there}{met}；同意 {in_favour} 票，{result}"
