"""What a question is, and who may do what with it when. Pure rules.

    asked ⇄ answering → answered        one at a time is being answered; what was marked by mistake goes back to asked

Questions are taken from the day a broadcast is scheduled until it ends: hosts prepare by them. Written answers are taken after
the end too, as long as there may be a replay to show them. What moderation holds has the offset 0, as before the first entry,
until it is approved, and for good if it is not: it counts for nothing, and nobody but its writer can do anything with it.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..broadcasts import BEFORE_AIR, OVER, Broadcast, Recording, keeps_room, placed, rights
from ..broadcasts import State as BroadcastState
from ..core.errors import Conflict, Forbidden, NotFound
from ..core.journal import Author
from ..identity import Member

MOST_CHARACTERS = 200
# A room's questions and written answers are in its snapshot, which all who enter get at once. With all bounds reached and every
# text as long as may be, that is 0.8 MiB; a lively evening is some 20 KiB. There is room for hosts to answer every question.
MOST_QUESTIONS = 400
MOST_REPLIES, MOST_BY_VIEWERS = 600, 200  # written answers in one room, and from how many on only hosts can write
MOST_OPEN = 3  # questions of one person in one room that wait for an answer
MOST_TO_ONE = 20  # written answers by viewers to one question
MOST_FROM_ONE = 3  # written answers of one viewer to one question
TOLD_EVERY = timedelta(seconds=1)  # at most, how many votes a question has
_THROWN_AWAY = (Recording.DISCARDING, Recording.DISCARDED)


class QuestionState(enum.StrEnum):
    ASKED = "asked"
    ANSWERING = "answering"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Question:
    """`by` is who asked, under the name of that day; of an anonymous question it is kept and shown to nobody in the room. The
    answer on air lies between `answering_at` and `answered_at`, on the programme's clock. `votes` is how many there are,
    `told` how many the room was last told of, at `told_at`. `removed`: by whose right it was taken back."""

    id: str
    broadcast_id: str
    offset: int
    at: datetime
    asker_id: str
    by: Author
    text: str
    anonymous: bool
    client_id: str
    digest: str
    state: QuestionState = QuestionState.ASKED
    answering_at: datetime | None = None
    answered_at: datetime | None = None
    pinned: bool = False
    votes: int = 0
    told: int = 0
    told_at: datetime | None = None
    adopted_id: str | None = None
    removed: str | None = None

    @property
    def said(self) -> bool:
        return self.offset > 0

    @property
    def stands(self) -> bool:
        """Whether the room has it."""
        return self.said and self.removed is None

    @property
    def shown_by(self) -> Author | None:
        return None if self.anonymous else self.by


@dataclass(frozen=True, slots=True)
class Reply:
    """A written answer."""

    id: str
    question_id: str
    broadcast_id: str
    offset: int
    at: datetime
    author_id: str
    by: Author
    text: str
    client_id: str
    digest: str
    removed: str | None = None

    @property
    def said(self) -> bool:
        return self.offset > 0

    @property
    def stands(self) -> bool:
        return self.said and self.removed is None


def check_ask(broadcast: Broadcast, member: Member) -> None:
    """Raise Conflict unless this member can ask here now. That comments are off is no matter: questions are what is left."""
    if broadcast.state in OVER:
        raise Conflict("questions_closed", "直播已结束，不能再提问")
    _check_writing(broadcast, member)


def check_vote(broadcast: Broadcast) -> None:
    if broadcast.state in OVER:
        raise Conflict("questions_closed", "直播已结束，不能再投票")


def check_reply(broadcast: Broadcast, member: Member) -> None:
    check_answers(broadcast)
    _check_writing(broadcast, member)


def check_bounds(replies: Sequence[Reply], question_id: str, author_id: str, *, keeper: bool) -> None:
    """`replies`: all that stand in the room. Raise Conflict `replies_full`."""
    if len(replies) >= MOST_REPLIES:
        raise Conflict("replies_full", "本场的书面回答已经很多了，不能再写")
    if keeper:
        return
    to_this = [each for each in replies if each.question_id == question_id]
    if sum(each.author_id == author_id for each in to_this) >= MOST_FROM_ONE:
        raise Conflict("replies_full", f"一个提问最多写 {MOST_FROM_ONE} 条回答")
    if len(to_this) >= MOST_TO_ONE or len(replies) >= MOST_BY_VIEWERS:
        raise Conflict("replies_full", "回答已经很多了，不能再写")


def check_answers(broadcast: Broadcast) -> None:
    """Raise Conflict where nothing can be answered any more: there is nothing left that would show it."""
    over = broadcast.state in OVER and broadcast.state is not BroadcastState.ENDED
    if over or broadcast.recording in _THROWN_AWAY or broadcast.purged_at is not None:
        raise Conflict("questions_closed", "这场直播的问答已经关闭")


def check_mark(broadcast: Broadcast, member: Member, state: QuestionState) -> None:
    """Raise Forbidden `keeper_needed`, Conflict `not_on_air`, `questions_closed`."""
    check_keeper(broadcast, member)
    check_answers(broadcast)
    if broadcast.state in BEFORE_AIR and state is not QuestionState.ASKED:
        raise Conflict("not_on_air", "开播以后才能标记回答")


def check_keeper(broadcast: Broadcast, member: Member) -> None:
    if not rights(broadcast, member).insider:
        raise Forbidden("keeper_needed", "只有主播、联合主播和审核员可以操作")


def check_adopt(broadcast: Broadcast, member: Member, question: Question) -> None:
    """The asker says what has helped, and whoever keeps the room. Raise Forbidden `not_yours`, Conflict `questions_closed`."""
    check_answers(broadcast)
    if member.id != question.asker_id and not rights(broadcast, member).insider:
        raise Forbidden("not_yours", "只有提问人和主播可以采纳回答")


def _check_writing(broadcast: Broadcast, member: Member) -> None:
    if broadcast.muted and not keeps_room(broadcast, member):
        raise Conflict("room_muted", "主播开启了全员禁言，请稍后再发")


def moment(broadcast: Broadcast, media_at: datetime | None, now: datetime) -> datetime:
    """Where in the programme a mark stands; after the end not behind it."""
    at = placed(broadcast, media_at, now)
    return at if broadcast.ended_at is None else min(at, broadcast.ended_at)


def mark(question: Question, state: QuestionState, at: datetime) -> Question:
    """Unchanged where it stands so already: who presses twice has pressed once."""
    if state is question.state:
        return question
    if state is QuestionState.ASKED:
        return replace(question, state=state, answering_at=None, answered_at=None)
    if state is QuestionState.ANSWERING:
        return replace(question, state=state, answering_at=at, answered_at=None)
    since = question.answering_at
    return replace(question, state=state, answered_at=at if since is None else max(since, at))


def due(question: Question, now: datetime) -> bool:
    """Whether the room is to be told how many votes there are."""
    if question.votes == question.told or not question.stands:
        return False
    return question.told_at is None or now - question.told_at >= TOLD_EVERY


def not_there() -> NotFound:
    return NotFound("question_not_found", "没有这个提问，可能已被移除")
