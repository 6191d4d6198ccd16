"""A whole session recomputed from what was published, entry by entry. Pure; it knows the formula of `draw` and nothing else of
the server's."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from . import model, shown
from .draw import SECRET_BYTES, Ticket, heading, keeps, lines, place, session_code

_LINE = re.compile(r"([0-9a-f]{20}) ([0-9a-f]{16}) ([1-9][0-9]{0,5})\Z")
_AFTER_OFFER = ("declined", "lapsed", "withdrawn")
_PASSED_OVER = ("drawn_before", "recently_talked", "busy", "gone")
_AFTER_SEED = "the seed had been told by then, so that whoever knew it could steer"


@dataclass
class _Round:
    number: int
    commitment: str
    parts: list[str] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    hashed: bytes = b""
    published_hash: str | None = None
    nonce: bytes | None = None
    state: str = "prepared"
    came_up: list[tuple[int, str, bool]] = field(default_factory=list)  # n, pseudonym, whether it was offered


class Checking:
    """`tell` each entry of the session in order, after all parts of its lists; then `finish`. `held` and `faults`: in words."""

    def __init__(self, shake_id: str) -> None:
        self.held: list[str] = []
        self.faults: list[str] = []
        self._id = shake_id
        self._announced: Mapping[str, Any] | None = None
        self._favour = 1
        self._seed: bytes | None = None
        self._rounds: dict[int, _Round] = {}
        self._parts: dict[int, list[str]] = {}
        self._states: dict[tuple[int, int], str] = {}  # of draws, by round and n
        self._accepted: set[str] = set()
        self._drawn_for: dict[tuple[int, int], str] = {}  # secretaries, likewise
        self._withdrawn: dict[str, list[int]] = {}  # by secretary: the rounds of what they took back

    def list_part(self, data: Mapping[str, Any]) -> None:
        parts = self._parts.setdefault(int(data["round"]), [])
        if data["part"] != len(parts) + 1:
            self._fault(f"round {data['round']}: part {data['part']} of its list comes after {len(parts)}")
        parts.append(str(data["lines"]))

    def tell(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == shown.ANNOUNCED:
            if self._announced is not None or data.get("id") != self._id:
                self._fault("it is announced a second time, or under another id")
            self._announced = data
        if kind in (shown.ANNOUNCED, shown.CHANGED):
            self._plan(data)
        elif kind == shown.CLOSED:
            self._close(str(data["seed"]))
        elif kind == shown.PREPARED:
            number = int(data["round"])
            if number != len(self._rounds) + 1:
                self._fault(f"round {number} is prepared twice, or out of turn")
            if any(each.commitment == data["nonce_commitment"] for each in self._rounds.values()):
                self._fault(f"round {number}: its nonce had been used before, so that the server could know it")
            if self._seed is not None:
                self._fault(f"round {number}: {_AFTER_SEED}")
            self._rounds[number] = _Round(number, str(data["nonce_commitment"]))
        elif "round" in data:
            found = self._rounds.get(int(data["round"]))
            if found is None:
                self._fault(f"round {data['round']} was never prepared, and yet there is {kind}")
            else:
                self._in_round(found, kind, data)

    def finish(self) -> None:
        if self._announced is None:
            self._fault("it was never announced")
        for found in self._rounds.values():
            if found.state == "revealed":
                self._draws(found)
        waiting = sum(state == "offered" for state in self._states.values())
        under_way = [each.number for each in self._rounds.values() if each.state not in ("revealed", "void", "empty")]
        if self._seed is None:
            self.held.append("the session is not closed: its seed is not told yet, so no draw can be recomputed")
        elif waiting or under_way:
            self._fault(f"{waiting} offers have neither an answer nor an end, nor have the rounds {under_way}")
        else:
            self.held.append(f"the code that pages show of it, for people to compare, is {self._code(self._seed)}")
        for secretary, rounds in sorted(self._withdrawn.items()):
            self.held.append(
                f"{len(rounds)} offers were taken back by {secretary} or at the end, in rounds {sorted(set(rounds))}"
            )
        if self._accepted:
            self.held.append(f"{len(self._accepted)} talks, each with somebody else")

    # One by one

    def _plan(self, data: Mapping[str, Any]) -> None:
        told = self._announced or data
        if any(data.get(each) != told.get(each) for each in ("seed_commitment", "receipt_key")):
            self._fault("the commitment to the seed, or the key of the receipts, has been changed")
        begun = any(each.state not in ("prepared", "void") for each in self._rounds.values())
        if begun and data.get("favour") != self._favour:
            self._fault("the weights were changed after a round")
        self._favour = int(data.get("favour", 1))

    def _close(self, seed: str) -> None:
        self._seed = _raw(seed)
        said = "" if self._announced is None else str(self._announced["seed_commitment"])
        if len(self._seed) != SECRET_BYTES or not keeps(self._seed, said):
            self._fault("the seed is not the one that was committed to")
        else:
            self.held.append("the seed is the one whose hash was published with the announcement")

    def _in_round(self, found: _Round, kind: str, data: Mapping[str, Any]) -> None:
        if kind == shown.OPENED:
            self._expect(found, "prepared", kind)
            found.state = "open"
            if self._seed is not None:
                self._fault(f"round {found.number}: {_AFTER_SEED}")
        elif kind == shown.ROUND_CLOSED:
            self._expect(found, "open", kind)
            self._list(found, data)
            found.state = "closed" if found.tickets else "empty"
            if data["state"] != found.state:
                self._fault(f"round {found.number}: it is said to be {data['state']} when it was {found.state}")
            if self._seed is not None:
                self._fault(f"round {found.number}: {_AFTER_SEED}")
        elif kind == shown.REVEALED:
            self._expect(found, "closed", kind)
            found.state, found.nonce = "revealed", _raw(str(data["nonce"]))
            if len(found.nonce) != SECRET_BYTES or not keeps(found.nonce, found.commitment):
                self._fault(f"round {found.number}: the nonce is not the one that was committed to")
        elif kind == shown.VOIDED:
            if found.state not in ("prepared", "closed"):
                self._fault(f"round {found.number} became void when it was {found.state}")
            if found.state == "closed":
                self.held.append(f"round {found.number} is void: its nonce was not told in time, and nobody was drawn of it")
            found.state = "void"
        elif kind in (shown.DRAWN, shown.PASSED, shown.ACCEPTED):
            self._expect(found, "revealed", kind)
            self._draw(found, kind, data)

    def _expect(self, found: _Round, state: str, kind: str) -> None:
        if found.state != state:
            self._fault(f"round {found.number}: {kind} when it was {found.state}")

    def _list(self, found: _Round, data: Mapping[str, Any]) -> None:
        found.published_hash = str(data["list_hash"])
        found.parts = self._parts.get(found.number, [])
        text = heading(self._id, found.number) + "".join(found.parts)
        found.hashed = hashlib.sha256(text.encode()).digest()
        found.tickets = self._tickets(found)
        found.ends = list(accumulate(each.weight for each in found.tickets))
        total = found.ends[-1] if found.ends else 0
        if found.hashed.hex() != data["list_hash"]:
            self._fault(f"round {found.number}: the list has another hash than was published")
        elif lines(found.tickets) != "".join(found.parts):
            self._fault(f"round {found.number}: the list is not in its form")
        elif (len(found.tickets), total) != (data["size"], data["total_weight"]):
            self._fault(f"round {found.number}: the list has another length or weight than was published")
        else:
            self.held.append(f"round {found.number}: the list of {len(found.tickets)} has the hash that was published")

    def _tickets(self, found: _Round) -> list[Ticket]:
        tickets, before = [], ""
        for line in "".join(found.parts).splitlines():
            if (match := _LINE.match(line)) is None or match[1] <= before:
                self._fault(f"round {found.number}: a line is no ticket, or not in its order: {line[:60]!r}")
                continue
            before = match[1]
            tickets.append(Ticket(match[1], match[2], int(match[3])))
        if odd := {each.weight for each in tickets} - {1, self._favour}:
            self._fault(f"round {found.number}: weights that were not announced: {sorted(odd)}")
        return tickets

    def _draw(self, found: _Round, kind: str, data: Mapping[str, Any]) -> None:
        n, name = int(data["n"]), str(data["pseudonym"])
        key, where = (found.number, n), f"round {found.number}, draw {n}"
        state = self._states.get(key)
        reason = str(data.get("reason", ""))
        if kind == shown.DRAWN or (kind == shown.PASSED and reason not in _AFTER_OFFER):
            if kind == shown.PASSED and reason not in _PASSED_OVER:
                self._fault(f"{where}: somebody was passed over for no reason that there is: {reason[:20]!r}")
            again = name in self._accepted or any(each == name for _, each, _ in found.came_up)
            if state is not None or n != len(found.came_up) + 1:
                self._fault(f"{where}: it comes out of turn")
            if kind == shown.DRAWN and again:
                self._fault(f"{where}: somebody was drawn who had been before")
            if reason == "drawn_before" and not again:
                self._fault(f"{where}: somebody was passed over as drawn before, and was not")
            found.came_up.append((n, name, kind == shown.DRAWN))
            self._states[key] = "offered" if kind == shown.DRAWN else reason
            if kind == shown.DRAWN:
                self._offer(key, str(data["secretary"]["id"]), where)
            return
        if state != "offered":
            self._fault(f"{where}: {kind} without an offer")
        elif name not in [each for at, each, _ in found.came_up if at == n]:
            self._fault(f"{where}: somebody else answered")
        self._states[key] = "accepted" if kind == shown.ACCEPTED else reason
        if reason == "withdrawn":
            self._withdrawn.setdefault(self._drawn_for.get(key, ""), []).append(found.number)
        if kind == shown.ACCEPTED:
            if name in self._accepted:
                self._fault(f"{where}: one and the same has two talks")
            self._accepted.add(name)

    def _offer(self, key: tuple[int, int], secretary: str, where: str) -> None:
        self._drawn_for[key] = secretary
        taken_back = self._withdrawn.get(secretary, [])
        if len(taken_back) > model.MOST_WITHDRAWN and key[0] in taken_back:
            self._fault(f"{where}: it replaces an offer that was taken back, as more than {model.MOST_WITHDRAWN} had been")

    def _draws(self, found: _Round) -> None:
        if self._seed is None or found.nonce is None or not found.ends:
            return
        wrong = 0
        for n, name, _ in found.came_up:
            at = place(self._seed, found.hashed, found.nonce, n, found.ends[-1])
            wrong += found.tickets[bisect_right(found.ends, at)].pseudonym != name
        if wrong:
            self._fault(f"round {found.number}: {wrong} of {len(found.came_up)} draws are not what the formula gives")
        else:
            self.held.append(f"round {found.number}: all {len(found.came_up)} draws are what the formula gives")

    def _code(self, seed: bytes) -> str:
        told, rounds = self._announced or {}, sorted(self._rounds.items())
        return session_code(
            self._id,
            (told.get("seed_commitment"), told.get("receipt_key"), self._favour, seed.hex()),
            [
                (number, each.commitment, each.published_hash, None if each.nonce is None else each.nonce.hex())
                for number, each in rounds
            ],
            [
                (number, n, name, self._states[number, n], self._drawn_for.get((number, n)))
                for number, each in rounds
                for n, name, _ in each.came_up
            ],
        )

    def _fault(self, words: str) -> None:
        self.faults.append(words)


def _raw(digits: str) -> bytes:
    """Nothing for what are no hexadecimal digits, which is no secret of the right length."""
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return b""
