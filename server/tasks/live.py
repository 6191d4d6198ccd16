"""What members are told of tasks, in their own channel. No state of a snapshot: pages ask for it."""

from typing import Any

from ..core.clock import rfc3339
from ..core.journal import Draft
from ..identity import member_channel
from .model import Part, Task

GIVEN = "task.given"
REMINDED = "task.reminded"
ENDED = "task.ended"
CONFIRMED = "task.confirmed"


def given(task: Task, title: str, member_id: str) -> Draft:
    return Draft(member_channel(member_id), GIVEN, _named(task, title))


def reminded(task: Task, title: str, member_id: str) -> Draft:
    return Draft(member_channel(member_id), REMINDED, _named(task, title))


def ended(task: Task, title: str, member_id: str) -> Draft:
    """Closed or withdrawn before this member had confirmed: it waits for them no more."""
    return Draft(member_channel(member_id), ENDED, _named(task, title) | {"state": task.state.value, "reason": task.reason})


def confirmed(task: Task, title: str, part: Part) -> Draft:
    """By the member on some device, or for them; or such a confirmation was taken back (`confirmed` is false)."""
    more = {"confirmed": part.confirmed_at is not None, "late": part.late, "proxy": part.by is not None, "reason": part.reason}
    return Draft(member_channel(part.member_id), CONFIRMED, _named(task, title) | more)


def _named(task: Task, title: str) -> dict[str, Any]:
    return {"task": task.id, "title": title, "due_at": rfc3339(task.terms.due_at)}
