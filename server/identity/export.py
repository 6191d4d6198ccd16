"""Members as an XLSX file of texts alone, which can be given to the roster import again."""

from collections.abc import Iterable
from datetime import datetime

from ..core.spreadsheets import BEIJING, Workbook
from .model import Account

HEADINGS = ("编号", "姓名", "手机号", "支部", "身份", "角色", "状态", "最近登录")
_WIDTHS = (10, 14, 14, 24, 12, 32, 10, 18)


def workbook(accounts: Iterable[Account]) -> bytes:
    """The whole file. Takes seconds for many thousands: call it off the loop."""
    book = Workbook()
    book.sheet("成员", list(zip(HEADINGS, _WIDTHS, strict=True)), map(_texts, accounts))
    return book.content()


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
    return "" if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
