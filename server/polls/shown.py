"""What the room is told of a poll: in entries, in the snapshot, in signals. The same for everybody."""

from typing import Any

from ..core.clock import rfc3339
from .model import Poll, Results, Tally


def shown(poll: Poll) -> dict[str, Any]:
    """An open poll, as its opening tells it; how it stands is not part of it."""
    plan = poll.plan
    return {
        "id": poll.id,
        "question": plan.question,
        "options": list(plan.options),
        "most": plan.most,
        "results": plan.results.value,
        "final": plan.final,
        "closes_at": None if poll.closes_at is None else rfc3339(poll.closes_at),
    }


def told_result(poll: Poll) -> dict[str, Any]:
    return {"id": poll.id, "counts": list(poll.counts or ()), "voters": poll.voters, "closed_by": poll.closed_why}


def signalled(poll: Poll, tally: Tally) -> dict[str, Any]:
    """How an open poll stands: for each option where everybody may see that, else only how many have voted."""
    told: dict[str, Any] = {"id": poll.id, "voters": tally.voters}
    return {**told, "counts": list(tally.counts)} if poll.plan.results is Results.ALWAYS else told
