"""The questions' part of a broadcast's snapshot: all of the room that stand, each with its votes, its state and its answers.

The number of votes in it is the last that was told, which is written in the transaction that tells it; so a snapshot and the
entries after it agree at every offset, however many votes wait to be told.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.clock import rfc3339
from ..core.fanout import Part
from ..core.fanout import State as Shown
from ..core.journal import Entry
from . import store
from .model import Question, QuestionState, Reply

ASKED = "question.asked"
VOTED = "question.voted"
PINNED = "question.pinned"
REPLIED = "question.replied"
ADOPTED = "question.adopted"
REPLY_REMOVED = "question.reply_removed"
REMOVED = "question.removed"
MARKED = {
    QuestionState.ASKED: "question.reopened",
    QuestionState.ANSWERING: "question.answering",
    QuestionState.ANSWERED: "question.answered",
}


def marked(question: Question) -> dict[str, Any]:
    """What an entry tells of a question that was marked."""
    times = {"answering_at": question.answering_at, "answered_at": question.answered_at}
    return {
        "id": question.id,
        "state": question.state.value,
        **{name: None if at is None else rfc3339(at) for name, at in times.items()},
    }


async def _snapshot(session: AsyncSession, key: str) -> Shown:
    replies: dict[str, list[Reply]] = {}
    for reply in await store.replies(session, key):
        replies.setdefault(reply.question_id, []).append(reply)
    return {"all": [_shown(each, replies.get(each.id, [])) for each in await store.standing(session, key)]}


def _shown(question: Question, replies: list[Reply]) -> dict[str, Any]:
    by = question.shown_by
    return {
        **_asked(question.id, rfc3339(question.at), None if by is None else by.wire(), question.text),
        **marked(question),
        "votes": question.told,
        "pinned": question.pinned,
        "adopted": question.adopted_id,
        "replies": [_replied(each.id, rfc3339(each.at), each.by.wire(), each.text) for each in replies],
    }


def _asked(question_id: str, at: str, by: dict[str, str] | None, text: str) -> dict[str, Any]:
    """Of an anonymous question there is no `by`."""
    fresh = {"state": "asked", "answering_at": None, "answered_at": None, "votes": 0, "pinned": False, "adopted": None}
    return {"id": question_id, "at": at, **({} if by is None else {"by": by}), "text": text, **fresh, "replies": []}


def _replied(reply_id: str, at: str, by: dict[str, str], text: str) -> dict[str, Any]:
    return {"id": reply_id, "at": at, "by": by, "text": text}


def _apply(state: Shown, entry: Entry) -> Shown:
    data = entry.data
    if entry.type == ASKED:
        if "text" not in data:
            return state  # taken back since
        by = None if entry.by is None else entry.by.wire()
        return {"all": [*state["all"], _asked(data["id"], rfc3339(entry.at), by, data["text"])]}
    if entry.type == REMOVED:
        return {"all": [each for each in state["all"] if each["id"] != data["id"]]}
    if (change := _CHANGES.get(entry.type)) is None:
        return state
    subject = data.get("question", data["id"])
    return {"all": [change(each, entry) if each["id"] == subject else each for each in state["all"]]}


def _take(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    return {**shown, **entry.data}


def _adopt(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    return {**shown, "adopted": entry.data["reply"]}


def _reply(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    if "text" not in entry.data or entry.by is None:
        return shown
    reply = _replied(entry.data["id"], rfc3339(entry.at), entry.by.wire(), entry.data["text"])
    return {**shown, "replies": [*shown["replies"], reply]}


def _remove_reply(shown: dict[str, Any], entry: Entry) -> dict[str, Any]:
    gone = entry.data["id"]
    kept = [each for each in shown["replies"] if each["id"] != gone]
    return {**shown, "replies": kept, "adopted": None if shown["adopted"] == gone else shown["adopted"]}


_Change = Callable[[dict[str, Any], Entry], dict[str, Any]]
_CHANGES: dict[str, _Change] = {
    VOTED: _take,
    PINNED: _take,
    **dict.fromkeys(MARKED.values(), _take),
    ADOPTED: _adopt,
    REPLIED: _reply,
    REPLY_REMOVED: _remove_reply,
}

QUESTIONS_PART = Part("questions", _snapshot, _apply)
