import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import AppError
from server.identity.model import Role, Status
from server.identity.roster import MOST_ERRORS, read_roster

HEAD = "姓名,手机号,支部,城市,身份,角色,编号\n"
ROW = "林晓,13800138000,华东党支部,南京,正式党员,红色主播、审核员,M001\n"


def _errors(text: str) -> list[tuple[int, str, str]]:
    return [(error.line, error.field, error.message) for error in read_roster(text.encode()).errors]


def test_a_row_says_who_somebody_is() -> None:
    roster = read_roster((HEAD + ROW).encode())
    assert roster.errors == []
    (row,) = roster.rows
    assert (row.line, row.name, row.mobile, row.branch, row.city) == (2, "林晓", "13800138000", "华东党支部", "南京")
    assert (row.status, row.roles, row.ref) == (Status.FULL, frozenset({Role.RED_HOST, Role.MODERATOR}), "M001")


@pytest.mark.parametrize(
    "head",
    [
        "name,mobile,branch,city,status,roles,ref\n",
        "Name,Phone,Branch,City,Status,Role,ID\n",
        "姓 名,手机号码,党支部,城市,政治面貌,职务,工号\n",
        "*姓名,*手机,所在支部,城市,*人员类别,角色,人员编号\n",
    ],
)
def test_headings_are_known_by_many_names(head: str) -> None:
    assert read_roster((head + ROW).encode()).rows == read_roster((HEAD + ROW).encode()).rows


def test_columns_may_come_in_any_order_and_unknown_ones_are_ignored() -> None:
    roster = read_roster("备注,身份,手机号,姓名\n无,员工,13800138000,林晓\n".encode())
    (row,) = roster.rows
    assert (row.name, row.status, row.branch, row.roles, row.ref) == ("林晓", Status.EMPLOYEE, None, None, None)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("正式党员", Status.FULL),
        ("中共党员", Status.FULL),
        ("预备党员", Status.PROBATIONARY),
        ("退休党员", Status.RETIRED),
        ("群众", Status.EMPLOYEE),
        ("Employee", Status.EMPLOYEE),
        ("", None),
    ],
)
def test_status_words(word: str, status: Status | None) -> None:
    (row,) = read_roster(f"姓名,手机号,身份\n林晓,13800138000,{word}\n".encode()).rows
    assert row.status is status


def test_roles_by_label_or_code_with_any_separator() -> None:
    cells = ["红色主播、审核员", "red_host moderator", "红色主播；moderator", "红色主播/审核员", '"红色主播,审核员"']
    for cell in cells:
        (row,) = read_roster(f"姓名,手机号,身份,角色\n林晓,13800138000,党员,{cell}\n".encode()).rows
        assert row.roles == frozenset({Role.RED_HOST, Role.MODERATOR})
    (row,) = read_roster("姓名,手机号,身份,角色\n林晓,13800138000,党员,无\n".encode()).rows
    assert row.roles == frozenset()


def test_errors_name_line_column_and_fault_in_chinese() -> None:
    text = (
        HEAD
        + ROW
        + (
            ",13800138001,,,正式党员,,\n"
            "李四,,,,正式党员,,\n"
            "李四,1380013,,,正式党员,,\n"
            "李四,1.38E+10,,,正式党员,,\n"
            "李四,13800138002,,,贵宾,,\n"
            "李四,13800138003,,,正式党员,红色主播、皇帝,\n"
            f"{'长' * 41},13800138004,,,正式党员,,\n"
            "李\u202e四,13800138005,,,正式党员,,\n"
            "李四,13800138000,,,正式党员,,\n"
            "李四,13800138006,,,正式党员,,M001\n"
        )
    )
    assert _errors(text) == [
        (3, "姓名", "未填写"),
        (4, "手机号", "未填写"),
        (5, "手机号", "不是有效的手机号"),
        (6, "手机号", "被表格软件改成了科学计数，请把该列设为文本后重新填写"),
        (7, "身份", "不认识“贵宾”，可填：正式党员、预备党员、退休党员、非党员职工"),
        (8, "角色", "没有“皇帝”这个角色，可填：" + "、".join(role.label for role in Role)),
        (9, "姓名", "最多 40 个字"),
        (10, "姓名", "含有不可见的控制字符"),
        (11, "手机号", "与第 2 行重复"),
        (12, "编号", "与第 2 行重复"),
    ]


def test_an_error_uses_the_heading_of_the_file() -> None:
    assert _errors("name,Phone,status\n林晓,123,党员\n") == [(2, "Phone", "不是有效的手机号")]


def test_missing_and_repeated_columns_are_told() -> None:
    missing = _errors("姓名,支部\n林晓,华东党支部\n")
    assert [(line, field) for line, field, _ in missing] == [(1, "手机号"), (1, "身份")]
    assert _errors("姓名,名字,手机号,身份\n")[0] == (1, "名字", "与“姓名”是同一列，只能保留一个")


def test_empty_files_and_lines() -> None:
    assert _errors("") == [(1, "文件", "没有内容")]
    assert _errors(HEAD) == [(2, "文件", "表头下没有人员")]
    roster = read_roster(("\n\n" + HEAD + "\n,,,\n" + ROW + "\n").encode())
    assert [(row.line, row.name) for row in roster.rows] == [(6, "林晓")]


def test_errors_are_many_but_not_endless() -> None:
    assert len(_errors(HEAD + "林晓,1,,,正式党员,,\n" * 5000)) == MOST_ERRORS


def _outcome(content: bytes) -> str:
    try:
        roster = read_roster(content)
    except AppError as error:
        return error.code
    return "errors" if roster.errors else f"{len(roster.rows)} rows"


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_errors_or_a_clear_refusal(content: bytes) -> None:
    assert _outcome(content) in {"errors", "roster_unreadable"}


@given(st.text(max_size=60))
def test_any_cell_is_taken_or_told(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    content = (HEAD + f"{quoted},13800138000,{quoted},,党员,,{quoted}\n").encode(errors="replace")
    assert _outcome(content) in {"1 rows", "errors", "roster_unreadable"}
