"""What may be sent in a conversation, and when: rules on ciphertext, without I/O.

Everything said is sealed in the pages of the two, with keys that never reach the server. It knows who, when, which kind and how
long, and holds to form, membership, order, sizes, rates and time. It understands nothing.
"""

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.errors import Conflict, Forbidden, NotFound, TooMany
from ..core.journal import channel_name

CHANNEL_KIND = "conversation"
POSTED, RECALLED, READ, KEY, ERASED = "message.posted", "message.recalled", "message.read", "talk.key", "talk.erased"

SIDE_MOST = 12  # characters of what a side is called
DEVICE_DIGITS = 16  # hexadecimal
BODY_MOST = 16 * 1024  # sealed bytes of one message
BODY_CHARACTERS = -(-BODY_MOST * 4 // 3)  # in base 64 without padding
KEY_CHARACTERS = 200
SHOWN, SHOWN_CHARACTERS = 200, 256 * 1024  # messages in a snapshot, and of their bodies

RECALLABLE = timedelta(minutes=2)
TYPING_EVERY, TYPING_LASTS = timedelta(seconds=2), timedelta(seconds=4)
_RATE = timedelta(seconds=10)
_MOST_MESSAGES = 3_000  # of each sort in one conversation
_MOST_ROUNDS = 60


class State(enum.StrEnum):
    """`waiting`: the pages have not agreed on keys yet. `erased`: closed, and nothing said in it is left."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    ERASED = "erased"


class MessageKind(enum.StrEnum):
    """As its sender says: the server cannot look. `call`: signalling of a call; `history`: an earlier message, sealed anew for
    a page that has come later."""

    TEXT = "text"
    PICTURE = "picture"
    VOICE = "voice"
    CALL = "call"
    SYSTEM = "system"
    HISTORY = "history"


class BlobKind(enum.StrEnum):
    """Copies need no file of their own: the key to a file stands inside the sealed message."""

    PICTURE = "picture"
    VOICE = "voice"


class Step(enum.StrEnum):
    """Of an agreement on keys, in their order. Both say hello; the first commits to its key before the second reveals hers."""

    HELLO = "hello"
    COMMIT = "commit"
    REVEAL_SECOND = "reveal_second"
    REVEAL_FIRST = "reveal_first"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class BlobLimits:
    """Of one sort of files in one conversation, both sides together."""

    size: int  # bytes of one
    number: int


BLOBS = {
    BlobKind.PICTURE: BlobLimits(2 * 1024 * 1024, 40),
    BlobKind.VOICE: BlobLimits(2 * 1024 * 1024, 40),
}
FILES_AT_ONCE, FILES_PER_SECOND = 40, 0.5  # of one person: a phone that comes back to its network hands in what has waited
_AT_ONCE = {False: 30, True: 200}  # messages within `_RATE`, of one side; copies of earlier ones


@dataclass(frozen=True, slots=True)
class Conversation:
    """`closes_at`: when its time is over, once it has begun to run. `key_round`: the newest, 0 before the first."""

    id: str
    state: State
    created_at: datetime
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    key_round: int = 0


@dataclass(frozen=True, slots=True)
class Party:
    member_id: str
    side: str
    device: str | None = None
    read: int = 0


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message as its sender hands it in. `number` counts what that side has sent under that key; it is not looked at here."""

    body: str
    key: int
    kind: MessageKind
    number: int
    blob: str | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken. `offset` is that of its entry."""

    round: int
    step: Step
    side: str
    device: str
    offset: int


@dataclass(frozen=True, slots=True)
class Sent:
    """How much one side has sent: messages and copies, altogether and lately."""

    messages: int
    copies: int
    lately: int
    copies_lately: int


def channel_of(conversation_id: str) -> str:
    return channel_name(CHANNEL_KIND, conversation_id)


def not_there() -> NotFound:
    return NotFound("talk_not_found", "没有这次谈话")


def message_not_there() -> NotFound:
    return NotFound("message_not_found", "没有这条消息")


def blob_not_there() -> NotFound:
    return NotFound("attachment_not_found", "没有这个附件")


def check_readable(conversation: Conversation) -> None:
    """Raise Conflict `talk_erased`."""
    if conversation.state is State.ERASED:
        raise Conflict("talk_erased", "本次谈话的内容已经删除")


def check_running(conversation: Conversation, now: datetime) -> None:
    """It may not have begun, but it is not over. Raise Conflict `talk_erased`, `talk_ended`."""
    check_readable(conversation)
    if conversation.state is State.CLOSED or (conversation.closes_at is not None and now >= conversation.closes_at):
        raise Conflict("talk_ended", "本次谈话已经结束")


def check_open(conversation: Conversation, now: datetime) -> None:
    """Raise Conflict `talk_erased`, `talk_ended`, `talk_not_open`."""
    check_running(conversation, now)
    if conversation.state is State.WAITING:
        raise Conflict("talk_not_open", "双方还没有建立加密连接")


def check_key(conversation: Conversation, key: int, taken: Collection[Taken]) -> None:
    """Whether both pages can have the key of something sealed. Raise Conflict `key_round_over`, `keys_not_agreed`."""
    if key != conversation.key_round:
        raise _over()
    if not any(each.round == key and each.step is Step.REVEAL_FIRST for each in taken):
        raise Conflict("keys_not_agreed", "正在重新建立加密连接，请稍候")


def check_rate(sent: Sent, *, copy: bool) -> None:
    """Raise TooMany `too_fast`, Conflict `talk_full`."""
    if (sent.copies_lately if copy else sent.lately) >= _AT_ONCE[copy]:
        raise TooMany("too_fast", "发送得太快了，请稍候", retry_after=2, extra={"retry_after": 2})
    if (sent.copies if copy else sent.messages) >= _MOST_MESSAGES:
        raise Conflict("talk_full", "本次谈话的消息已达上限")


def check_recall(author_side: str, side: str, sent_at: datetime, now: datetime) -> None:
    """Raise Forbidden `not_yours`, Conflict `recall_too_late`."""
    if author_side != side:
        raise Forbidden("not_yours", "只能撤回自己发出的消息")
    if now > sent_at + RECALLABLE:
        raise Conflict("recall_too_late", "发出超过两分钟的消息不能撤回")


def check_blob(kind: BlobKind, number: int) -> None:
    """Whether one more may be handed in, beside so many. Raise Conflict `talk_full`."""
    if number >= BLOBS[kind].number:
        raise Conflict("talk_full", "本次谈话的图片和语音已达上限")


def rate_begins(now: datetime) -> datetime:
    return now - _RATE


def check_step(conversation: Conversation, taken: Collection[Taken], asked: Taken) -> None:
    """Whether a side may take this step now; `taken`: those of the newest round.

    Raise Conflict `key_round_over`, `key_device`, `key_step_out_of_order`, `talk_full`.
    """
    hellos = {each.side: each for each in taken if each.step is Step.HELLO}
    if asked.step is Step.HELLO:
        _check_hello(conversation, hellos, asked)
        return
    if asked.round != conversation.key_round or asked.side not in hellos:
        raise _over()
    if asked.device != hellos[asked.side].device:
        raise Conflict("key_device", "本次谈话已在另一台设备上继续")
    done = {(each.step, each.side) for each in taken}
    if len(hellos) < 2 or (asked.step, asked.side) in done or not _in_turn(asked, _first(hellos), {step for step, _ in done}):
        raise Conflict("key_step_out_of_order", "加密连接的步骤不对，请刷新页面重试")


def _check_hello(conversation: Conversation, hellos: Mapping[str, Taken], asked: Taken) -> None:
    joins = asked.round == conversation.key_round and asked.side not in hellos
    if not joins and asked.round != conversation.key_round + 1:
        raise _over()
    if asked.round > _MOST_ROUNDS:
        raise Conflict("talk_full", "本次谈话重新建立加密连接的次数过多")


def _in_turn(asked: Taken, first: str, done: Collection[Step]) -> bool:
    if asked.step is Step.COMMIT:
        return asked.side == first
    if asked.step is Step.REVEAL_SECOND:
        return asked.side != first and Step.COMMIT in done
    if asked.step is Step.REVEAL_FIRST:
        return asked.side == first and Step.REVEAL_SECOND in done
    return Step.REVEAL_FIRST in done


def _first(hellos: Mapping[str, Taken]) -> str:
    return min(hellos.values(), key=lambda each: each.offset).side


def agreed(taken: Collection[Taken]) -> bool:
    """Whether both sides have confirmed; `taken`: the steps of one round."""
    return len({each.side for each in taken if each.step is Step.CONFIRMED}) == 2


def _over() -> Conflict:
    return Conflict("key_round_over", "加密连接已经更新，请稍候")
