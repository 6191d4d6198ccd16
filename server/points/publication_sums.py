"""What a publication adds up: the year's rows up to the heads of their chains.

All rows of the year up to the last day are added up from an index alone (`ix_ledger_windows`): their numbers are not in it, or
each sealing would write it a second time. Rows beyond the heads, which are those of the last moments, are looked up in their
chains and taken away again. Both see the same moment, so the caller's session is a snapshot.
"""

from collections import defaultdict

from sqlalchemy import Date, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from .model import Aspect, Sum
from .publication import Publication

_SUMS = """
    sum(CASE WHEN kind = 'award' THEN amount ELSE 0 END),
    sum(CASE WHEN kind = 'deduct' THEN amount ELSE 0 END),
    sum(CASE WHEN kind <> 'veto' THEN 0 WHEN reverses IS NULL THEN 1 ELSE -1 END)"""
_OF_THESE = "member_id BETWEEN :first AND :last AND day BETWEEN :since AND :until"

_ALL = f"SELECT member_id, aspect, {_SUMS} FROM ledger WHERE {_OF_THESE} GROUP BY member_id, aspect"  # noqa: S608  # no values

_ENDS = """
    ledger_chains AS ends LEFT JOIN publication_heads AS heads
        ON heads.publication_id = :publication AND heads.branch_id = ends.branch_id"""
_NEEDED = "member_id, aspect, kind, amount, reverses, day"
# Both databases would rather go through all rows of the members than believe that there is next to nothing beyond the heads.
_BEYOND = {
    "sqlite": f"""
        SELECT {_NEEDED} FROM {_ENDS} CROSS JOIN ledger INDEXED BY ix_ledger_chain
            WHERE ledger.branch_id = ends.branch_id AND ledger.number > coalesce(heads.number, 0)
        UNION ALL SELECT {_NEEDED} FROM ledger INDEXED BY ix_ledger_unsealed WHERE number IS NULL""",  # noqa: S608
    "postgresql": f"""
        SELECT {_NEEDED} FROM {_ENDS} CROSS JOIN LATERAL (
            SELECT {_NEEDED} FROM ledger
                WHERE ledger.branch_id = ends.branch_id AND ledger.number > coalesce(heads.number, 0) OFFSET 0) AS later
        UNION ALL (SELECT {_NEEDED} FROM ledger WHERE number IS NULL OFFSET 0)""",  # noqa: S608
}


async def frozen_sums(
    session: AsyncSession, publication: Publication, *, first: str, last: str
) -> dict[str, dict[Aspect, Sum]]:
    """Of the members from one id to another: what the year held at the end of the quarter, as far as the chains had come."""
    given = {"first": first, "last": last, "since": publication.since, "until": publication.until}
    beyond = _BEYOND[session.get_bind().dialect.name]
    later = f"SELECT member_id, aspect, {_SUMS} FROM ({beyond}) AS beyond WHERE {_OF_THESE} GROUP BY member_id, aspect"  # noqa: S608
    found: dict[str, dict[Aspect, Sum]] = defaultdict(dict)
    for member, aspect, *sums in await session.execute(_statement(_ALL), given):
        found[member][Aspect(aspect)] = Sum(*sums)
    for member, aspect, *sums in await session.execute(_statement(later), {**given, "publication": publication.id}):
        found[member][Aspect(aspect)] = found[member][Aspect(aspect)].less(Sum(*sums))
    return found


def _statement(words: str) -> TextClause:
    return text(words).bindparams(bindparam("since", type_=Date), bindparam("until", type_=Date))
