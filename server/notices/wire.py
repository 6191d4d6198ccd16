"""Webhooks on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainSerializer

from ..core.clock import rfc3339
from ..core.http.paging import Page, PageQuery
from ..core.wire import Id, In
from ..identity import Person
from .model import Attempt, Delivery, DeliveryState, EndpointState, EventType, Outcome, PauseReason
from .service import Kept

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
Events = Annotated[list[EventType], Field(max_length=20)]


class EndpointIn(In):
    """`since`: send everything recorded from this day on; without it, what comes from now on."""

    name: Annotated[str, Field(max_length=200)]
    url: Annotated[str, Field(max_length=1000)]
    events: Events
    since: date | None = None


class EndpointPatch(In):
    name: Annotated[str, Field(max_length=200)] | None = None
    url: Annotated[str, Field(max_length=1000)] | None = None
    events: Events | None = None


class EndpointOut(BaseModel):
    """`reason`: why it is paused. `failing_since`: nothing has come through since then; `last_error` is a code, or the status
    that was answered. `previous_until`: so long the secret before is signed with too. `waiting`: how many deliveries are under
    way, up to five hundred; `dead`: how many were given up."""

    id: str
    name: str
    url: str
    events: list[str]
    state: EndpointState
    reason: PauseReason | None
    made_at: Moment
    made_by: str
    previous_until: Moment | None
    failing_since: Moment | None
    last_success_at: Moment | None
    last_error: str
    waiting: int
    dead: int

    @classmethod
    def of(cls, kept: Kept, people: dict[str, Person]) -> "EndpointOut":
        one = kept.endpoint
        return cls(
            id=one.id,
            name=one.name,
            url=one.url,
            events=sorted(one.events),
            state=one.state,
            reason=one.reason,
            made_at=one.made_at,
            made_by=people[one.made_by].name if one.made_by in people else "",
            previous_until=one.previous_until,
            failing_since=one.failing_since,
            last_success_at=one.last_success_at,
            last_error=one.last_error,
            waiting=kept.counts.waiting,
            dead=kept.counts.dead,
        )


class EndpointsOut(BaseModel):
    items: list[EndpointOut]


class SecretOut(BaseModel):
    """`secret` is shown this once."""

    endpoint: EndpointOut
    secret: str


class OutcomeOut(BaseModel):
    """`status` is null where nothing was answered; then `error` says why: `timeout`, `name_unknown`, `address_refused`,
    `not_connected`, `tls_failed`, `broken_off`. `answer`: the beginning of what was answered."""

    delivered: bool
    status: int | None
    error: str
    ms: int
    answer: str

    @classmethod
    def came(cls, outcome: Outcome) -> "OutcomeOut":
        return cls(
            delivered=outcome.delivered,
            status=outcome.status,
            error=outcome.error,
            ms=outcome.ms,
            answer=outcome.answer,
        )


class AttemptOut(BaseModel):
    """`delivery` is null for a test."""

    id: str
    delivery: str | None
    type: str
    at: Moment
    outcome: OutcomeOut

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptOut":
        return cls(
            id=attempt.id,
            delivery=attempt.delivery_id,
            type=attempt.type,
            at=attempt.at,
            outcome=OutcomeOut.came(attempt.outcome),
        )


class AttemptsOut(Page[AttemptOut]):
    """The newest first."""


class DeliveriesQuery(PageQuery):
    state: Literal["waiting", "delivered", "dead"] = "dead"


class DeliveryOut(BaseModel):
    """`event`: the id that never changes (`webhook-id`). `next_at`: when it is tried again."""

    id: str
    event: str
    type: str
    state: DeliveryState
    attempts: int
    redeliveries: int
    made_at: Moment
    next_at: Moment | None
    ended_at: Moment | None
    status: int | None
    error: str

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        return cls(
            id=delivery.id,
            event=delivery.event_id,
            type=delivery.type,
            state=delivery.state,
            attempts=delivery.attempts,
            redeliveries=delivery.redeliveries,
            made_at=delivery.made_at,
            next_at=delivery.next_at if delivery.state is DeliveryState.WAITING else None,
            ended_at=delivery.ended_at,
            status=delivery.status,
            error=delivery.error,
        )


class DeliveriesOut(Page[DeliveryOut]):
    """The newest first."""


class RedeliverIn(In):
    """`deliveries`: which; without it, all dead letters."""

    deliveries: Annotated[list[Id], Field(min_length=1, max_length=200)] | None = None


class RedeliveredOut(BaseModel):
    count: int
