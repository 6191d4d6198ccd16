"""Where members belong, for a statement of another feature: what is decided under a lock must not cost a trip of its own."""

from typing import Any

from sqlalchemy import Select, func, select

from .tables import MemberRow


def member_places(ids: Any) -> Select[str, str, str]:
    """Id, branch ("" without one) and status of members; `ids` is whatever `IN` takes."""
    return select(MemberRow.id, func.coalesce(MemberRow.branch_id, ""), MemberRow.status).where(MemberRow.id.in_(ids))
