"""An offer that waits for one member, put into the database; the secretary is somebody nobody else has."""

from datetime import UTC, datetime, timedelta
from typing import Any

from server.app import DATABASE
from server.core.ids import new_id
from server.identity import Member
from server.shake import SHAKES, ShakePlan, draw_store, store
from server.shake.model import Draw, DrawState, Round, RoundState


async def announced(app: Any, owner: Member, *secretaries: str, **more: Any) -> str:
    """A session that is open now, for everybody."""
    now = datetime.now(UTC)
    plan: dict[str, Any] = {
        "title": "摇一摇",
        "opens_at": now,
        "closes_at": now + timedelta(hours=1),
        "secretaries": secretaries,
        "round_seconds": 120,
    }
    made: str = (await app[SHAKES].announce(owner, ShakePlan(**plan | more))).id
    return made


async def offer_to(app: Any, owner: Member, secretary: str, nobody: str, member_id: str) -> str:
    """`secretary`: whom the session names; `nobody`: who made the offer, and is free."""
    now, shake_id, draw_id = datetime.now(UTC), await announced(app, owner, secretary), new_id()
    found = Round(
        shake_id,
        1,
        nobody,
        "0" * 64,
        RoundState.REVEALED,
        opened_at=now,
        closes_at=now,
        closed_at=now,
        size=1,
        total_weight=1,
        parts=1,
        list_hash="0" * 64,
        nonce="0" * 64,
        next_n=2,
    )
    draw = Draw(draw_id, shake_id, 1, 1, nobody, member_id, "0" * 20, DrawState.OFFERED, now, now + timedelta(minutes=5))
    async with app[DATABASE].transaction() as session:
        await store.add_round(session, found)
        await draw_store.add(session, draw)
    return draw_id
