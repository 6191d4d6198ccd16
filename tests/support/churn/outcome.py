"""What everybody says they heard and were promised, against what the journal holds."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from server.core.journal import Entry
from tests.support.churn.kept import Kept
from tests.support.weather import Weather


@dataclass
class Outcome:
    clients: int
    comments: int
    weather: Weather
    accounts: list[dict[str, Any]] = field(default_factory=list)
    journal: list[Entry] = field(default_factory=list)
    kept: Kept | None = None
    late_commits: int = 0
    exits: list[int] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(int(account[name]) for account in self.accounts)

    def check(self) -> None:
        """Every acknowledged comment reached every client once and in order, and nothing else did."""
        comments = [entry for entry in self.journal if entry.type == "comment.posted"]
        assert [entry.offset for entry in self.journal] == list(range(1, len(self.journal) + 1))
        texts = [entry.data.get("text", "") for entry in comments]  # none is left of what was taken back
        said = [words.split()[0] for words in texts if words]
        assert len(said) == len(set(said)), "a comment sent again was written twice"
        told = {(entry.offset, entry.data["id"]): words for entry, words in zip(comments, texts, strict=True)}
        acked = [[tuple(each) for each in account["acked"]] for account in self.accounts]
        assert sum(map(len, acked)) == self.comments
        for mine in acked:
            for offset, comment, client_id in mine:
                words = told.get((offset, comment))
                assert words is not None, "an acknowledged comment is not what the journal holds"
                assert words == "" or words.split()[0] == client_id, "an acknowledged comment holds other words"
            assert mine == sorted(mine), "what somebody said later stands before what was acknowledged earlier"
        everything = hashlib.sha256()
        for entry, words in zip(comments, texts, strict=True):
            everything.update(f"{entry.offset} {entry.data['id']} {words}\n".encode())
        assert len(self.accounts) == self.clients
        for account in self.accounts:
            shown = {name: value for name, value in account.items() if name not in ("acked", "done", "first")}
            assert account["faults"] == [], shown
            assert (account["heard"], account["hash"]) == (len(comments), everything.hexdigest()), shown
        assert self.kept is not None
        self.kept.check(self.accounts, self.journal)
        assert self.complaints == []
        assert set(self.exits) == {0}

    def check_trouble(self) -> None:
        """There was trouble of every kind; without it the other check would show nothing."""
        seen = self.figures()
        assert self.weather.cuts > self.clients // 3, seen
        assert self.weather.holds > self.clients // 6, seen
        assert self.total("connects") > 2 * self.clients, seen
        assert self.total("recoveries") > self.clients // 3, seen
        # Slow readers fell out of the ring: told so, or cut after a while, and back with a position that had become too old.
        assert self.total("resyncs") + self.total("outrun") > 0, seen
        assert self.late_commits > 0, seen
        done = {event for account in self.accounts for event, _, _ in account["done"]}
        assert done >= {"question", "question.vote", "poll.vote", "react", "comment.remove"}, done

    def figures(self) -> dict[str, int]:
        names = ("connects", "recoveries", "snapshots", "resyncs", "outrun", "repeats")
        ours = {"cuts": self.weather.cuts, "holds": self.weather.holds, "late_commits": self.late_commits}
        ours["other_acts"] = sum(len(account["done"]) for account in self.accounts)
        return {"comments": self.comments, **ours} | {name: self.total(name) for name in names}
