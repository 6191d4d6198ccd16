"""How many people are in a room: asked of whoever counts them, which is a feature above this one (`server.room`)."""

from typing import Protocol


class Audience(Protocol):
    def count(self, broadcast_id: str) -> int:
        """People in the room of that broadcast now, over all processes, as far as this one knows."""
        ...


class Nobody:
    """Until somebody counts."""

    def count(self, broadcast_id: str) -> int:
        return 0
