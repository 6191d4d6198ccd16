"""One client that has connected: who it is, from where, and how much it may still do."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from ..ids import new_id
from .packets import Encoded, acknowledged, disconnected, event
from .session import Session


class Who(Protocol):
    """Whoever is signed in. Features know more of them than the socket layer does."""

    @property
    def id(self) -> str: ...

    @property
    def session_id(self) -> str: ...

    @property
    def is_member(self) -> bool:
        """Whether a member's place is theirs, or only a visitor's."""
        ...


@dataclass(slots=True, eq=False)
class Connection:
    """`who` is None for a visitor; it is replaced when a member's roles change, and the connection cut when they end. `app`
    is the application, as a request has it: handlers find their services there."""

    session: Session
    who: Who | None
    address: str
    app: web.Application
    name: str = field(default_factory=new_id)  # may be shown and kept, unlike the sid
    connected: bool = False
    connect_by: float = 0.0
    allowance: float = 0.0  # events left, see `Door`
    allowance_at: float = 0.0
    channels: set[str] = field(default_factory=set)

    @property
    def sid(self) -> str:
        return self.session.id

    @property
    def heard_at(self) -> float:
        """When the client last gave a sign of life, on the monotonic clock. One that lives is pinged, and answers, every few
        seconds; a phone that has died or lost its network says nothing at all."""
        return self.session.heard_at

    def emit(self, name: str, payload: Any) -> None:
        self.session.send(event(name, payload))

    def acknowledge(self, number: int, answer: Any) -> None:
        self.session.send(acknowledged(number, answer))
        if isinstance(answer, Encoded) and answer.then is not None:
            answer.then()

    def dismiss(self) -> None:
        """End it in a way that the client does not simply repeat: it is told that it was the server's will."""
        self.session.send(disconnected())
        self.session.cut("server disconnect")
