"""What an adopted answer earns whoever wrote it (indicator N08), and loses when it is adopted no longer."""

from ..broadcasts import Broadcast
from ..core.db import Session
from ..points import Cause, Ledger
from .model import Question, Reply

ADOPTED = "qa.answer.adopted"


class Credits:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def move(
        self, session: Session, broadcast: Broadcast, question: Question, before: Reply | None, after: Reply | None, *, by: str
    ) -> None:
        """The adoption goes from one answer to another, or to none. Nobody is credited for an answer to their own question, or
        for one they adopted themselves. The last thing in its transaction, as `Ledger.award` wants it."""
        if after is not None and after.author_id in (by, question.asker_id):
            after = None
        # In the order of the members whose balances are held: two such moves must not wait for each other.
        replies = [each for each in (before, after) if each is not None]
        for reply in sorted(replies, key=lambda each: each.author_id):
            if reply is before:
                await self._ledger.revoke(session, _cause(broadcast, reply), by=by, reason="回答不再被采纳")
            else:
                await self._ledger.renew(session, _cause(broadcast, reply))


def _cause(broadcast: Broadcast, reply: Reply) -> Cause:
    title = f"回答被采纳：{broadcast.title}"[:120]
    return Cause(reply.author_id, ADOPTED, reply.id, reply.at, title=title, link=f"/b/{broadcast.id}")
