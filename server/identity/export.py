"""Members as an XLSX file whose cells are text and nothing else.

A name such as `=HYPERLINK(…)` must stay a name when the file is opened (ASVS 1.2.10): each cell is typed as a string and
carries the quote-prefix style, so that it also stays text when somebody
edits it. The file can be given to the roster import again.
"""

import io
import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from .model import Account

HEADINGS = ("编号", "姓名", "手机号", "支部", "身份", "角色", "状态", "最近登录")
_WIDTHS = (10, 14, 14, 24, 12, 32, 10, 18)
_BEIJING = ZoneInfo("Asia/Shanghai")
# XML 1.0 cannot carry these, or (CR) not unchanged. No text of ours holds one: what comes in over HTTP or a roster is checked.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def workbook(accounts: Iterable[Account]) -> bytes:
    """The whole file. Takes seconds for many thousands: call it off the loop."""
    from openpyxl import Workbook
    from openpyxl.cell import Cell, WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("成员")
    sheet.freeze_panes = "A2"
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width

    def cell(text: str, *, bold: bool = False) -> Cell:
        made = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("\ufffd", text))
        made.data_type = "s"
        made.quotePrefix = True
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(heading, bold=True) for heading in HEADINGS])
    for account in accounts:
        sheet.append([cell(text) for text in _texts(account)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _texts(account: Account) -> tuple[str, ...]:
    return (
        account.ref or "",
        account.name,
        account.mobile,
        account.branch_name or "",
        account.status.label,
        "、".join(role.label for role in sorted(account.roles)),
        account.state.label,
        _moment(account.last_sign_in_at),
    )


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M")
