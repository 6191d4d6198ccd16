"""Questions on the wire."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from ..core.fanout import AuthorOut
from ..core.sockets import left_out
from ..core.wire import Id, In
from ..moderation import HeldState
from .model import QuestionState

Text = Annotated[str, Field(max_length=2000)]
Reason = Annotated[str, Field(max_length=200)]


class QuestionIn(In):
    """`anonymous`: viewers are not told who asked; whoever keeps order can find it out. The same `client_id` again gives the
    same answer and no second question."""

    broadcast: Id
    text: Text
    client_id: Id
    anonymous: bool = False


class QuestionAck(BaseModel):
    """`offset` is that of its entry. `held`: it waits for a moderator, only its writer sees it, and there is no entry yet."""

    id: str
    offset: int | None = left_out()
    held: bool


class QuestionVoteIn(In):
    """`up`: whether the caller's vote stands from now on."""

    question: Id
    up: bool
    client_id: Id | None = None


class QuestionVoteAck(BaseModel):
    """How many votes it has, this one included. The room is told up to two seconds later."""

    votes: int


class QuestionMarkIn(In):
    """`media_at`: the moment of the broadcast at which the answer began or ended; now if absent."""

    question: Id
    state: QuestionState
    media_at: AwareDatetime | None = None
    client_id: Id | None = None


class QuestionPinIn(In):
    question: Id
    pinned: bool
    client_id: Id | None = None


class QuestionReplyIn(In):
    """A written answer."""

    question: Id
    text: Text
    client_id: Id


class QuestionAdoptIn(In):
    """`reply`: the written answer that has helped; null for none."""

    question: Id
    reply: Id | None
    client_id: Id | None = None


class QuestionRemoveIn(In):
    """`reason` is for those who must answer for it; viewers are not told. The second time the answer is the same."""

    question: Id
    client_id: Id | None = None
    reason: Reason = ""


class QuestionReplyRemoveIn(In):
    reply: Id
    client_id: Id | None = None
    reason: Reason = ""


class AskerOut(BaseModel):
    """Who asked a question, under the name of that day."""

    id: str
    anonymous: bool
    asker: AuthorOut


class AskersOut(BaseModel):
    items: list[AskerOut]


class OwnQuestionOut(BaseModel):
    """`removed`: by whose right it was taken back (`author`, `host`, `moderator`); null while it stands. `review`: of one that
    the room does not have, what became of it; null for all others."""

    id: str
    text: str
    anonymous: bool
    removed: str | None
    review: HeldState | None


class OwnQuestionsOut(BaseModel):
    """What the caller has asked, and the questions he or she has voted for."""

    asked: list[OwnQuestionOut]
    voted: list[str]
