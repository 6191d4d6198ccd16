"""What a session needs of the talks it leads to (`server.talks`)."""

from collections.abc import Collection
from typing import Protocol

from ..core.db import Session


class Begun(Protocol):
    @property
    def id(self) -> str: ...


class Talks(Protocol):
    async def begin(self, session: Session, *, secretary_id: str, member_id: str, minutes: int, source: str) -> Begun:
        """In the caller's transaction; the same source again gives the same talk. It tells the two in their own channels. Raise
        Conflict `in_a_talk` where either has one that is not over."""
        ...

    async def busy(self, session: Session, ids: Collection[str]) -> set[str]:
        """Who of these has a talk that is not over."""
        ...
