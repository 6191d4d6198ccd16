"""Who decides, who may mute whom, and what the muted person is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.core.errors import AppError, Conflict, Forbidden
from server.core.journal import Author
from server.identity import Role
from server.moderation.model import (
    Decision,
    Held,
    HeldState,
    Mute,
    Why,
    check_decidable,
    check_may_mute,
    muted,
    standing,
)

NOW = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
HELD = Held("h", "b", "comment", Author("a", "甲"), "文", NOW, NOW, Why.PRE_MODERATED)


def outcome(held: Held, decision: Decision, by: str = "m", *, open_still: bool = True) -> bool | str:
    try:
        return check_decidable(held, decision, by, open_still=open_still)
    except AppError as refusal:
        return refusal.code


def test_what_waits_is_decided_and_what_is_decided_is_not() -> None:
    approved = replace(HELD, state=HeldState.APPROVED, decided_at=NOW, decided_by="m", decided_name="桑见远")
    rejected = replace(approved, state=HeldState.REJECTED)
    withdrawn = replace(HELD, state=HeldState.WITHDRAWN)
    assert [outcome(HELD, each) for each in Decision] == [True, True, False]
    assert [outcome(approved, each) for each in Decision] == [False, "already_decided", "already_decided"]
    assert [outcome(rejected, each) for each in Decision] == ["already_decided", False, True]
    assert [outcome(withdrawn, each) for each in Decision] == ["withdrawn"] * 3
    assert outcome(approved, Decision.APPROVE, by="other") == "already_decided"
    assert outcome(rejected, Decision.RESTORE, open_still=False) == "room_over"
    with pytest.raises(Conflict, match="桑见远已通过"):
        check_decidable(approved, Decision.REJECT, "other", open_still=True)


def test_one_is_muted_only_by_those_who_stand_higher() -> None:
    people = [
        (frozenset[Role](), False), (frozenset({Role.RED_HOST}), True), (frozenset({Role.BRANCH_SECRETARY}), False),
        (frozenset({Role.MODERATOR}), False), (frozenset({Role.COMMITTEE_SECRETARY}), False),
    ]  # fmt: skip
    heights = [standing(roles, sends=sends) for roles, sends in people]
    assert heights == [0, 2, 2, 3, 4]
    for actor in heights:
        for target in heights:
            if target < actor:
                check_may_mute(actor, target)
            else:
                with pytest.raises(Forbidden):
                    check_may_mute(actor, target)


def test_the_muted_person_is_told_until_when_where_and_why() -> None:
    mute = Mute("m", "b", "a", "甲", "刷屏", NOW, "k", "乙", NOW + timedelta(hours=1))
    assert muted(mute).detail == "您已被禁言，7月1日 15:30 之前不能在本场直播发言，原因：刷屏"
    assert muted(replace(mute, scope=None, until=None, reason="")).detail == "您已被禁言，解除之前不能在所有直播间发言"
    assert mute.holds(NOW)
    assert not mute.holds(NOW + timedelta(hours=1))
    assert not replace(mute, lifted_at=NOW).holds(NOW)
