"""What `hongbo shake verify` finds: a session that was kept to the rules holds, and whatever is changed afterwards shows."""

import copy
import hashlib
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.shake import shown
from server.shake.checking import Checking
from server.shake.draw import Ticket, commitment, heading, lines, place, pseudonym

SESSION = "01900000-0000-7000-8000-000000000001"
SEED, NONCE = bytes(range(32)), bytes(range(32, 64))
Story = list[tuple[str, dict[str, Any]]]


def session(people: int, favour: int, answers: list[str], *, part: int = 3) -> tuple[Story, Story]:
    """The parts of the list, and the entries, of a session with one round in which `people` shook; `answers`: what those say
    who are offered it, in turn, each four for another secretary."""
    tickets = [
        Ticket(pseudonym(b"names", str(number)), f"{number:016x}", favour if number % 2 else 1) for number in range(people)
    ]
    tickets.sort(key=lambda each: each.pseudonym)
    parts: Story = [
        (shown.LISTED, {"round": 1, "part": at // part + 1, "lines": lines(tickets[at : at + part])})
        for at in range(0, people, part)
    ]
    hashed = hashlib.sha256((heading(SESSION, 1) + lines(tickets)).encode()).digest()
    ends = list(accumulate(each.weight for each in tickets))
    story: Story = [
        (shown.ANNOUNCED, {"id": SESSION, "seed_commitment": commitment(SEED), "receipt_key": "04", "favour": favour}),
        (shown.PREPARED, {"round": 1, "nonce_commitment": commitment(NONCE), "by_secretary": {"id": "s", "name": "书记"}}),
        (shown.OPENED, {"round": 1, "closes_at": "…"}),
        (
            shown.ROUND_CLOSED,
            {"round": 1, "size": people, "total_weight": ends[-1], "list_hash": hashed.hex(), "state": "closed"},
        ),
        (shown.REVEALED, {"round": 1, "nonce": NONCE.hex()}),
    ]
    came_up: set[str] = set()
    n = 0
    for number, answer in enumerate(answers):
        while len(came_up) < people:
            n += 1
            name = tickets[bisect_right(ends, place(SEED, hashed, NONCE, n, ends[-1]))].pseudonym
            one = {"round": 1, "n": n, "pseudonym": name}
            if name in came_up:
                story.append((shown.PASSED, {**one, "reason": "drawn_before"}))
                continue
            came_up.add(name)
            secretary = {"id": f"s{number // 4}", "name": "书记"}
            story.append((shown.DRAWN, {**one, "secretary": secretary, "answer_by": "…"}))
            story.append((shown.ACCEPTED, one) if answer == "accepted" else (shown.PASSED, {**one, "reason": answer}))
            break
    story.append((shown.CLOSED, {"seed": SEED.hex()}))
    return parts, story


def faults(parts: Story, story: Story) -> list[str]:
    checking = Checking(SESSION)
    for _, data in parts:
        checking.list_part(data)
    for kind, data in story:
        checking.tell(kind, data)
    checking.finish()
    return checking.faults


_ANSWERS = st.lists(st.sampled_from(["accepted", "declined", "lapsed", "withdrawn"]), max_size=12)


@given(st.integers(1, 30), st.integers(1, 10), _ANSWERS)
@settings(max_examples=60, deadline=None)
def test_a_session_that_was_kept_to_the_rules_holds(people: int, favour: int, answers: list[str]) -> None:
    assert faults(*session(people, favour, answers)) == []


PARTS, STORY = session(9, 3, ["declined", "accepted", "lapsed", "accepted"])


def _of(kind: str, nth: int = 0) -> Callable[[Story], dict[str, Any]]:
    return lambda story: [data for each, data in story if each == kind][nth]


def _passed_over(story: Story, reason: str) -> None:
    """The first who came up was not offered it, for this reason."""
    at = next(place_ for place_, (kind, _) in enumerate(story) if kind == shown.DRAWN)
    one = {name: story[at][1][name] for name in ("round", "n", "pseudonym")}
    story[at : at + 2] = [(shown.PASSED, {**one, "reason": reason})]


def _without_nonce(story: Story) -> None:
    _of(shown.ROUND_CLOSED)(story).update(state="revealed")
    story.remove((shown.REVEALED, _of(shown.REVEALED)(story)))


CHANGES: dict[str, Callable[[Story, Story], object]] = {
    "another seed": lambda _, story: _of(shown.CLOSED)(story).update(seed=bytes(32).hex()),
    "a seed that is none": lambda _, story: _of(shown.CLOSED)(story).update(seed="nothing"),
    "a nonce that is none": lambda _, story: _of(shown.REVEALED)(story).update(nonce="nothing"),
    "another commitment": lambda _, story: _of(shown.ANNOUNCED)(story).update(seed_commitment="0" * 64),
    "another nonce": lambda _, story: _of(shown.REVEALED)(story).update(nonce=bytes(32).hex()),
    "another hash": lambda _, story: _of(shown.ROUND_CLOSED)(story).update(list_hash="0" * 64),
    "another size": lambda _, story: _of(shown.ROUND_CLOSED)(story).update(size=8),
    "somebody taken from the list": lambda parts, _: parts[1][1].update(lines=parts[1][1]["lines"][41:]),
    "a part of the list lost": lambda parts, _: parts.pop(1)[1].clear(),
    "parts in another order": lambda parts, _: parts.insert(0, parts.pop()),
    "somebody else drawn": lambda _, story: _of(shown.DRAWN)(story).update(pseudonym="0" * 20),
    "a draw left out": lambda _, story: story.remove((shown.DRAWN, _of(shown.DRAWN, 2)(story))),
    "a talk with who was not offered it": lambda _, story: _of(shown.ACCEPTED)(story).update(pseudonym="0" * 20),
    "an offer without an end": lambda _, story: story.remove((shown.ACCEPTED, _of(shown.ACCEPTED)(story))),
    "a second answer": lambda _, story: story.insert(-1, (shown.ACCEPTED, _of(shown.ACCEPTED)(story))),
    "a draw before the nonce": lambda _, story: story.insert(4, story.pop(5)),
    "another weight announced": lambda _, story: _of(shown.ANNOUNCED)(story).update(favour=2),
    "never announced": lambda _, story: story.pop(0)[1].clear(),
    "a round without a nonce": lambda _, story: _without_nonce(story),
    "a list with people on it said to be empty": lambda _, story: _of(shown.ROUND_CLOSED)(story).update(state="empty"),
    "the seed told before the list was closed": lambda _, story: story.insert(3, story.pop()),
    "the seed told before the round": lambda _, story: story.insert(1, story.pop()),
    "a nonce that was told before": lambda _, story: story.insert(
        -1, (shown.PREPARED, {**_of(shown.PREPARED)(story), "round": 2})
    ),
    "a round without an end": lambda _, story: story.insert(
        -1, (shown.PREPARED, {**_of(shown.PREPARED)(story), "round": 2, "nonce_commitment": "0" * 64})
    ),
    "passed over because somebody would have it so": lambda _, story: _passed_over(story, "a whim"),
    "another session's": lambda _, story: _of(shown.ANNOUNCED)(story).update(id="another"),
}


def test_offers_that_were_taken_back_are_counted_and_too_many_replaced_show() -> None:
    def told(answers: list[str], secretary: str = "s0") -> Checking:
        parts, story = session(20, 1, answers)
        for kind, data in story:
            if kind == shown.DRAWN:
                data["secretary"] = {"id": secretary, "name": "书记"}
        checking = Checking(SESSION)
        for _, data in parts:
            checking.list_part(data)
        for kind, data in story:
            checking.tell(kind, data)
        checking.finish()
        return checking

    three = told(["withdrawn", "declined", "withdrawn", "withdrawn", "accepted"])
    assert three.faults == []
    assert any("3 offers were taken back by s0" in each for each in three.held)
    assert told(["withdrawn"] * 4).faults == [], "whoever must leave takes back what waits"
    assert [each for each in told(["withdrawn"] * 4 + ["accepted"]).faults if "draw 5" in each or "replaces" in each]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_afterwards_shows(change: str) -> None:
    parts, story = copy.deepcopy(PARTS), copy.deepcopy(STORY)
    assert faults(parts, story) == []
    CHANGES[change](parts, story)
    assert faults(parts, story) != []


def test_who_is_passed_over_as_drawn_before_must_have_been() -> None:
    parts, story = session(2, 1, ["declined", "declined"])
    at = next(place_ for place_, (kind, _) in enumerate(story) if kind == shown.DRAWN)
    name, n = story[at][1]["pseudonym"], story[at][1]["n"]
    skipped = (shown.PASSED, {"round": 1, "n": n, "pseudonym": name, "reason": "drawn_before"})
    assert any("was not" in fault for fault in faults(parts, [*story[:at], skipped, *story[at + 2 :]]))


def test_a_session_that_is_not_closed_says_that_draws_cannot_be_recomputed_yet() -> None:
    checking = Checking(SESSION)
    for _, data in PARTS:
        checking.list_part(data)
    for kind, data in STORY[:-1]:
        checking.tell(kind, data)
    checking.finish()
    assert checking.faults == []
    assert any("not closed" in each for each in checking.held)
