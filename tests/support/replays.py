"""What tests of replays share."""

from datetime import UTC, datetime, timedelta

from server.attendance.tables import PromptRow
from server.core.db import Database
from server.core.ids import new_id


async def open_prompt(database: Database, broadcast_id: str, member_id: str, *, part: int = 0) -> str:
    """A roll-call of a member's replay that is open now, whatever was watched."""
    now = datetime.now(UTC)
    row = PromptRow(id=new_id(), broadcast_id=broadcast_id, member_id=member_id, part=part, place=0)
    row.passed_at = row.opened_at = now
    row.closes_at = now + timedelta(seconds=90)
    async with database.transaction() as session:
        session.add(row)
    return row.id
