"""Who has confirmed, as an XLSX file: by branch, and everybody."""

from collections.abc import Iterator

from ..core.spreadsheets import Value, Workbook
from .keeping import Line, Roster

_NONE = "未编入支部"


def workbook(roster: Roster) -> bytes:
    """Takes a while for many: call it off the loop."""
    book = Workbook()
    book.sheet("按支部", (("党支部", 24), ("应确认", 10), ("已确认", 10), ("其中逾期", 10)), _branches(roster))
    columns = (
        ("党支部", 24),
        ("姓名", 16),
        ("状态", 16),
        ("确认时间", 20),
        ("版本", 8),
        ("内容指纹", 68),
        ("代为确认", 16),
        ("原因", 32),
    )
    book.sheet("名单", columns, _people(roster))
    return book.content()


def _branches(roster: Roster) -> Iterator[tuple[Value, ...]]:
    found: dict[str, list[Line]] = {}
    for line in roster.lines:
        found.setdefault(line.branch or _NONE, []).append(line)
    for name, lines in found.items():
        done = [line.part for line in lines if line.part.confirmed_at is not None]
        yield name, len(lines), len(done), sum(each.late for each in done)


def _people(roster: Roster) -> Iterator[tuple[Value, ...]]:
    for line in roster.lines:
        part, name = line.part, line.person.name if line.person else ""
        yield line.branch or _NONE, name, _state(line), part.confirmed_at, part.version, part.hash, line.by, part.reason


def _state(line: Line) -> str:
    part = line.part
    if part.confirmed_at is None:
        return "账号已停用" if line.person is None or line.person.disabled else "未确认"
    return ("逾期" if part.late else "") + ("代为确认" if part.by else "已确认")
