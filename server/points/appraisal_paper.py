"""The sheet of results of an appraisal, as XLSX and on paper. Blocking: off the loop. Tallies only where they may be shown."""

from collections.abc import Sequence

from ..core.paper import Column, Paper
from ..core.spreadsheets import Value, Workbook
from .appraisal import AppraisalState, Mark
from .appraising import Line, Sheet
from .model import Aspect

_HEADINGS = (("姓名", 14), ("身份", 12), ("自评", 10), ("积分", 10), *((f"互评·{each.label}", 22) for each in Aspect))


def _title(sheet: Sheet) -> str:
    return f"{sheet.appraisal.branch_name}{sheet.appraisal.year}年民主评议结果"


def workbook(sheet: Sheet) -> bytes:
    book = Workbook()
    columns = [*_HEADINGS, ("支部意见", 40), ("等次", 14)]
    book.sheet("民主评议", columns, (_row(each) for each in sheet.lines))
    return book.content()


def _row(line: Line) -> Sequence[Value]:
    one = line.of
    own = one.self_grade.label if one.self_grade else "未自评"
    tally = [_counts(line, aspect) for aspect in Aspect]
    return [one.name, one.status.label, own, line.score / 10, *tally, one.opinion, _grade(line)]


def _counts(line: Line, aspect: Aspect) -> str:
    if line.tally is None:
        return "" if line.of.exempt else "不足四人，不显示"
    return " ".join(f"{mark.label}{line.tally[aspect][mark]}" for mark in Mark)


def _grade(line: Line) -> str:
    return line.of.grade.label if line.of.grade and not line.why else "不评定等次" if line.why else "未评定"


def paper(sheet: Sheet) -> Paper:
    made = Paper(_title(sheet), subject="民主评议", made_at=sheet.appraisal.confirmed_at)
    confirmed = sheet.appraisal.state is AppraisalState.CONFIRMED
    made.facts(
        [
            ("参评人数", f"{len(sheet.lines)} 人，其中评定等次 {sheet.graded} 人"),
            ("优秀", f"{sheet.excellent} 人，最多 {sheet.most} 人"),
            ("状态", "党委已确认" if confirmed else "未经党委确认，仅供核对"),
        ]
    )
    made.table(
        [Column("姓名", 2), Column("身份", 2), Column("自评", 1.6), Column("支部意见", 5), Column("等次", 1.8)],
        [
            (
                each.of.name,
                each.of.status.label,
                each.of.self_grade.label if each.of.self_grade else "未自评",
                each.of.opinion or each.why,
                _grade(each),
            )
            for each in sheet.lines
        ],
    )
    made.paragraph("互评采用无记名方式，只统计、不留存个人打分。积分供评议参考，等次由支部研究、党委确认。", note=True)
    return made
