"""The ledger, what follows from it, and the rules.

`ledger` is append-only and the database itself holds it to that: a trigger refuses every change of a row but its sealing, and
every deletion. `point_balances` follows from it by another trigger, in the statement that adds the row, so the two cannot part;
its row is also the lock under which caps are decided. See the migration for both.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import Base, UtcDateTime
from .model import SOURCE_MOST

ID = String(36)
_UNSEALED = text("number IS NULL")
_WAITS = text("state = 'open'")


class EntryRow(Base):
    """See `entry.Entry`. `source` is the cause's key; `branch_id` the member's at that time, "" without one. `number` and
    `hash` are the sealer's."""

    __tablename__ = "ledger"
    __table_args__ = (
        UniqueConstraint("member_id", "source"),
        UniqueConstraint("reverses"),
        # What windows and publications add up is read from it alone. Nothing in it changes when a row is sealed.
        Index("ix_ledger_windows", "member_id", "indicator", "day", "aspect", "kind", "amount", "reverses"),
        Index("ix_ledger_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
        Index("ix_ledger_chain", "branch_id", "number"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    indicator: Mapped[str] = mapped_column(String(8))
    aspect: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(SOURCE_MOST))
    year: Mapped[int]
    day: Mapped[date] = mapped_column(Date)
    full: Mapped[int]
    amount: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reverses: Mapped[str | None] = mapped_column(ID, ForeignKey("ledger.id"))
    by: Mapped[str | None] = mapped_column(ID)
    reviewer: Mapped[str | None] = mapped_column(ID)
    title: Mapped[str] = mapped_column(String(120))
    link: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str | None] = mapped_column(String(64))


class BalanceRow(Base):
    """Of one aspect in one year, in tenths."""

    __tablename__ = "point_balances"

    member_id: Mapped[str] = mapped_column(ID, primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    aspect: Mapped[str] = mapped_column(String(8), primary_key=True)
    awarded: Mapped[int]
    deducted: Mapped[int]
    vetoes: Mapped[int]


class ChainRow(Base):
    """The end of a branch's chain: how many rows are sealed, and the hash of the last."""

    __tablename__ = "ledger_chains"

    branch_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class IndicatorRow(Base):
    """One version of one indicator: it counts from `since` until the next version of the same code."""

    __tablename__ = "indicators"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[date] = mapped_column(Date, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)  # JSON
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScaleRow(Base):
    """One version of the year's base, the aspects' bounds and the bands."""

    __tablename__ = "point_scales"

    since: Mapped[date] = mapped_column(Date, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)  # JSON
    by: Mapped[str | None] = mapped_column(ID)
    reason: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExemptionRow(Base):
    """Somebody who is not compared (不参评) in a year."""

    __tablename__ = "point_exemptions"

    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExemptingRow(Base):
    """See `exempting_model.Exempting`. One at a time waits for each member and year."""

    __tablename__ = "exemption_proposals"
    __table_args__ = (
        Index("ix_exemption_proposals_queue", "state", "id"),
        Index("uq_exemption_proposals_waiting", "member_id", "year", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    year: Mapped[int]
    lift: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    standing: Mapped[int]
    by: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    reviewer: Mapped[str | None] = mapped_column(ID)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    words: Mapped[str] = mapped_column(Text)


class PublicationRow(Base):
    """What the points of a year are published as after a quarter; `until` is that quarter's last day, `scale` JSON. While it is
    prepared, `prepared` of `total` members have their row."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("year", "quarter"), Index("ix_publications_state", "state"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    year: Mapped[int]
    quarter: Mapped[int]
    until: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    scale: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    prepared: Mapped[int]
    cursor: Mapped[str] = mapped_column(ID)  # the last member that has a row
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(ID)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_on: Mapped[date | None] = mapped_column(Date)
    deadline_sure: Mapped[bool]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PublicationHeadRow(Base):
    """How far a branch's chain had come: rows beyond it are not in the publication."""

    __tablename__ = "publication_heads"

    publication_id: Mapped[str] = mapped_column(ID, ForeignKey("publications.id"), primary_key=True)
    branch_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class PublishedRow(Base):
    """One member as published: name and branch of that day; `added`: what each aspect adds, in their order, JSON."""

    __tablename__ = "published_members"
    __table_args__ = (Index("ix_published_members_branch", "publication_id", "branch_id"),)

    publication_id: Mapped[str] = mapped_column(ID, ForeignKey("publications.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True)
    branch_id: Mapped[str] = mapped_column(ID)
    name: Mapped[str] = mapped_column(String(40))
    added: Mapped[str] = mapped_column(String(60))
    deducted: Mapped[int]
    score: Mapped[int]
    vetoed: Mapped[bool]
    exempt: Mapped[bool]


class ObjectionRow(Base):
    """What somebody says against a published row, and what became of it. `corrections`: the rows that were reversed, `awards`
    those that were added; JSON."""

    __tablename__ = "objections"
    __table_args__ = (
        Index("ix_objections_publication_id_id", "publication_id", "id"),
        Index("ix_objections_queue", "state", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    publication_id: Mapped[str] = mapped_column(ID, ForeignKey("publications.id"))
    about_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    by_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), index=True)
    entry_id: Mapped[str | None] = mapped_column(ID, ForeignKey("ledger.id"))
    text: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(ID)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    corrections: Mapped[str] = mapped_column(Text)
    awards: Mapped[str] = mapped_column(Text)


_STANDS = text("state <> 'withdrawn'")


class ProposalRow(Base):
    """See `proposing_model.Proposal`."""

    __tablename__ = "point_proposals"
    __table_args__ = (
        Index("ix_point_proposals_queue", "state", "id"),
        Index("uq_point_proposals_brought", "source", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    indicator: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[int]
    discipline: Mapped[bool]
    day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(200))
    standing: Mapped[int]
    by: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    reviewer: Mapped[str | None] = mapped_column(ID)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    words: Mapped[str] = mapped_column(Text)
    entry_id: Mapped[str | None] = mapped_column(ID, ForeignKey("ledger.id"))
    source: Mapped[str | None] = mapped_column(String(120))  # what a feature has brought it for


class AppealRow(Base):
    """See `proposing_model.Appeal`. One for each row of the ledger."""

    __tablename__ = "point_appeals"
    __table_args__ = (UniqueConstraint("entry_id"), Index("ix_point_appeals_queue", "state", "id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    entry_id: Mapped[str] = mapped_column(ID, ForeignKey("ledger.id"))
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"))
    branch_id: Mapped[str] = mapped_column(ID)
    discipline: Mapped[bool]
    proposer: Mapped[str | None] = mapped_column(ID)
    reviewer: Mapped[str | None] = mapped_column(ID)
    text: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    answered_by: Mapped[str | None] = mapped_column(ID)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    words: Mapped[str] = mapped_column(Text)


class AppraisalRow(Base):
    """See `appraisal.Appraisal`."""

    __tablename__ = "appraisals"
    __table_args__ = (UniqueConstraint("branch_id", "year"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    branch_id: Mapped[str] = mapped_column(ID, ForeignKey("branches.id"))
    branch_name: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    self_until: Mapped[date] = mapped_column(Date)
    peers_until: Mapped[date] = mapped_column(Date)
    made_by: Mapped[str] = mapped_column(ID)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[str | None] = mapped_column(ID)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(ID)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    objections_until: Mapped[date | None] = mapped_column(Date)
    words: Mapped[str] = mapped_column(Text)


class AppraisedRow(Base):
    """See `appraisal.Appraised`. `self_marks`: by aspect, JSON."""

    __tablename__ = "appraisal_members"

    appraisal_id: Mapped[str] = mapped_column(ID, ForeignKey("appraisals.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, ForeignKey("members.id"), primary_key=True, index=True)
    name: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(16))
    exempt: Mapped[bool]
    self_marks: Mapped[str] = mapped_column(Text)
    self_grade: Mapped[str | None] = mapped_column(String(12))
    self_words: Mapped[str] = mapped_column(Text)
    opinion: Mapped[str] = mapped_column(Text)
    grade: Mapped[str | None] = mapped_column(String(12))
    graded_by: Mapped[str | None] = mapped_column(ID)
    objection: Mapped[str] = mapped_column(Text)
    objected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    objection_state: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(ID)


class RaterRow(Base):
    """That somebody has marked the others: not when, and not how."""

    __tablename__ = "appraisal_raters"

    appraisal_id: Mapped[str] = mapped_column(ID, ForeignKey("appraisals.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ID, primary_key=True)


class TallyRow(Base):
    """How often somebody was given each mark on an aspect. All there is of the marks."""

    __tablename__ = "appraisal_tallies"

    appraisal_id: Mapped[str] = mapped_column(ID, ForeignKey("appraisals.id"), primary_key=True)
    about_id: Mapped[str] = mapped_column(ID, primary_key=True)
    aspect: Mapped[str] = mapped_column(String(8), primary_key=True)
    good: Mapped[int]
    fair: Mapped[int]
    plain: Mapped[int]
    poor: Mapped[int]
