"""Publications and one's own ledger as files for spreadsheet programs. Pure; takes a while for many: call it off the loop."""

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..core.spreadsheets import Value, Workbook, csv_file
from .model import Aspect, Kind
from .publication import Publication, Published
from .service import Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


class Form(enum.StrEnum):
    XLSX = "xlsx"
    CSV = "csv"

    @property
    def content_type(self) -> str:
        return XLSX if self is Form.XLSX else CSV


_PUBLISHED = (
    ("支部", 24),
    ("姓名", 14),
    ("基础分", 8),
    *((aspect.label, 8) for aspect in Aspect),
    ("扣分", 8),
    ("总分", 8),
    ("说明", 14),
)
_OWN = (
    ("计入日期", 12),
    ("事项", 40),
    ("指标", 24),
    ("方面", 8),
    ("分值", 8),
    ("说明", 30),
    ("发生时间", 20),
    ("支部台账序号", 14),
    ("校验码", 66),
)


def published(publication: Publication, branches: Sequence[tuple[str, Sequence[Published]]], form: Form) -> bytes:
    """`branches`: names and rows, in the order in which they are published."""
    return _written("公示", _PUBLISHED, _published(publication, branches), form)


def own(rows: Iterable[Row], names: Mapping[str, str], form: Form) -> bytes:
    return _written("积分明细", _OWN, _own(rows, names), form)


def _written(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]], form: Form) -> bytes:
    if form is Form.CSV:
        return csv_file([heading for heading, _ in columns], rows)
    book = Workbook()
    book.sheet(title, columns, rows)
    return book.content()


def _published(publication: Publication, branches: Sequence[tuple[str, Sequence[Published]]]) -> Iterator[tuple[Value, ...]]:
    for name, rows in branches:
        for row in rows:
            added = (row.added[aspect] / 10 for aspect in Aspect)
            score = None if row.exempt else row.score / 10
            note = "不参评" if row.exempt else "一票否决" if row.vetoed else ""
            yield name, row.name, publication.scale.base / 10, *added, row.deducted / 10, score, note


def _own(rows: Iterable[Row], names: Mapping[str, str]) -> Iterator[tuple[Value, ...]]:
    for row in rows:
        entry = row.entry
        title = f"更正：{entry.title}" if entry.reverses else entry.title
        amount = None if entry.kind is Kind.VETO else entry.amount / 10
        note = "已更正" if row.reversed_by else "撤销一票否决" if entry.kind is Kind.VETO and entry.reverses else entry.reason
        name = names.get(entry.indicator, entry.indicator)
        day = entry.day.isoformat()
        yield day, title or name, name, entry.aspect.label, amount, note, entry.at, entry.number, entry.hash
