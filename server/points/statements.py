"""The two statements of a credit before its insert, in the words of each database: one text however many members it is for, so
that neither SQLAlchemy nor the database prepares it anew. PostgreSQL takes arrays, SQLite the same lists as JSON.
"""

HOLD = {
    "sqlite": """
        INSERT INTO point_balances (member_id, year, aspect, awarded, deducted, vetoes)
        SELECT value ->> 0, value ->> 1, value ->> 2, 0, 0, 0 FROM json_each(?) WHERE true
        ON CONFLICT (member_id, year, aspect) DO UPDATE SET awarded = awarded
        RETURNING member_id, year, aspect, awarded, deducted, vetoes""",
    # In the order given: two who hold several must not wait for each other.
    "postgresql": """
        INSERT INTO point_balances (member_id, year, aspect, awarded, deducted, vetoes)
        SELECT member, year, aspect, 0, 0, 0
        FROM unnest($1::varchar[], $2::int[], $3::varchar[]) WITH ORDINALITY AS wanted(member, year, aspect, nth) ORDER BY nth
        ON CONFLICT (member_id, year, aspect) DO UPDATE SET awarded = point_balances.awarded
        RETURNING member_id, year, aspect, awarded, deducted, vetoes""",
}
"""Of member, year and aspect: make the balances that are missing, hold all of them, and say what they are."""

_KNOWN = """
    SELECT 'place' AS kind, id AS member, coalesce(branch_id, '') AS one, status AS other, NULL AS day, 0 AS amount
        FROM members WHERE id {members}
    UNION ALL
    SELECT 'seen', member_id, source, '', NULL, 0 FROM ledger WHERE member_id {members} AND source {sources}
    UNION ALL
    SELECT 'sum', member_id, indicator, '', {day}, sum(amount) FROM ledger
        WHERE member_id {members} AND indicator {indicators} AND day >= {since} GROUP BY member_id, indicator, day"""

KNOWN = {
    "sqlite": _KNOWN.format(
        members="IN (SELECT value FROM json_each(?1))",
        sources="IN (SELECT value FROM json_each(?2))",
        indicators="IN (SELECT value FROM json_each(?3))",
        since="?4",
        day="day",
    ),
    "postgresql": _KNOWN.format(
        members="= ANY($1::varchar[])",
        sources="= ANY($2::varchar[])",
        indicators="= ANY($3::varchar[])",
        since="$4::varchar::date",
        day="day::varchar",
    ),
}
"""Of members, sources, indicators and a first day (ISO 8601): where the members belong, which of the sources were credited to
them, and what the indicators hold on each day from the first on."""
