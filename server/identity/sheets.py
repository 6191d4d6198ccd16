"""Bytes of a CSV or XLSX file to numbered lines of text cells, within limits, trusting nothing the file says of itself."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.errors import AppError, TooLarge, Unprocessable

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
MOST_COLUMNS = 50
MOST_CELL = 500
# An XLSX is a zip of XML. Twenty thousand rows of eight columns unpack to about 10 MiB.
MOST_UNPACKED = 48 * 1024 * 1024
MOST_PARTS = 200
# Each tag becomes objects under the interpreter's lock, on which a broadcast waits: 60,000 styles in 5 KB took 17 s.
MOST_TAGS = 20_000
MOST_TABLE_TAGS = 1_000_000
_TABLES = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml\Z", re.IGNORECASE)

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts as a spreadsheet does, from 1; for CSV it is the line of the text where the record begins."""

    number: int
    cells: list[str]


def read_lines(content: bytes) -> Iterator[Line]:
    """Raise TooLarge `roster_too_large`, Unprocessable `roster_unreadable`."""
    if len(content) > MOST_BYTES:
        raise _too_large(f"文件不能超过 {MOST_BYTES // 1024 // 1024} MB")
    if content.startswith(_OLD_EXCEL):
        raise _unreadable("这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV 后再导入")
    lines = _xlsx_lines(content) if content.startswith(_ZIP) else _csv_lines(content)
    for count, line in enumerate(lines):
        if count > MOST_LINES:
            raise _too_large(f"最多 {MOST_LINES} 行，请分成几个文件")
        for text in line.cells:
            if len(text) > MOST_CELL:
                raise _unreadable(f"第 {line.number} 行有单元格超过 {MOST_CELL} 个字")
        yield line


# CSV


def _csv_lines(content: bytes) -> Iterator[Line]:
    text = _decode(content)
    if "\0" in text:
        raise _unreadable("不是 CSV 或 XLSX 文件")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Line(begins, _trimmed([cell.strip() for cell in cells]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _unreadable(f"第 {begins} 行的引号或分隔符有误") from error


def _decode(content: bytes) -> str:
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if utf16 else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable("文字编码无法识别，请另存为 UTF-8 的 CSV 或 XLSX")


def _delimiter(text: str) -> str:
    """Whatever parts the heading: Excel in some settings writes tabs or semicolons."""
    heading = text.lstrip().split("\n", 1)[0]
    return max(",\t;", key=heading.count)


# XLSX


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    from openpyxl import load_workbook

    _check_package(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the file's own claim may be wrong in both directions
            # One column more than allowed, so that too many are noticed.
            rows = sheet.iter_rows(max_row=MOST_LINES + 2, max_col=MOST_COLUMNS + 1, values_only=True)
            for number, values in enumerate(rows, 1):
                yield Line(number, _trimmed([_cell_text(value) for value in values]))
        finally:
            book.close()
    except AppError:
        raise
    except Exception as error:  # openpyxl raises whatever a broken file makes it raise
        raise _unreadable("XLSX 文件已损坏或不完整") from error


def _check_package(content: bytes) -> None:
    """Refuse zip bombs and XML that declares entities before anything is parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            # A part never unpacks to more than it declares: zipfile stops there.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _too_large("XLSX 文件展开后过大")
            for part in parts:
                data = package.read(part)
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(data)
                # Counted whatever the name ends with: the package itself says which parts are read as XML.
                if data.count(b"<") > (MOST_TABLE_TAGS if _TABLES.match(part.filename) else MOST_TAGS):
                    raise _too_large("XLSX 文件内容过于复杂，请只保留名单一张表，或另存为 CSV 后再导入")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable("XLSX 文件已损坏，或设有打开密码") from error


def _check_xml(data: bytes) -> None:
    # UTF-16 and its like would hide the declaration from a search for ASCII; no spreadsheet program writes them here.
    if b"\0" in data[:64] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"<!DOCTYPE" in data:
        raise _unreadable("XLSX 文件含有不允许的内容")


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end; too many that are not empty are refused."""
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise _unreadable(f"最多 {MOST_COLUMNS} 列")
    return cells


def _unreadable(detail: str) -> AppError:
    return Unprocessable("roster_unreadable", detail)


def _too_large(detail: str) -> AppError:
    return TooLarge("roster_too_large", detail)
