"""What a snapshot shows of messages: the newest, as many as go over a socket at once."""

from datetime import UTC, datetime
from typing import Any

from server.conversations.live import CONVERSATION_PARTS
from server.conversations.model import SHOWN, SHOWN_CHARACTERS
from server.core.journal import Entry

(_, MESSAGES, _) = CONVERSATION_PARTS
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def posted(offset: int, size: int) -> Entry:
    return Entry("conversation:c", offset, "message.posted", NOW, {"id": str(offset), "size": size, "body": "…"})


def folded(*entries: Entry) -> list[Any]:
    state: dict[str, Any] = {"latest": []}
    for entry in entries:
        state = MESSAGES.apply(state, entry)
    return [each["offset"] for each in state["latest"]]


def test_the_newest_two_hundred_are_shown() -> None:
    assert folded(*(posted(offset, 100) for offset in range(1, SHOWN + 6))) == list(range(6, SHOWN + 6))


def test_fewer_are_shown_where_they_are_large() -> None:
    large = SHOWN_CHARACTERS // 4
    assert folded(*(posted(offset, large) for offset in range(1, 10))) == [6, 7, 8, 9]
    assert folded(*(posted(offset, large) for offset in range(1, 10)), posted(10, 1)) == [7, 8, 9, 10]


def test_what_was_taken_back_keeps_its_place() -> None:
    left = {"id": "1", "size": 100, "recalled": True}
    recalled = Entry("conversation:c", 3, "message.recalled", NOW, {"id": "1", "redacts": 1, "left": left})
    assert folded(posted(1, 100), posted(2, 100), recalled) == [1, 2]
