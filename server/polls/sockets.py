"""Opening a poll, voting in it, closing it, taking it back."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .routes import POLLS
from .wire import PollCloseAck, PollCloseIn, PollOpenAck, PollOpenIn, PollRemoveIn, PollVoteAck, PollVoteIn

poll_events = Events("polls")
_KEEPERS = "hosts of the broadcast, moderators"


@poll_events.on("poll.open", who=_KEEPERS, summary="Open a draft, or a poll that was not prepared")
async def open_poll(connection: Connection, payload: PollOpenIn) -> PollOpenAck:
    member, polls = require_socket_member(connection), connection.app[POLLS]
    if payload.poll is not None:
        poll = await polls.open(member, payload.poll)
    else:
        poll = await polls.open_new(member, payload.broadcast or "", payload.plan(), client_id=payload.client_id)
    return PollOpenAck(poll=poll.id, offset=poll.offset or 0)


@poll_events.on("poll.vote", who="viewer", summary="Vote, or change one's vote")
async def vote(connection: Connection, payload: PollVoteIn) -> PollVoteAck:
    member = require_socket_member(connection)
    await connection.app[POLLS].vote(member, payload.poll, payload.options, client_id=payload.client_id)
    return PollVoteAck(options=sorted(payload.options))


@poll_events.on("poll.close", who=_KEEPERS, summary="Close a poll and tell its result")
async def close_poll(connection: Connection, payload: PollCloseIn) -> PollCloseAck:
    poll = await connection.app[POLLS].end(require_socket_member(connection), payload.poll)
    return PollCloseAck(counts=list(poll.counts or ()), voters=poll.voters or 0)


@poll_events.on("poll.remove", who=_KEEPERS, summary="Take a poll back, its result too")
async def remove(connection: Connection, payload: PollRemoveIn) -> None:
    await connection.app[POLLS].remove(require_socket_member(connection), payload.poll)
