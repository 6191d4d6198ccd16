"""Sessions, rounds, tickets and draws on the wire. The proof has a file of its own."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ..core.clock import rfc3339
from ..core.errors import AppError
from ..core.http.paging import PageQuery
from ..core.moments import Moment, When
from ..core.sockets import left_out, may_be_missing
from ..core.wire import Id, In
from ..identity import Member, Person
from . import model
from .desk import Desk, Own
from .draw import NONCE_DIGITS, SECRET_BYTES
from .model import Draw, DrawState, Plan, Round, RoundState, ShakeState
from .service import Seen
from .ticket_store import Kept

Secret = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{2 * SECRET_BYTES}}}$", description="32 bytes in hexadecimal digits.")]
At = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Nonce = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{NONCE_DIGITS}}}$")]


class ShakeIn(In):
    """What is announced. `branches`: null for everybody. `rounds`: how many there may be, each open for `round_seconds`.
    `exclusion_days`: after a talk one is not drawn again for so long. `favour`: the weight of those who have never been drawn;
    1 for no weights."""

    title: Annotated[str, Field(max_length=400)]
    opens_at: When
    closes_at: When
    secretaries: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_SECRETARIES)]
    branches: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_BRANCHES)] | None = None
    rounds: Annotated[int, Field(ge=1, le=model.MOST_ROUNDS)] = 5
    round_seconds: Annotated[int, Field(ge=model.ROUND_SECONDS[0], le=model.ROUND_SECONDS[1])] = 30
    talk_minutes: Annotated[int, Field(ge=model.TALK_MINUTES[0], le=model.TALK_MINUTES[1])] = 15
    exclusion_days: Annotated[int, Field(ge=model.EXCLUSION_DAYS[0], le=model.EXCLUSION_DAYS[1])] = 90
    favour: Annotated[int, Field(ge=model.FAVOUR[0], le=model.FAVOUR[1])] = 1

    def plan(self) -> Plan:
        return Plan(
            title=self.title,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            secretaries=tuple(self.secretaries),
            branches=None if self.branches is None else tuple(self.branches),
            rounds=self.rounds,
            round_seconds=self.round_seconds,
            talk_minutes=self.talk_minutes,
            exclusion_days=self.exclusion_days,
            favour=self.favour,
        )


class ShakePatch(In):
    """What is to be other than it is; null is a value of `branches`."""

    title: Annotated[str, Field(max_length=400)] = may_be_missing()
    opens_at: When = may_be_missing()
    closes_at: When = may_be_missing()
    secretaries: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_SECRETARIES)] = may_be_missing()
    branches: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_BRANCHES)] | None = None
    rounds: Annotated[int, Field(ge=1, le=model.MOST_ROUNDS)] = may_be_missing()
    round_seconds: Annotated[int, Field(ge=model.ROUND_SECONDS[0], le=model.ROUND_SECONDS[1])] = may_be_missing()
    talk_minutes: Annotated[int, Field(ge=model.TALK_MINUTES[0], le=model.TALK_MINUTES[1])] = may_be_missing()
    exclusion_days: Annotated[int, Field(ge=model.EXCLUSION_DAYS[0], le=model.EXCLUSION_DAYS[1])] = may_be_missing()
    favour: Annotated[int, Field(ge=model.FAVOUR[0], le=model.FAVOUR[1])] = may_be_missing()

    def changes(self) -> dict[str, Any]:
        """By the names of `Plan`."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class ShakesQuery(PageQuery):
    state: str = Field(default="", max_length=60, description="One or several states, separated by commas; all if absent.")


class NamedOut(BaseModel):
    id: str
    name: str


class ShakeOut(BaseModel):
    """A session. `may_shake`: the caller may take part; `talks`: the caller is one of its secretaries; `runs`: the caller may
    change, cancel and close it. `server_time`: the server's clock at this answer."""

    id: str
    title: str
    state: ShakeState
    opens_at: Moment
    closes_at: Moment
    closed_at: Moment | None
    owner: NamedOut
    secretaries: list[NamedOut]
    branches: list[NamedOut] | None = Field(description="Null for everybody.")
    rounds: int = Field(description="How many there may be.")
    round_seconds: int
    talk_minutes: int
    exclusion_days: int
    favour: int
    seed_commitment: str = Field(description="SHA-256 of the seed, in hexadecimal digits.")
    receipt_key: str = Field(description="Uncompressed point of P-256, in hexadecimal digits.")
    may_shake: bool
    talks: bool
    runs: bool
    server_time: Moment

    @classmethod
    def of(cls, seen: Seen, member: Member, now: datetime) -> Self:
        shake, plan = seen.shake, seen.shake.plan
        return cls(
            id=shake.id,
            title=plan.title,
            state=shake.state,
            opens_at=plan.opens_at,
            closes_at=plan.closes_at,
            closed_at=shake.closed_at,
            owner=_named(shake.owner_id, seen.names),
            secretaries=[_named(each, seen.names) for each in plan.secretaries],
            branches=None if plan.branches is None else [_named(each, seen.branches) for each in plan.branches],
            rounds=plan.rounds,
            round_seconds=plan.round_seconds,
            talk_minutes=plan.talk_minutes,
            exclusion_days=plan.exclusion_days,
            favour=plan.favour,
            seed_commitment=shake.seed_commitment,
            receipt_key=shake.receipt_key,
            may_shake=model.may_take_part(shake, member),
            talks=model.talks_in(shake, member),
            runs=model.runs(shake, member),
            server_time=now,
        )


class SecretaryChoiceOut(BaseModel):
    id: str
    name: str
    branch: str | None


class ShakeChoicesOut(BaseModel):
    """What a form may offer. `everybody`: whether the caller may invite all branches."""

    secretaries: list[SecretaryChoiceOut]
    branches: list[NamedOut]
    everybody: bool

    @classmethod
    def of(cls, people: list[Person], branches: dict[str, str], *, everybody: bool) -> Self:
        return cls(
            secretaries=[SecretaryChoiceOut(id=each.id, name=each.name, branch=each.branch_name) for each in people],
            branches=[NamedOut(id=each, name=name) for each, name in sorted(branches.items(), key=lambda item: item[1])],
            everybody=everybody,
        )


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
    first; who talked with other secretaries is between those."""

    rounds: list[DeskRoundOut]
    offer: DrawOut | None
    talk: DrawOut | None
    talks: list[DrawOut]
    figures: ShakeFiguresOut

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
        )


def _named(id_: str, names: dict[str, str]) -> NamedOut:
    return NamedOut(id=id_, name=names.get(id_, ""))


def _until(refusal: AppError) -> str | None:
    until = refusal.extra.get("until")
    return until if isinstance(until, str) else None
