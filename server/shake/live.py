"""A session as a live surface, `shake:<id>`; and what a member's own channel says of the offer that waits for them.

How many have shaken is a signal. That a list is being written is no news: its end is. In `member:<id>` stand the offer that the
member is to answer, and the one that they, as a secretary, wait for.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..core.db import Database
from ..core.fanout import Part, Rule, State
from ..core.journal import Entry
from ..core.sockets import Who
from ..identity import branch_names, known_as, member_of
from . import draw_store, shown, store
from .model import Shake, may_see


class ShakeSurface:
    """Whoever may see a session may listen to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rule(self, key: str) -> Rule | None:
        async with self._database.reading() as session:
            shake = await store.find(session, key)
        return None if shake is None else lambda who: _sees(shake, who)


def _sees(shake: Shake, who: Who | None) -> bool:
    member = member_of(who)
    return member is not None and may_see(shake, member)


async def names_of(session: AsyncSession, ids: set[str]) -> dict[str, str]:
    return {member_id: known.name for member_id, known in (await known_as(session, ids)).items()}


async def _snapshot(session: AsyncSession, key: str) -> State:
    shake = await store.find(session, key)
    if shake is None:
        return {}
    rounds, draws = await store.rounds(session, key), await draw_store.of_shake(session, key)
    people = {*shake.plan.secretaries, *(each.secretary_id for each in rounds), *(each.secretary_id for each in draws)}
    names, branches = await names_of(session, people), await branch_names(session)
    return {
        **shown.shown(shake, names, branches),
        "seed": shake.seed,
        "rounds": [
            {
                **shown.of_round(each, names),
                "draws": [shown.of_draw(draw, names) for draw in draws if draw.number == each.number],
            }
            for each in rounds
        ],
    }


def _apply(state: State, entry: Entry) -> State:
    if not entry.type.startswith(f"{shown.KIND}."):
        return state
    data = dict(entry.data)
    if entry.type == shown.ANNOUNCED:
        return {**data, "seed": None, "rounds": []}
    if entry.type in (shown.CHANGED, shown.CANCELLED):
        return {**state, **data}
    if entry.type == shown.CLOSED:
        return {**state, "state": "closed", "seed": data["seed"]}
    if entry.type == shown.PREPARED:
        made = {**_FRESH, "number": data["round"], "by": data["by_secretary"], "nonce_commitment": data["nonce_commitment"]}
        return {**state, "rounds": [*state["rounds"], {**made, "draws": []}]}
    after = {
        **state,
        "rounds": [_in_round(each, entry) if each["number"] == data["round"] else each for each in state["rounds"]],
    }
    return {**after, "state": "open"} if entry.type == shown.OPENED else after


_FRESH = {
    "state": "prepared",
    "nonce": None,
    "opened_at": None,
    "closes_at": None,
    "size": None,
    "total_weight": None,
    "list_hash": None,
}


def _in_round(of: dict[str, Any], entry: Entry) -> dict[str, Any]:
    data = dict(entry.data)
    data.pop("round")
    if entry.type == shown.OPENED:
        return {**of, **data, "state": "open"}
    if entry.type == shown.ROUND_CLOSED:
        return {**of, **data}
    if entry.type == shown.REVEALED:
        return {**of, **data, "state": "revealed"}
    if entry.type == shown.VOIDED:
        return {**of, "state": "void"}
    return {**of, "draws": _draws(of["draws"], entry.type, data)}


def _draws(draws: list[dict[str, Any]], kind: str, data: dict[str, Any]) -> list[dict[str, Any]]:
    if kind == shown.DRAWN:
        return [*draws, {**data, "state": "offered"}]
    if kind not in (shown.PASSED, shown.ACCEPTED):
        return draws
    state = "accepted" if kind == shown.ACCEPTED else data["reason"]
    if any(each["n"] == data["n"] for each in draws):
        return [{**each, "state": state} if each["n"] == data["n"] else each for each in draws]
    return [*draws, {"n": data["n"], "pseudonym": data["pseudonym"], "state": state, "secretary": None, "answer_by": None}]


SHAKE_PART = Part("shake", _snapshot, _apply)


async def _own_snapshot(session: AsyncSession, key: str) -> State:
    offered = await draw_store.offer_of(session, member_id=key)
    waited = await draw_store.offer_of(session, secretary_id=key)
    names = await names_of(session, {each.secretary_id for each in (offered, waited) if each is not None})
    shake = None if offered is None else await store.find(session, offered.shake_id)
    return {
        "offer": None if offered is None or shake is None else shown.offer(offered, shake, names),
        "desk": None if waited is None else shown.desk(waited, names),
    }


def _own_apply(state: State, entry: Entry) -> State:
    if entry.type == shown.OFFERED:
        return {**state, "offer": dict(entry.data)}
    if entry.type == shown.ANSWERED:
        return {**state, "offer": None}
    if entry.type == shown.DESK:
        return {**state, "desk": dict(entry.data) if entry.data["state"] == "offered" else None}
    return state


OWN_SHAKE_PART = Part("shake", _own_snapshot, _own_apply)
