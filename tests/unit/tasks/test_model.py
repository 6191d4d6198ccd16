"""Who is in charge of a task, how it moves on, and what a confirmation keeps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.core.errors import Conflict, Forbidden, Invalid
from server.identity import Member, Role, Status
from server.tasks.model import (
    REMIND_AGAIN,
    Content,
    Part,
    Task,
    TaskFile,
    TaskState,
    Terms,
    Version,
    charge_of,
    check_addressed,
    check_confirms,
    checked,
    confirmed,
    may_remind,
    moved,
    reads,
    sees,
    taken_back,
)

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
TERMS = Terms(NOW + timedelta(days=1), whole=False, branches=("one", "two"))
TASK = Task("t", None, TERMS, TaskState.GIVEN, 1, "m0", NOW)
TEXT = Content("通知", "全文")
VERSION = Version(1, TEXT, TEXT.hash, "m0", NOW)
PART = Part("t", "m", "one", NOW)


def member(*roles: Role, branch: str | None = "one") -> Member:
    return Member("m", "林晓", branch, branch, Status.FULL, frozenset(roles), "s")


def test_the_committee_sees_all_branches_and_each_branch_its_own() -> None:
    staff, secretary = member(Role.AFFAIRS_STAFF, branch=None), member(Role.BRANCH_SECRETARY)
    assert (charge_of(staff, TASK).runs, charge_of(staff, TASK).answers) == (True, None)
    assert (charge_of(secretary, TASK).runs, charge_of(secretary, TASK).answers) == (False, frozenset({"one"}))
    assert not charge_of(member(Role.BRANCH_SECRETARY, branch="three"), TASK).any
    assert not charge_of(secretary, replace(TASK, state=TaskState.DRAFT)).any
    assert charge_of(secretary, replace(TASK, branch_id="one")).runs
    assert not charge_of(member(), TASK).any


def test_who_is_asked_sees_it_and_what_was_withdrawn_stays_with_who_confirmed_it() -> None:
    plain, gone = member(), replace(TASK, state=TaskState.WITHDRAWN)
    assert (sees(plain, TASK, None), sees(plain, TASK, PART)) == (False, True)
    assert not sees(plain, replace(TASK, state=TaskState.DRAFT), PART)
    assert (reads(plain, gone, PART), reads(plain, gone, confirmed(PART, TASK, VERSION, NOW))) == (False, True)


def test_a_branch_gives_to_itself_alone() -> None:
    secretary = member(Role.BRANCH_SECRETARY)
    own = Terms(NOW, whole=False, branches=("one",))
    check_addressed(secretary, "one", own)
    for branch, terms in (("one", TERMS), ("one", replace(own, whole=True)), (None, own), ("two", own)):
        with pytest.raises(Forbidden):
            check_addressed(secretary, branch, terms)


def test_a_deadline_lies_ahead_when_it_is_set_and_may_lie_behind_later() -> None:
    past = replace(TERMS, due_at=NOW)
    assert checked(past, NOW, new=False) is past
    for wrong in (past, replace(TERMS, due_at=NOW + timedelta(days=400)), replace(TERMS, branches=())):
        with pytest.raises(Invalid):
            checked(wrong, NOW, new=True)


def test_it_is_given_closed_and_withdrawn_and_nothing_goes_back() -> None:
    draft = replace(TASK, state=TaskState.DRAFT)
    given = moved(draft, TaskState.GIVEN, NOW)
    assert (given.given_at, moved(given, TaskState.GIVEN, NOW)) == (NOW, given)
    closed = moved(given, TaskState.CLOSED, NOW)
    withdrawn = moved(closed, TaskState.WITHDRAWN, NOW, "发错了")
    assert (withdrawn.reason, withdrawn.ended_at) == ("发错了", NOW)
    for task, to in (
        (draft, TaskState.CLOSED),
        (draft, TaskState.WITHDRAWN),
        (closed, TaskState.GIVEN),
        (withdrawn, TaskState.CLOSED),
    ):
        with pytest.raises(Conflict):
            moved(task, to, NOW)


def test_the_hash_is_of_the_words_and_the_files() -> None:
    file = TaskFile("f", "通知.pdf", "pdf", 10, "a" * 64)
    assert TEXT.hash == Content("通知", "全文").hash
    hashes = {
        each.hash for each in (TEXT, replace(TEXT, title="别的"), replace(TEXT, text="别的"), replace(TEXT, files=(file,)))
    }
    assert len(hashes) == 4
    assert replace(TEXT, files=(file,)).hash == replace(TEXT, files=(replace(file, id="again"),)).hash


@pytest.mark.parametrize(
    ("task", "number", "hashed", "code"),
    [
        (TASK, 2, TEXT.hash, "task_changed"),
        (TASK, 1, "0" * 64, "task_changed"),
        (replace(TASK, state=TaskState.CLOSED), 1, TEXT.hash, "task_over"),
        (replace(TASK, state=TaskState.WITHDRAWN), 1, TEXT.hash, "task_withdrawn"),
    ],
)
def test_only_what_is_on_the_screen_is_confirmed(task: Task, number: int, hashed: str, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        check_confirms(task, VERSION, number=number, hashed=hashed)
    assert refused.value.code == code


def test_being_late_is_kept_and_what_was_taken_back_is_counted() -> None:
    assert confirmed(PART, TASK, VERSION, TERMS.due_at).late is False
    late = confirmed(PART, TASK, VERSION, TERMS.due_at + timedelta(seconds=1), by="m0", reason="念过")
    assert (late.late, late.version, late.hash) == (True, 1, TEXT.hash)
    back = taken_back(late, by="m0", reason="登记错了")
    assert (back.confirmed_at, back.version, back.hash, back.late, back.withdrawn) == (None, None, None, False, 1)


def test_nobody_is_reminded_twice_in_a_short_while() -> None:
    assert may_remind(PART, NOW)
    lately = replace(PART, reminded_at=NOW)
    assert not may_remind(lately, NOW + REMIND_AGAIN - timedelta(seconds=1))
    assert may_remind(lately, NOW + REMIND_AGAIN)
    assert not may_remind(confirmed(PART, TASK, VERSION, NOW), NOW)
