"""A roster file to checked rows: CSV as any program in China writes it (UTF-8 with or without BOM, GB18030), or XLSX.

Errors name the line as the spreadsheet shows it, the column as the file heads it, and say in Chinese what is wrong. All errors
are found in one go, up to a limit. Pure: bytes in, rows and errors out; slow for large files, so call it off the loop.

Columns: 姓名, 手机号 and 身份 are needed; 支部, 城市 (of the branch), 角色 and 编号 may be absent. Unknown columns are
ignored. For people who are already members an empty cell changes nothing; `无` under 角色 takes all roles away.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from .model import (
    BRANCH_NAME_MOST,
    CITY_MOST,
    NAME_MOST,
    REF_MOST,
    Role,
    Status,
    has_control,
    normalise_line,
    normalise_mobile,
)
from .sheets import Line, read_lines
from .wire import RosterError

MOST_ERRORS = 300

_HEADINGS = {
    "name": ("姓名", "名字", "name"),
    "mobile": ("手机号", "手机", "手机号码", "联系电话", "mobile", "phone"),
    "branch": ("支部", "党支部", "所在支部", "所属支部", "支部名称", "branch"),
    "city": ("城市", "支部所在城市", "city"),
    "status": ("身份", "政治面貌", "人员类别", "status"),
    "roles": ("角色", "职务", "roles", "role"),
    "ref": ("编号", "工号", "人员编号", "ref", "id"),
}
_NEEDED = {"name": "姓名", "mobile": "手机号", "status": "身份"}
_STATUSES = {
    Status.FULL: ("正式党员", "中共党员", "党员"),
    Status.PROBATIONARY: ("预备党员", "中共预备党员"),
    Status.RETIRED: ("退休党员", "离退休党员"),
    Status.EMPLOYEE: ("非党员职工", "非党员", "职工", "员工", "群众"),
}
_STATUS_WORDS = {word: status for status, words in _STATUSES.items() for word in (*words, status.value)}
_ROLE_WORDS = {word: role for role in Role for word in (role.label, role.value)}
_NO_ROLES = frozenset({"无", "-", "none"})
_ROLE_SEPARATOR = re.compile(r"[,，、;；/|\s]+")
_SCIENTIFIC = re.compile(r"[0-9.]+[eE]\+?[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person. None means the file says nothing about it."""

    line: int
    name: str
    mobile: str
    status: Status | None
    branch: str | None = None
    city: str | None = None
    roles: frozenset[Role] | None = None
    ref: str | None = None


@dataclass(slots=True)
class Roster:
    rows: list[RosterRow] = field(default_factory=list)
    errors: list[RosterError] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)

    def refuse(self, line: int, column: str, message: str) -> None:
        """Note an error under the heading the file itself uses."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(RosterError(line=line, field=self.headings.get(column, column), message=message))


def read_roster(content: bytes) -> Roster:
    """Rows and errors of a file. Raise Unprocessable `roster_unreadable` or TooLarge for what is no roster at all."""
    lines = iter(read_lines(content))
    roster = Roster()
    heading = next((line for line in lines if any(line.cells)), None)
    if heading is None:
        roster.refuse(1, "文件", "没有内容")
        return roster
    columns = _columns(heading, roster)
    if not roster.errors:
        for line in lines:
            if any(line.cells):
                _read_row(line, columns, roster)
        _check_repeats(roster)
        if not roster.rows and not roster.errors:
            roster.refuse(heading.number + 1, "文件", "表头下没有人员")
    return roster


def _columns(heading: Line, roster: Roster) -> dict[str, int]:
    known = {word: column for column, words in _HEADINGS.items() for word in words}
    columns: dict[str, int] = {}
    for index, text in enumerate(heading.cells):
        column = known.get(_plain(text).replace("*", ""))
        if column is None:
            continue
        if column in columns:
            roster.refuse(heading.number, text, f"与“{roster.headings[column]}”是同一列，只能保留一个")
            continue
        columns[column] = index
        roster.headings[column] = text
    for column, word in _NEEDED.items():
        if column not in columns:
            roster.refuse(heading.number, word, "缺少这一列，第一行应为表头，如：姓名、手机号、支部、城市、身份、角色、编号")
    return columns


def _read_row(line: Line, columns: dict[str, int], roster: Roster) -> None:
    before = len(roster.errors)

    def cell(column: str) -> str:
        index = columns.get(column, len(line.cells))
        return normalise_line(line.cells[index]) if index < len(line.cells) else ""

    name = _text(cell("name"), "name", NAME_MOST, line.number, roster)
    if not name:
        roster.refuse(line.number, "name", "未填写")
    mobile = _mobile(cell("mobile"), line.number, roster)
    status = _status(cell("status"), line.number, roster)
    branch = _text(cell("branch"), "branch", BRANCH_NAME_MOST, line.number, roster)
    city = _text(cell("city"), "city", CITY_MOST, line.number, roster)
    roles = _roles(cell("roles"), line.number, roster)
    ref = _text(cell("ref"), "ref", REF_MOST, line.number, roster)
    if len(roster.errors) == before and len(roster.errors) < MOST_ERRORS:
        row = RosterRow(line.number, name, mobile, status, branch or None, city or None, roles, ref or None)
        roster.rows.append(row)


def _text(text: str, column: str, most: int, line: int, roster: Roster) -> str:
    if len(text) > most:
        roster.refuse(line, column, f"最多 {most} 个字")
    elif has_control(text):
        roster.refuse(line, column, "含有不可见的控制字符")
    return text


def _mobile(text: str, line: int, roster: Roster) -> str:
    number = normalise_mobile(text)
    if number is not None:
        return number
    if not text:
        roster.refuse(line, "mobile", "未填写")
    elif _SCIENTIFIC.match(text):
        roster.refuse(line, "mobile", "被表格软件改成了科学计数，请把该列设为文本后重新填写")
    else:
        roster.refuse(line, "mobile", "不是有效的手机号")
    return ""


def _status(text: str, line: int, roster: Roster) -> Status | None:
    if not text:
        return None
    status = _STATUS_WORDS.get(_plain(text))
    if status is None:
        words = "、".join(each.label for each in Status)
        roster.refuse(line, "status", f"不认识“{_short(text)}”，可填：{words}")
    return status


def _roles(text: str, line: int, roster: Roster) -> frozenset[Role] | None:
    if not text:
        return None
    if _plain(text) in _NO_ROLES:
        return frozenset()
    words = [word for word in _ROLE_SEPARATOR.split(text) if word]
    unknown = [word for word in words if _plain(word) not in _ROLE_WORDS]
    for word in unknown:
        known = "、".join(role.label for role in Role)
        roster.refuse(line, "roles", f"没有“{_short(word)}”这个角色，可填：{known}")
    return frozenset(_ROLE_WORDS[_plain(word)] for word in words if word not in unknown)


def _check_repeats(roster: Roster) -> None:
    """The same number or code on two lines: the later one is refused."""
    seen: dict[tuple[str, str], int] = {}
    for row in roster.rows:
        for column, value in _keys(row):
            first = seen.setdefault((column, value), row.line)
            if first != row.line:
                roster.refuse(row.line, column, f"与第 {first} 行重复")


def _keys(row: RosterRow) -> Iterator[tuple[str, str]]:
    yield "mobile", row.mobile
    if row.ref is not None:
        yield "ref", row.ref


def _plain(text: str) -> str:
    """For comparing words: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
