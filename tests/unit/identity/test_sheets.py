import io
import zipfile

import pytest
from openpyxl import Workbook

from server.core.errors import AppError, TooLarge, Unprocessable
from server.identity import sheets
from server.identity.sheets import read_lines

TEXT = "姓名,手机号\r\n林晓,13800138000\r\n"
CELLS = [["姓名", "手机号"], ["林晓", "13800138000"]]


def _cells(content: bytes) -> list[list[str]]:
    return [line.cells for line in read_lines(content)]


def _xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _package(parts: dict[str, bytes], base: bytes | None = None) -> bytes:
    """A workbook with some parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base or _xlsx([["a"]]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_as_programs_in_china_write_it(encoding: str, delimiter: str) -> None:
    assert _cells(TEXT.replace(",", delimiter).encode(encoding)) == CELLS


def test_rare_characters_of_names_survive_gb18030() -> None:
    assert _cells("㛃𠮷,䶮\n".encode("gb18030")) == [["㛃𠮷", "䶮"]]


def test_quoted_cells_may_hold_delimiters_and_line_breaks() -> None:
    lines = list(read_lines('姓名,备注\n林晓,"一,二\n三"\n李四,""\n'.encode()))
    assert [(line.number, line.cells) for line in lines] == [
        (1, ["姓名", "备注"]),
        (2, ["林晓", "一,二\n三"]),
        (4, ["李四"]),
    ]


def test_xlsx_numbers_are_read_as_people_see_them() -> None:
    rows: list[list[object]] = [["手机号", "n"], [13800138000, 1.5], [13800138000.0, None], ["13800138000", True]]
    assert _cells(_xlsx(rows)) == [["手机号", "n"], ["13800138000", "1.5"], ["13800138000"], ["13800138000", "True"]]


def test_formulas_give_their_kept_value_and_are_never_computed() -> None:
    assert _cells(_xlsx([["a"], ["=1+1"]])) == [["a"], []]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版 Excel"),
        (b"PK\x03\x04 and then nothing of a zip", "已损坏"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "CSV 或 XLSX"),
        (b"\xff\xff\xff\xff", "编码"),
        (b'a,"b\n', "引号"),
        (",".join("x" * 60).encode(), "列"),
        (("a\n" + "x" * 501).encode(), "第 2 行"),
        (_package({"xl/workbook.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"}), "不允许"),
        (_package({"xl/workbook.xml": "<!DOCTYPE x><x/>".encode("utf-16")}), "不允许"),
        (_package({"xl/workbook.xml": b"<broken"}), "已损坏"),
        (_xlsx([["x"] * 60]), "列"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, word: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        list(read_lines(content))
    assert refusal.value.code == "roster_unreadable"
    assert word in refusal.value.detail


def test_limits_hold_before_anything_is_unpacked() -> None:
    """A zip bomb: a megabyte of zeros packs a thousandfold."""
    bomb = _package({"xl/media/huge.xml": b" " * (sheets.MOST_UNPACKED + 1)})
    assert len(bomb) < 200_000
    crowd = _package({f"xl/media/{n}.bin": b"" for n in range(sheets.MOST_PARTS)})
    many = ("a\n" * (sheets.MOST_LINES + 2)).encode()
    for content in (bomb, crowd, many, b"a" * (sheets.MOST_BYTES + 1)):
        with pytest.raises(TooLarge) as refusal:
            list(read_lines(content))
        assert refusal.value.code == "roster_too_large"


def test_a_lying_zip_header_unpacks_no_further_than_it_says() -> None:
    honest = _package({"xl/media/huge.xml": b" " * 10_000_000})
    lying = honest.replace((10_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(AppError) as refusal:
        list(read_lines(lying))
    assert refusal.value.code == "roster_unreadable"


def test_an_encrypted_workbook_is_told_apart() -> None:
    locked = bytearray(_xlsx([["a"]]))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        offset = 6 if mark == b"PK\x03\x04" else 8
        at = locked.find(mark)
        while at >= 0:
            locked[at + offset] |= 1
            at = locked.find(mark, at + 4)
    with pytest.raises(Unprocessable) as refusal:
        list(read_lines(bytes(locked)))
    assert "密码" in refusal.value.detail


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/styles.bin"])
def test_parts_of_countless_tags_are_refused_before_they_become_objects(part: str) -> None:
    many = b"<styleSheet><cellXfs>" + b"<xf/>" * sheets.MOST_TAGS + b"</cellXfs></styleSheet>"
    with pytest.raises(TooLarge):
        _cells(_package({part: many}))


def test_a_table_of_many_tags_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _xlsx([["a", "b"]] * 100)
    monkeypatch.setattr(sheets, "MOST_TABLE_TAGS", 500)
    with pytest.raises(TooLarge):
        _cells(content)
