"""Asking, voting, answering, and keeping the queue."""

from ..core.sockets import Connection, Events
from ..identity import require_socket_member
from .routes import QUESTIONS
from .wire import (
    QuestionAck,
    QuestionAdoptIn,
    QuestionIn,
    QuestionMarkIn,
    QuestionPinIn,
    QuestionRemoveIn,
    QuestionReplyIn,
    QuestionReplyRemoveIn,
    QuestionVoteAck,
    QuestionVoteIn,
)

question_events = Events("questions")
KEEPERS = "hosts of the broadcast, moderators"


@question_events.on("question", who="viewer", summary="Ask something in a broadcast's room")
async def ask(connection: Connection, payload: QuestionIn) -> QuestionAck:
    member = require_socket_member(connection)
    asked = await connection.app[QUESTIONS].ask(
        member, payload.broadcast, payload.text, client_id=payload.client_id, anonymous=payload.anonymous
    )
    return QuestionAck(id=asked.id, offset=asked.offset or None, held=not asked.said)


@question_events.on("question.vote", who="viewer", summary="Vote for somebody else's question, or no longer")
async def vote(connection: Connection, payload: QuestionVoteIn) -> QuestionVoteAck:
    member = require_socket_member(connection)
    return QuestionVoteAck(votes=await connection.app[QUESTIONS].vote(member, payload.question, up=payload.up))


@question_events.on("question.mark", who=KEEPERS, summary="A question is being answered, was answered, or is open again")
async def mark(connection: Connection, payload: QuestionMarkIn) -> None:
    member = require_socket_member(connection)
    await connection.app[QUESTIONS].mark(member, payload.question, payload.state, payload.media_at)


@question_events.on("question.pin", who=KEEPERS, summary="Show a question on top of all, or no longer")
async def pin(connection: Connection, payload: QuestionPinIn) -> None:
    member = require_socket_member(connection)
    await connection.app[QUESTIONS].pin(member, payload.question, pinned=payload.pinned)


@question_events.on("question.reply", who="viewer", summary="Answer a question in writing")
async def reply(connection: Connection, payload: QuestionReplyIn) -> QuestionAck:
    member = require_socket_member(connection)
    given = await connection.app[QUESTIONS].reply(member, payload.question, payload.text, client_id=payload.client_id)
    return QuestionAck(id=given.id, offset=given.offset or None, held=not given.said)


@question_events.on("question.adopt", who="its asker, " + KEEPERS, summary="Say which written answer has helped, or none")
async def adopt(connection: Connection, payload: QuestionAdoptIn) -> None:
    member = require_socket_member(connection)
    await connection.app[QUESTIONS].adopt(member, payload.question, payload.reply)


@question_events.on("question.remove", who="its asker, " + KEEPERS, summary="Take a question back")
async def remove(connection: Connection, payload: QuestionRemoveIn) -> None:
    member = require_socket_member(connection)
    await connection.app[QUESTIONS].remove(member, payload.question, reason=payload.reason)


@question_events.on("question.reply.remove", who="its author, " + KEEPERS, summary="Take a written answer back")
async def remove_reply(connection: Connection, payload: QuestionReplyRemoveIn) -> None:
    member = require_socket_member(connection)
    await connection.app[QUESTIONS].remove_reply(member, payload.reply, reason=payload.reason)
