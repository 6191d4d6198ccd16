"""Questions and written answers that were held, said at last as they would have been at once, under their id.

Whoever moderates sees who asked, also of an anonymous question; the room is told no more than it would have been.
"""

from datetime import datetime

from ..broadcasts import channel_of
from ..core.db import Session
from ..core.journal import Author, Draft, Entry
from ..moderation import Held, Verdict, Why
from . import store
from .live import ASKED, REPLIED

QUESTION_KIND, REPLY_KIND = "question", "question.reply"


def held(
    kind: str, thing_id: str, broadcast_id: str, by: Author, text: str, verdict: Verdict, at: datetime, **more: str | bool
) -> Held:
    return Held(
        id=thing_id,
        scope=broadcast_id,
        kind=kind,
        author=by,
        text=text,
        at=at,
        media_at=None,
        why=verdict.why or Why.PRE_MODERATED,
        hits=[hit.wire() for hit in verdict.hits],
        more=more,
    )


def question_draft(broadcast_id: str, question_id: str, text: str, by: Author, *, anonymous: bool) -> Draft:
    return Draft(channel_of(broadcast_id), ASKED, {"id": question_id, "text": text}, by=None if anonymous else by)


def reply_draft(broadcast_id: str, reply_id: str, question_id: str, text: str, by: Author) -> Draft:
    return Draft(channel_of(broadcast_id), REPLIED, {"id": reply_id, "question": question_id, "text": text}, by=by)


class HeldQuestions:
    """What moderation can do with a question (`moderation.Things`)."""

    def draft(self, held: Held) -> Draft:
        return question_draft(held.scope, held.id, held.text, held.author, anonymous=bool(held.more["anonymous"]))

    async def posted(self, session: Session, held: Held, entry: Entry) -> None:
        await store.say(session, held.id, offset=entry.offset, at=entry.at)


class HeldReplies:
    """What moderation can do with a written answer."""

    def draft(self, held: Held) -> Draft:
        return reply_draft(held.scope, held.id, str(held.more["question"]), held.text, held.author)

    async def posted(self, session: Session, held: Held, entry: Entry) -> None:
        await store.say_reply(session, held.id, offset=entry.offset, at=entry.at)
