"""Rounds, and joining one, on the wire."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from ..core.clock import rfc3339
from ..core.moments import Moment
from ..core.sockets import left_out, may_be_missing
from ..core.wire import Id, In
from .draw import NONCE_DIGITS, SECRET_BYTES
from .model import Round, RoundState
from .ticket_store import Kept

Secret = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * SECRET_BYTES}}}$", description="32 bytes in hexadecimal digits.")]
At = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Nonce = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{NONCE_DIGITS}}}$")]


class RoundIn(In):
    """`nonce_commitment`: SHA-256 of the nonce that the page keeps until the round is closed."""

    nonce_commitment: Secret


class RoundRevealIn(In):
    nonce: Secret


class ShakeRoundOut(BaseModel):
    """`size`, `total_weight` and `list_hash`: of the closed list."""

    number: int
    secretary: str
    state: RoundState
    nonce_commitment: str
    opened_at: Moment | None
    closes_at: Moment | None
    size: int | None
    total_weight: int | None
    list_hash: str | None

    @classmethod
    def of(cls, found: Round) -> Self:
        listed = found.list_hash is not None
        return cls(
            number=found.number,
            secretary=found.secretary_id,
            state=RoundState.OPEN if found.state is RoundState.CLOSING else found.state,
            nonce_commitment=found.nonce_commitment,
            opened_at=found.opened_at,
            closes_at=found.closes_at,
            size=found.size if listed else None,
            total_weight=found.total_weight if listed else None,
            list_hash=found.list_hash,
        )


class ShakeSocketIn(In):
    """From a member: join the round that is open, with 16 hexadecimal digits of the page's own (else they follow from the
    client id). From a secretary of the session: open the round that they have prepared. `client_id`: a UUID of the client's;
    the same one again gives the same answer and changes nothing."""

    shake: Id
    client_id: Id
    nonce: Nonce | None = may_be_missing()


class ShakeAck(BaseModel):
    """To a member: the ticket and its receipt. To a secretary: the round that is open now, and until when."""

    round: int
    at: At
    opened: bool | None = left_out()
    closes_at: At | None = left_out()
    pseudonym: str | None = left_out()
    nonce: str | None = left_out()
    weight: int | None = left_out()
    receipt: str | None = left_out()

    @classmethod
    def of_ticket(cls, kept: Kept) -> Self:
        return cls(
            round=kept.number,
            at=rfc3339(kept.at),
            pseudonym=kept.pseudonym,
            nonce=kept.nonce,
            weight=kept.weight,
            receipt=kept.receipt,
        )

    @classmethod
    def of_round(cls, found: Round) -> Self:
        if found.opened_at is None or found.closes_at is None:
            raise ValueError("it is not open")
        return cls(round=found.number, at=rfc3339(found.opened_at), opened=True, closes_at=rfc3339(found.closes_at))
