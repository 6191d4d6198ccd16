"""What the database holds in the end of what is no comment, against what was acknowledged; its snapshot against the journal."""

import functools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from server.comments import COMMENTS_PART
from server.core.db import Database, Session
from server.core.fanout import Part, State
from server.core.journal import Entry
from server.polls import POLLS_PART
from server.questions import QUESTIONS_PART

# A room in which nothing has happened yet.
EMPTY: dict[str, tuple[Part, State]] = {
    "comments": (COMMENTS_PART, {"latest": []}),
    "questions": (QUESTIONS_PART, {"all": []}),
    "polls": (POLLS_PART, {"items": []}),
}
_VOTES = "SELECT question_id, count(*) FROM question_votes GROUP BY question_id"
_TOLD = "SELECT id, told FROM questions"
_BALLOTS = "SELECT poll_id, count(*) FROM ballots GROUP BY poll_id"
_TAPS = "SELECT kind, count FROM reaction_totals"


@dataclass
class Kept:
    votes: dict[str, int]
    told: dict[str, int]
    ballots: dict[str, int]
    taps: dict[str, int]
    snapshot: dict[str, State]

    def check(self, accounts: Sequence[dict[str, Any]], journal: Sequence[Entry]) -> None:
        """Everything acknowledged is there, once; whoever follows the journal from its start stands where a newcomer does."""
        asked = [answer["id"] for _, _, _, answer in _done(accounts, "question")]
        written = [entry.data["id"] for entry in journal if entry.type == "question.asked"]
        assert len(written) == len(set(written))
        assert set(asked) <= set(written), "an acknowledged question is not what the journal holds"
        voters = _people(accounts, "question.vote", "question")
        assert self.votes == {question: len(people) for question, people in voters.items()}
        assert {question: self.told[question] for question in self.votes} == self.votes, "votes that nobody was told of"
        assert self.ballots == {poll: len(people) for poll, people in _people(accounts, "poll.vote", "poll").items()}
        taps: dict[str, int] = defaultdict(int)
        for _, _, payload, _ in _done(accounts, "react"):
            taps[payload["kind"]] += payload["count"]
        assert self.taps == dict(taps)
        for name, (part, nothing) in EMPTY.items():
            state = functools.reduce(part.apply, journal, nothing)
            assert _plain(state) == _plain(self.snapshot[name]), f"the journal and the snapshot differ in {name}"


async def kept(database: Database, broadcast_id: str) -> Kept:
    async with database.snapshot() as session:
        return Kept(
            votes=await _counts(session, _VOTES),
            told=await _counts(session, _TOLD),
            ballots=await _counts(session, _BALLOTS),
            taps=await _counts(session, _TAPS),
            snapshot={name: await part.snapshot(session, broadcast_id) for name, (part, _) in EMPTY.items()},
        )


async def _counts(session: Session, query: str) -> dict[str, int]:
    return {str(name): int(count) for name, count in await session.execute(text(query))}


def _done(accounts: Sequence[dict[str, Any]], event: str) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Who did it, what it was, its payload and its acknowledgement."""
    for account in accounts:
        for what, payload, answer in account["done"]:
            if what == event:
                yield account["person"], what, payload, answer


def _people(accounts: Sequence[dict[str, Any]], event: str, thing: str) -> dict[str, set[str]]:
    """By the thing that was voted on: different people whose vote was acknowledged."""
    found: dict[str, set[str]] = defaultdict(set)
    for person, _, payload, _ in _done(accounts, event):
        found[payload[thing]].add(person)
    return found


def _plain(state: State) -> Any:
    return json.loads(json.dumps(state))
