import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from server.identity.export import HEADINGS, workbook
from server.identity.model import Account, MemberState, Role, Status
from server.identity.roster import read_roster


def _account(**changes: Any) -> Account:
    fields: dict[str, Any] = {
        "id": "1",
        "ref": "M001",
        "name": "林晓",
        "mobile": "13800138000",
        "branch_id": "2",
        "branch_name": "华东党支部",
        "status": Status.FULL,
        "roles": frozenset({Role.RED_HOST, Role.MODERATOR}),
        "state": MemberState.ACTIVE,
        "last_sign_in_at": datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
    }
    return Account(**(fields | changes))


def _rows(content: bytes) -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]


def test_a_row_reads_as_people_speak_with_beijing_time() -> None:
    head, row = _rows(workbook([_account()]))
    assert head == list(HEADINGS)
    assert row == ["M001", "林晓", "13800138000", "华东党支部", "正式党员", "审核员、红色主播", "已激活", "2026-07-01 20:30"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠", " =", "'"])
def test_text_that_looks_like_a_formula_stays_text_and_keeps_its_value(begin: str) -> None:
    """ASVS 1.2.10."""
    value = f"{begin}1+1"
    sheet = load_workbook(io.BytesIO(workbook([_account(name=value, ref=value, branch_name=value)]))).worksheets[0]
    for column in (1, 2, 4):
        cell = sheet.cell(row=2, column=column)
        assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", value, True)


def test_what_xml_cannot_carry_is_replaced() -> None:
    assert _rows(workbook([_account(name="\r=1\x00b\x1bc\uffff")]))[1][1] == "\ufffd=1\ufffdb\ufffdc\ufffd"


def test_an_export_is_a_roster() -> None:
    roster = read_roster(workbook([_account(), _account(ref=None, mobile="13800138001", roles=frozenset())]))
    assert roster.errors == []
    assert [(row.ref, row.mobile, row.status) for row in roster.rows] == [
        ("M001", "13800138000", Status.FULL),
        (None, "13800138001", Status.FULL),
    ]
