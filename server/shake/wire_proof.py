"""The proof on the wire."""

from typing import Self

from pydantic import BaseModel, Field

from ..core.moments import Moment
from . import model
from .model import Draw, RoundState, ShakeState
from .proof import Proof
from .wire import NamedOut

VERSION = 1
"""Of the formula; see docs/protocol.md."""


class ProofRulesOut(BaseModel):
    """`version`: of the formula. `grace_ms`: what came so long after the end still counted. `most_withdrawn`: how many offers
    one secretary may take back in the session and have another drawn instead."""

    version: int
    grace_ms: int
    answer_seconds: int
    reveal_seconds: int
    exclusion_days: int
    favour: int
    most_withdrawn: int


class ProofRoundOut(BaseModel):
    """`list`: the text that was hashed, where it is short; `list_url`: where it is, whatever its length; both null before it is
    closed."""

    number: int
    by: NamedOut
    state: RoundState
    nonce_commitment: str
    nonce: str | None
    opened_at: Moment | None
    closes_at: Moment | None
    size: int | None
    total_weight: int | None
    list_hash: str | None
    list: str | None
    list_url: str | None


class ProofDrawOut(BaseModel):
    """`result`: offered, accepted, declined, lapsed, withdrawn, or why it was passed over: drawn_before,
    recently_talked, busy, gone. `secretary`: whom an offer was made for; null where there was none."""

    round: int
    n: int
    pseudonym: str
    result: str
    secretary: NamedOut | None


class ProofOut(BaseModel):
    id: str
    title: str
    state: ShakeState
    seed_commitment: str
    receipt_key: str
    favour: int
    rules: ProofRulesOut
    rounds: list[ProofRoundOut]
    draws: list[ProofDrawOut]
    seed: str | None = Field(description="Once the session is closed.")

    @classmethod
    def of(cls, proof: Proof) -> Self:
        shake, limits = proof.shake, proof.limits
        rules = ProofRulesOut(
            version=VERSION,
            grace_ms=round(model.GRACE.total_seconds() * 1000),
            answer_seconds=round(limits.answer.total_seconds()),
            reveal_seconds=round(limits.reveal.total_seconds()),
            exclusion_days=shake.plan.exclusion_days,
            favour=shake.plan.favour,
            most_withdrawn=model.MOST_WITHDRAWN,
        )
        return cls(
            id=shake.id,
            title=shake.plan.title,
            state=shake.state,
            seed_commitment=shake.seed_commitment,
            receipt_key=shake.receipt_key,
            favour=shake.plan.favour,
            rules=rules,
            rounds=_rounds(proof),
            draws=[_draw(each, proof) for each in proof.draws],
            seed=shake.seed,
        )


def _draw(draw: Draw, proof: Proof) -> ProofDrawOut:
    by = None
    if draw.answer_by is not None:
        by = NamedOut(id=draw.secretary_id, name=proof.names.get(draw.secretary_id, ""))
    return ProofDrawOut(
        round=draw.number, n=draw.n, pseudonym=draw.pseudonym, result=draw.reason or draw.state.value, secretary=by
    )


def _rounds(proof: Proof) -> list[ProofRoundOut]:
    made = []
    for each in proof.rounds:
        listed = each.list_hash is not None
        made.append(
            ProofRoundOut(
                number=each.number,
                by=NamedOut(id=each.secretary_id, name=proof.names.get(each.secretary_id, "")),
                state=RoundState.OPEN if each.state is RoundState.CLOSING else each.state,
                nonce_commitment=each.nonce_commitment,
                nonce=each.nonce,
                opened_at=each.opened_at,
                closes_at=each.closes_at,
                size=each.size if listed else None,
                total_weight=each.total_weight if listed else None,
                list_hash=each.list_hash,
                list=proof.lists.get(each.number),
                list_url=f"/api/v1/shakes/{each.shake_id}/rounds/{each.number}/list" if listed else None,
            )
        )
    return made
