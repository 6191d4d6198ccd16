"""What is for one's own eyes, on the wire: a member's part of a session, and a secretary's desk."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import AppError
from ..core.moments import Moment
from .desk import Desk, Own
from .ticket_store import Kept
from .wire import NamedOut
from .wire_draws import DrawOut
from .wire_rounds import ShakeRoundOut


class OwnTicketOut(BaseModel):
    """What the caller was told when they shook; `receipt` is the session's signature over it."""

    round: int
    pseudonym: str
    nonce: str
    weight: int
    at: Moment
    receipt: str

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls(
            round=kept.number,
            pseudonym=kept.pseudonym,
            nonce=kept.nonce,
            weight=kept.weight,
            at=kept.at,
            receipt=kept.receipt,
        )


class OwnOfferOut(BaseModel):
    draw: str
    round: int
    secretary: NamedOut
    answer_by: Moment
    minutes: int


class OwnShakeOut(BaseModel):
    """The caller's own part of a session. `why_not`: a code, with `words`, of what keeps them from shaking; `from`: from when
    on they may again."""

    model_config = ConfigDict(serialize_by_alias=True)

    rounds: list[OwnTicketOut]
    offer: OwnOfferOut | None
    talk: str | None
    eligible: bool
    why_not: str | None
    words: str | None
    from_: str | None = Field(serialization_alias="from")
    server_time: Moment

    @classmethod
    def of(cls, own: Own) -> Self:
        offer, refusal = own.offer, own.why_not
        return cls(
            rounds=[OwnTicketOut.of(each) for each in own.tickets],
            offer=None
            if offer is None or offer.answer_by is None or own.secretary is None
            else OwnOfferOut(
                draw=offer.id,
                round=offer.number,
                secretary=NamedOut(id=own.secretary.id, name=own.secretary.name),
                answer_by=offer.answer_by,
                minutes=own.shake.plan.talk_minutes,
            ),
            talk=own.talk,
            eligible=refusal is None,
            why_not=None if refusal is None else refusal.code,
            words=None if refusal is None else refusal.detail,
            from_=None if refusal is None else _until(refusal),
            server_time=own.at,
        )


class DeskRoundOut(ShakeRoundOut):
    """`shaken`: how many, also while it is open. `by`: whose round it is."""

    by: str
    shaken: int


class ShakeFiguresOut(BaseModel):
    """Of the whole session. `mean_wait_s`: from the offer to the acceptance."""

    drawn: int
    accepted: int
    declined: int
    lapsed: int
    withdrawn: int
    mean_wait_s: float | None


class ShakeDeskOut(BaseModel):
    """`offer` and `talk`: the caller's own that are not over. `talks`: what came of the caller's own draws, the newest
    first; who talked with other secretaries is between those. `replacements`: how many offers the caller may still take back
    and have another drawn instead; `may_draw`: whether the newest round gives the caller anybody yet."""

    rounds: list[DeskRoundOut]
    offer: DrawOut | None
    talk: DrawOut | None
    talks: list[DrawOut]
    figures: ShakeFiguresOut
    replacements: int
    may_draw: bool

    @classmethod
    def of(cls, desk: Desk) -> Self:
        people, figures = desk.people, desk.figures
        return cls(
            rounds=[
                DeskRoundOut(
                    **dict(ShakeRoundOut.of(each)),
                    by=people[each.secretary_id].name if each.secretary_id in people else "",
                    shaken=desk.shaken[each.number],
                )
                for each in desk.rounds
            ],
            offer=None if desk.offer is None else DrawOut.of(desk.offer, people),
            talk=None if desk.talk is None else DrawOut.of(desk.talk, people),
            talks=[DrawOut.of(each, people) for each in reversed(desk.accepted)],
            figures=ShakeFiguresOut(
                drawn=figures.drawn,
                accepted=figures.accepted,
                declined=figures.declined,
                lapsed=figures.lapsed,
                withdrawn=figures.withdrawn,
                mean_wait_s=None if figures.wait is None else round(figures.wait.total_seconds(), 1),
            ),
            replacements=desk.replacements,
            may_draw=desk.may_draw,
        )


def _until(refusal: AppError) -> str | None:
    until = refusal.extra.get("until")
    return until if isinstance(until, str) else None
