"""Draws, and the answers to an offer, on the wire."""

from typing import Literal, Self

from pydantic import BaseModel

from ..core.moments import Moment
from ..core.sockets import left_out
from ..core.wire import Id, In
from ..identity import Person
from .model import Draw, DrawState
from .wire import NamedOut


class OfferAnswerIn(In):
    """`client_id`: a UUID of the client's; the same answer again changes nothing."""

    draw: Id
    client_id: Id


class OfferAnswerAck(BaseModel):
    """`talk`: the one that has begun."""

    draw: str
    state: Literal["accepted", "declined"]
    talk: str | None = left_out()

    @classmethod
    def of(cls, draw: Draw) -> Self:
        return cls(draw=draw.id, state="declined" if draw.talk_id is None else "accepted", talk=draw.talk_id)


class DrawIn(In):
    """`client_id`: a UUID of the client's; the same one again gives the same draw."""

    client_id: Id


class DrawWithdrawQuery(In):
    """`go_on`: draw the next at once."""

    go_on: bool = True


class DrawOut(BaseModel):
    """A draw as its secretary sees it. `member`: once they have accepted."""

    draw: str
    round: int
    n: int
    pseudonym: str
    state: DrawState
    offered_at: Moment
    answer_by: Moment | None
    answered_at: Moment | None
    secretary: str
    member: NamedOut | None
    branch: str | None
    talk: str | None

    @classmethod
    def of(cls, draw: Draw, people: dict[str, Person] | None = None) -> Self:
        person = (people or {}).get(draw.member_id) if draw.talk_id is not None else None
        return cls(
            draw=draw.id,
            round=draw.number,
            n=draw.n,
            pseudonym=draw.pseudonym,
            state=draw.state,
            offered_at=draw.offered_at,
            answer_by=draw.answer_by,
            answered_at=draw.answered_at,
            secretary=draw.secretary_id,
            member=None if person is None else NamedOut(id=person.id, name=person.name),
            branch=None if person is None else person.branch_name,
            talk=draw.talk_id,
        )
