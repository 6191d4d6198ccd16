"""What the room is told of a roll-call. The same for everybody: who answered is theirs and the organisers' to know."""

from typing import Any

from ..core.clock import rfc3339
from .model import RollCall, Rules

OPENED = "roll_call.opened"
CLOSED = "roll_call.closed"


def shown(roll_call: RollCall, rules: Rules) -> dict[str, Any]:
    """`needed` answers prove that somebody was present; `drawn`: how many roll-calls the broadcast is to have."""
    return {
        "id": roll_call.id,
        "number": roll_call.number,
        "closes_at": rfc3339(roll_call.closes_at),
        "needed": rules.needed,
        "drawn": rules.number,
    }
