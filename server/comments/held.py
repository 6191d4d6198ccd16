"""Comments that were held, said at last as they would have been at once: by their author, at their moment, under their id."""

from datetime import datetime
from typing import Any

from ..broadcasts import Broadcast, author_of, channel_of
from ..core.db import Session
from ..core.journal import Draft, Entry
from ..identity import Speaker
from ..moderation import Held, Said, Verdict, Why
from . import store
from .model import POSTED

KIND = "comment"


def held_comment(
    broadcast: Broadcast, who: Speaker, data: dict[str, Any], verdict: Verdict, *, at: datetime, media_at: datetime
) -> Held:
    """`data` is that of the entry it would have been."""
    return Held(
        id=data["id"],
        scope=broadcast.id,
        kind=KIND,
        author=author_of(broadcast, who),
        text=data["text"],
        at=at,
        media_at=media_at,
        why=verdict.why or Why.PRE_MODERATED,
        hits=[hit.wire() for hit in verdict.hits],
        more={name: value for name, value in data.items() if name not in ("id", "text")},
    )


def said_of(draft: Draft, at: datetime) -> Said:
    """A comment as those who moderate are shown it."""
    assert draft.by is not None  # noqa: S101  # a comment has an author
    scope = draft.channel.partition(":")[2]
    return Said(draft.data["id"], scope, KIND, draft.by, draft.data["text"], at, draft.media_at)


class HeldComments:
    """What moderation can do with a comment (`moderation.Things`)."""

    def draft(self, held: Held) -> Draft:
        data = {"id": held.id, "text": held.text, **held.more}
        return Draft(channel_of(held.scope), POSTED, data, by=held.author, media_at=held.media_at)

    async def posted(self, session: Session, held: Held, entry: Entry) -> None:
        await store.set_offset(session, held.id, entry.offset)
