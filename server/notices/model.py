"""Webhooks (对外推送): pure rules.

An endpoint is an address of an external system that hears of what happened here. Each event has an id that never changes, so
that whoever hears of it twice counts it once; each is signed, in the manner of Standard Webhooks 1.0.

What is not answered with 2xx is tried again for a day, later and later; then it is a dead letter, which people send again. An
endpoint that fails again and again is asked one event at a time, at most every five minutes, until it answers: a day's outage
costs it no event. After three days without one success it is paused.
"""

import base64
import enum
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

NAME_MOST = 40
URL_MOST = 400
MOST_ENDPOINTS = 20
ROTATION = timedelta(hours=24)
"""So long the secret before is signed with too."""
RETRY_AFTER = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)
"""Seconds after each attempt that failed, before jitter; with the last one of them about a day has gone by."""
ATTEMPTS = len(RETRY_AFTER) + 1
STRAINED = 5
"""So many failures in a row, and an endpoint is asked one event at a time."""
PROBE_MOST = 300.0  # s between two such
HONOURED = 3600.0  # s; the longest `Retry-After` that is heeded
GIVE_UP = timedelta(days=3)
LOG_KEPT = timedelta(days=30)
DEAD_KEPT = timedelta(days=180)
_JITTER = 0.2
_GONE = 410


class EventType(enum.StrEnum):
    """What an endpoint can hear of."""

    CREDITED = "points.credited"
    REVERSED = "points.reversed"
    PUBLICATION_OPENED = "publication.opened"
    PUBLICATION_CLOSED = "publication.closed"


TEST = "webhook.test"


class EndpointState(enum.StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


class PauseReason(enum.StrEnum):
    """`gone`: it answered 410. `failing`: nothing has come through for days. `secret_lost`: SECRET_KEY is another one."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"
    SECRET_LOST = "secret_lost"  # noqa: S105  # a state, not a password


class DeliveryState(enum.StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Event:
    """`id` never changes. `key`: events with the same one are delivered in their order, one after the other."""

    id: str
    type: str
    at: datetime
    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`failures` in a row; `failing_since` the first of them; nothing is sent before `not_before`."""

    id: str
    name: str
    url: str
    events: frozenset[str]
    state: EndpointState
    reason: PauseReason | None
    made_at: datetime
    made_by: str
    secret: str  # sealed
    previous: str | None = None
    previous_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    not_before: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    id: str
    endpoint_id: str
    event_id: str
    type: str
    key: str
    body: str
    state: DeliveryState
    attempts: int
    redeliveries: int
    next_at: datetime
    made_at: datetime
    ended_at: datetime | None = None
    status: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. `status` is None where nothing was answered; `error` is a code then."""

    status: int | None
    error: str
    ms: int
    answer: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == _GONE


@dataclass(frozen=True, slots=True)
class Attempt:
    id: str
    endpoint_id: str
    delivery_id: str | None
    type: str
    at: datetime
    outcome: Outcome


def retry_at(attempts: int, now: datetime, chance: Random) -> datetime | None:
    """When an event is tried again after so many attempts; None if it was the last."""
    if attempts >= ATTEMPTS:
        return None
    return now + timedelta(seconds=RETRY_AFTER[attempts - 1] * _jitter(chance))


def rest(failures: int, asked: float | None, now: datetime, chance: Random) -> datetime | None:
    """Until when an endpoint with so many failures in a row is left alone; `asked`: its `Retry-After`."""
    seconds = 0.0 if asked is None else min(asked, HONOURED)
    if failures >= STRAINED:
        seconds = max(seconds, min(PROBE_MOST, 5.0 * 2 ** min(failures - STRAINED, 10)) * _jitter(chance))
    return now + timedelta(seconds=seconds) if seconds else None


def is_given_up(failing_since: datetime, now: datetime) -> bool:
    return now - failing_since >= GIVE_UP


def _jitter(chance: Random) -> float:
    return 1 + chance.uniform(-_JITTER, _JITTER)


# Signing


def new_secret() -> str:
    """256 random bits, in the form that libraries for Standard Webhooks take."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA-256 of `id.timestamp.body`, in base 64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, "sha256")).decode()


def headers(delivery: Delivery, known: Sequence[str], now: datetime) -> dict[str, str]:
    """What goes with a delivery; one signature for each secret, the newest first."""
    stamp, body = int(now.timestamp()), delivery.body.encode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Hongbo-Webhooks/1",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": " ".join(signature(each, delivery.event_id, stamp, body) for each in known),
        "hongbo-delivery": delivery.id,
        "hongbo-attempt": str(delivery.attempts + 1),
        **({"hongbo-redelivery": str(delivery.redeliveries)} if delivery.redeliveries else {}),
    }
