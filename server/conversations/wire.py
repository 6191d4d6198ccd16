"""Conversations on the wire. Bodies are sealed bytes in URL-safe base 64 without padding (RFC 4648 section 5)."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from ..core.clock import rfc3339
from ..core.fanout import EntryOut
from ..core.fanout.wire import Moment
from ..core.sockets import may_be_missing
from ..core.wire import Id, In
from .model import BODY_CHARACTERS, DEVICE_DIGITS, KEY_CHARACTERS, BlobKind, MessageKind, Sealed, Step, Taken
from .store import Blob, Kept

Offset = Annotated[int, Field(ge=0, le=2**53)]
KeyNumber = Annotated[int, Field(ge=1, le=1_000, description="The round of the agreement the key comes from.")]


class MessageIn(In):
    """`number` counts what this side has sent under that key. `blob`: what was handed in for it; `of`: the message this is a
    copy of, sealed anew for a page that came later. `client_id`: a UUID of the client's; the same one again gives the same
    answer and no second message."""

    conversation: Id
    body: Annotated[str, Field(min_length=1, max_length=BODY_CHARACTERS, pattern=r"^[A-Za-z0-9_-]+$")]
    key: KeyNumber
    kind: MessageKind
    number: Annotated[int, Field(ge=0, le=1_000_000)]
    client_id: Id
    blob: Id | None = may_be_missing()
    of: Id | None = may_be_missing()

    def sealed(self) -> Sealed:
        return Sealed(self.body, self.key, self.kind, self.number, self.blob, self.of)


class MessageAck(BaseModel):
    """`offset` is that of its entry."""

    id: str
    offset: int
    at: Moment

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls(id=kept.id, offset=kept.offset, at=rfc3339(kept.at))


class MessageRecallIn(In):
    message: Id
    client_id: Id


class MessageReadIn(In):
    """`offset`: that of the newest message the caller has seen."""

    conversation: Id
    offset: Offset


class MessageReadAck(BaseModel):
    """Up to where the caller has read."""

    offset: int


class TypingIn(In):
    conversation: Id


class TalkKeyIn(In):
    """A step of the agreement on keys, for the other page; what `data` says is between the two."""

    conversation: Id
    device: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{DEVICE_DIGITS}}}$")]
    round: KeyNumber
    step: Step
    client_id: Id
    data: Annotated[str, Field(max_length=KEY_CHARACTERS, pattern=r"^[A-Za-z0-9_-]*$")] = ""

    def asked(self) -> Taken:
        return Taken(self.round, self.step, "", self.device, 0)


class TalkKeyAck(BaseModel):
    """`side`: the caller's own; `offset` is that of its entry."""

    side: str
    round: int
    offset: int

    @classmethod
    def of(cls, taken: Taken) -> Self:
        return cls(side=taken.side, round=taken.round, offset=taken.offset)


class MessagesQuery(In):
    before: Annotated[Offset | None, Field(description="Messages below this offset: the `next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class MessagesOut(BaseModel):
    """Journal entries of messages, in their order; `next` is the cursor of those before them."""

    items: list[EntryOut]
    next: str | None


class BlobQuery(In):
    kind: Literal["picture", "voice"]

    @property
    def sort(self) -> BlobKind:
        return BlobKind(self.kind)


class BlobOut(BaseModel):
    """A sealed file that was handed in; a message gives it to the other side."""

    id: str
    size: int

    @classmethod
    def of(cls, blob: Blob) -> Self:
        return cls(id=blob.id, size=blob.size)
