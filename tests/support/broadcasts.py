"""Broadcasts and people to decide about, made in one line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from server.broadcasts.model import (
    OVER,
    Broadcast,
    CommentMode,
    Orientation,
    Publisher,
    Recording,
    State,
    Visibility,
)
from server.core.ids import new_id
from server.identity import Member, Role, Status

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
HOST, CO_HOST = new_id(), new_id()


def broadcast(state: State = State.SCHEDULED, **more: Any) -> Broadcast:
    """A broadcast in that state with the times such a one has; hosted by HOST, with CO_HOST beside."""
    made = Broadcast(
        id=new_id(),
        title="“七月的红船”直播党课",
        intro="",
        starts_at=NOW,
        minutes_planned=60,
        visibility=Visibility.EMPLOYEES,
        comment_mode=CommentMode.POST_MODERATED,
        orientation=Orientation.LANDSCAPE,
        publishers=(Publisher(HOST, 1), Publisher(CO_HOST, 2)),
        created_at=NOW - timedelta(days=1),
        state=state,
        token_count=2,
    )
    if state in (State.LIVE, State.INTERRUPTED, State.ENDED, State.CUT_OFF):
        made = replace(made, live_at=NOW)
    if state is State.INTERRUPTED:
        made = replace(made, interrupted_at=NOW)
    if state in OVER:
        made = replace(made, ended_at=NOW)
    if state in (State.ENDED, State.CUT_OFF):
        made = replace(made, recording=Recording.SEALED, recorded_seconds=60.0, recorded_bytes=1000, recorded_video=True)
    return replace(made, **more)


def member(*roles: Role, id: str | None = None, status: Status = Status.FULL) -> Member:  # noqa: A002  # as the field is named
    return Member(
        id=id or new_id(),
        name="林晓",
        branch_id=None,
        branch_name=None,
        status=status,
        roles=frozenset(roles),
        session_id=new_id(),
    )
