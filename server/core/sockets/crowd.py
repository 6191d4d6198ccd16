"""How many connections there are, and whether one more is too many. No I/O.

Members and visitors are counted apart, in all and for each address, so that no number of visitors takes a member's place. A
visitor is whoever shows no session that lives: somebody who never signed in, and a member whose session has ended.
"""

from collections import Counter

from .engine import TurnedAway
from .limits import SocketLimits


class Crowd:
    """`member_id` is None for a visitor. Whoever has entered leaves under the same names."""

    def __init__(self, limits: SocketLimits) -> None:
        self._limits = limits
        self._all: Counter[bool] = Counter()  # by whether they are members
        self._addresses: Counter[tuple[str, bool]] = Counter()
        self._members: Counter[str] = Counter()

    def check_anybody(self, address: str) -> None:
        """Before it is known who calls: raise TurnedAway if it is too many whoever that is."""
        refusal = self._full(address, is_member=True)
        if refusal is not None and self._full(address, is_member=False) is not None:
            raise refusal

    def check(self, address: str, member_id: str | None) -> None:
        """Raise TurnedAway if one more is too many."""
        refusal = self._full(address, is_member=member_id is not None)
        if refusal is not None:
            raise refusal
        if member_id is not None and self._members[member_id] >= self._limits.connections_per_member:
            raise TurnedAway(403, "Forbidden", reason="too many of one member")

    def enter(self, address: str, member_id: str | None) -> None:
        self._count(address, member_id, 1)

    def leave(self, address: str, member_id: str | None) -> None:
        self._count(address, member_id, -1)

    def _full(self, address: str, *, is_member: bool) -> TurnedAway | None:
        if self._all[is_member] >= (self._limits.connections if is_member else self._limits.visitors):
            who = "connections" if is_member else "visitors"
            return TurnedAway(503, f"Too many {who}", reason=f"too many {who} in all")
        if self._addresses[address, is_member] >= self._limits.connections_per_address:
            return TurnedAway(403, "Forbidden", reason="too many from one address")
        return None

    def _count(self, address: str, member_id: str | None, by: int) -> None:
        is_member = member_id is not None
        self._all[is_member] += by
        self._addresses[address, is_member] += by
        if self._addresses[address, is_member] <= 0:
            del self._addresses[address, is_member]
        if member_id is not None:
            self._members[member_id] += by
            if self._members[member_id] <= 0:
                del self._members[member_id]
