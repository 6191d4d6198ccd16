"""XLSX and CSV files whose texts are text and nothing else; numbers are numbers, moments real dates in Beijing's time.

A text such as `=HYPERLINK(…)` must stay a text when the file is opened (ASVS 1.2.10). In XLSX each is typed as a string and
carries the quote-prefix style, so that it also stays text when somebody edits it. CSV has no types: there what a spreadsheet
program might take for a formula, after spaces or in full-width characters too, begins with an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
# XML 1.0 cannot carry these, or (CR) not unchanged. No text of ours holds one: what comes in over HTTP or a roster is checked.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_MOMENT = "yyyy-mm-dd hh:mm:ss"

_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")

Value = str | int | float | datetime | None


class Workbook:
    """Written sheet by sheet, row by row. Takes seconds for many thousand rows: fill and save it off the loop."""

    def __init__(self) -> None:
        from openpyxl import Workbook as Book

        self._book = Book(write_only=True)

    def sheet(self, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]]) -> None:
        """`columns`: headings and their widths in characters. The headings stay in sight."""
        from openpyxl.utils import get_column_letter

        sheet = self._book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, (_, width) in enumerate(columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.append([_cell(sheet, heading, bold=True) for heading, _ in columns])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])

    def content(self) -> bytes:
        out = io.BytesIO()
        self._book.save(out)
        return out.getvalue()


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, datetime):
        made = WriteOnlyCell(sheet, value=value.astimezone(BEIJING).replace(tzinfo=None, microsecond=0))
        made.number_format = _MOMENT
    elif isinstance(value, str):
        made = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("\ufffd", value))
        made.data_type = "s"
        made.quotePrefix = True
    else:
        made = WriteOnlyCell(sheet, value=value)
    if bold:
        made.font = Font(bold=True)
    return made


def csv_file(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """With the mark by which Excel knows UTF-8, and its line ends."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _plain(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else _UNWRITABLE.sub("\ufffd", value)
    return value
