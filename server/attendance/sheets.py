"""A roster as an XLSX file: by branch, everybody who was expected, and who came as well."""

from collections.abc import Iterator, Sequence

from ..core.spreadsheets import Value, Workbook
from .model import Proof
from .roster import Line, Roster

_WAYS = {Proof.LIVE: "直播", Proof.REPLAY: "回看"}


def workbook(roster: Roster) -> bytes:
    """Takes a while for many: call it off the loop."""
    book = Workbook()
    book.sheet("按支部", (("党支部", 24), ("应到", 10), ("到课", 10)), _branches(roster))
    columns = (
        ("党支部", 24),
        ("姓名", 16),
        ("应答次数", 10),
        ("点名次数", 10),
        ("到课", 8),
        ("方式", 8),
        ("确认时间", 20),
        ("进入直播间", 20),
        ("离开直播间", 20),
    )
    book.sheet("名单", columns, _people(roster, roster.lines))
    if roster.others:
        book.sheet("名单外", columns, _people(roster, roster.others))
    return book.content()


def by_branch(roster: Roster) -> dict[str, list[Line]]:
    """In order; those without a branch under ""."""
    found: dict[str, list[Line]] = {}
    for line in roster.lines:
        found.setdefault(line.person.branch_name or "", []).append(line)
    return found


def _branches(roster: Roster) -> Iterator[tuple[Value, ...]]:
    for name, lines in by_branch(roster).items():
        yield name or "未编入支部", len(lines), sum(line.confirmed_at is not None for line in lines)


def _people(roster: Roster, lines: Sequence[Line]) -> Iterator[tuple[Value, ...]]:
    for line in lines:
        there = "是" if line.confirmed_at else ""
        way = "" if line.way is None else _WAYS[line.way]
        branch = line.person.branch_name or "未编入支部"
        yield (
            branch,
            line.person.name,
            line.answered,
            roster.opened,
            there,
            way,
            line.confirmed_at,
            line.joined_at,
            line.left_at,
        )
