"""What the journal says of a session. It names its secretaries, and nobody who shook or was drawn: they are pseudonyms."""

from collections.abc import Mapping
from typing import Any

from ..core.clock import rfc3339
from ..core.journal import Draft, channel_name
from ..identity import member_channel
from .model import Draw, Round, Shake

KIND = "shake"
LIST_KIND = "shakelist"  # the parts of the lists; no surface, so nobody subscribes to it

ANNOUNCED, CHANGED, CANCELLED, CLOSED = "shake.announced", "shake.changed", "shake.cancelled", "shake.closed"
PREPARED, OPENED, ROUND_CLOSED = "shake.round_prepared", "shake.opened", "shake.round_closed"
REVEALED, VOIDED, LISTED = "shake.revealed", "shake.round_void", "shake.listed"
DRAWN, PASSED, ACCEPTED = "shake.drawn", "shake.passed", "shake.accepted"
OFFERED, ANSWERED, DESK = "shake.offered", "shake.answered", "shake.desk"

Names = Mapping[str, str]
"""Of members or branches, by id."""


def channel_of(shake_id: str) -> str:
    return channel_name(KIND, shake_id)


def list_channel(shake_id: str) -> str:
    return channel_name(LIST_KIND, shake_id)


def named(member_id: str, names: Names) -> dict[str, str]:
    return {"id": member_id, "name": names.get(member_id, "")}


def shown(shake: Shake, names: Names, branches: Names) -> dict[str, Any]:
    plan = shake.plan
    return {
        "id": shake.id,
        "title": plan.title,
        "state": shake.state.value,
        "opens_at": rfc3339(plan.opens_at),
        "closes_at": rfc3339(plan.closes_at),
        "secretaries": [named(each, names) for each in plan.secretaries],
        "branches": None if plan.branches is None else [named(each, branches) for each in plan.branches],
        "most_rounds": plan.rounds,
        "round_seconds": plan.round_seconds,
        "talk_minutes": plan.talk_minutes,
        "exclusion_days": plan.exclusion_days,
        "favour": plan.favour,
        "seed_commitment": shake.seed_commitment,
        "receipt_key": shake.receipt_key,
    }


def of_round(made: Round, names: Names) -> dict[str, Any]:
    """A round in the snapshot, without its draws. That its list is being written is nobody's to know."""
    state = "open" if made.state.value == "closing" else made.state.value
    return {
        "number": made.number,
        "by": named(made.secretary_id, names),
        "state": state,
        "nonce_commitment": made.nonce_commitment,
        "nonce": made.nonce,
        "opened_at": None if made.opened_at is None else rfc3339(made.opened_at),
        "closes_at": None if made.closes_at is None else rfc3339(made.closes_at),
        "size": made.size if made.list_hash else None,
        "total_weight": made.total_weight if made.list_hash else None,
        "list_hash": made.list_hash,
    }


def of_draw(draw: Draw, names: Names) -> dict[str, Any]:
    """`state`: offered, accepted, or why it was passed over."""
    offered = draw.answer_by is not None
    return {
        "n": draw.n,
        "pseudonym": draw.pseudonym,
        "state": draw.reason or draw.state.value,
        "secretary": named(draw.secretary_id, names) if offered else None,
        "answer_by": rfc3339(draw.answer_by) if draw.answer_by is not None else None,
    }


def drawn(draw: Draw, names: Names) -> Draft:
    of = of_draw(draw, names)
    data = {"round": draw.number, **{each: of[each] for each in ("n", "pseudonym", "secretary", "answer_by")}}
    return Draft(channel_of(draw.shake_id), DRAWN, data)


def passed(draw: Draw) -> Draft:
    """Also of one who was offered it and did not accept."""
    data = {"round": draw.number, "n": draw.n, "pseudonym": draw.pseudonym, "reason": draw.reason or draw.state.value}
    return Draft(channel_of(draw.shake_id), PASSED, data)


def accepted(draw: Draw) -> Draft:
    data = {"round": draw.number, "n": draw.n, "pseudonym": draw.pseudonym}
    return Draft(channel_of(draw.shake_id), ACCEPTED, data)


# For the two alone


def offer(draw: Draw, shake: Shake, names: Names) -> dict[str, Any]:
    """What a drawn member is asked."""
    return {
        "draw": draw.id,
        "shake": shake.id,
        "title": shake.plan.title,
        "round": draw.number,
        "secretary": named(draw.secretary_id, names),
        "answer_by": rfc3339(draw.answer_by) if draw.answer_by is not None else None,
        "minutes": shake.plan.talk_minutes,
    }


def offered(draw: Draw, shake: Shake, names: Names) -> Draft:
    return Draft(member_channel(draw.member_id), OFFERED, offer(draw, shake, names))


def answered(draw: Draw) -> Draft:
    data = {"draw": draw.id, "shake": draw.shake_id, "state": draw.state.value, "talk": draw.talk_id}
    return Draft(member_channel(draw.member_id), ANSWERED, data)


def desk(draw: Draw, names: Names) -> dict[str, Any]:
    """What its secretary sees of a draw: a name only once there is a talk."""
    accepted_ = draw.talk_id is not None
    return {
        "draw": draw.id,
        "shake": draw.shake_id,
        "round": draw.number,
        "n": draw.n,
        "pseudonym": draw.pseudonym,
        "state": draw.state.value,
        "answer_by": rfc3339(draw.answer_by) if draw.answer_by is not None else None,
        "member": named(draw.member_id, names) if accepted_ else None,
        "talk": draw.talk_id,
    }


def at_desk(draw: Draw, names: Names) -> Draft:
    return Draft(member_channel(draw.secretary_id), DESK, desk(draw, names))
