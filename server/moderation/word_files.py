"""Word lists as files: one word a line, as text or as CSV; read line by line with what is wrong, written so that they can be
read again. Pure rules.

A spreadsheet saves Chinese in GB18030 where it is not told otherwise, so both that and UTF-8 are read. A cell that a
spreadsheet would take for a formula is written behind an apostrophe (ASVS 1.2.10), which is taken off again when it is read.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from ..core.errors import Invalid
from ..core.texts import tidied
from .folding import is_latin, runs
from .model import MOST_WORD

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADING = "词语"


@dataclass(frozen=True, slots=True)
class Fault:
    line: int
    word: str
    message: str


@dataclass(frozen=True, slots=True)
class Read:
    """Words in the order of the file, each once; `repeated` lines were left out."""

    words: tuple[str, ...]
    faults: tuple[Fault, ...]
    repeated: int


def fault_of(word: str) -> str | None:
    """Why a word cannot be listed, in words; None if it can."""
    if len(word) > MOST_WORD:
        return f"超过 {MOST_WORD} 个字"
    folded = runs(word)
    if not folded:
        return "没有文字，只有标点或符号"
    if sum(run.count for run in folded) == 1 and (is_latin(folded[0].plain) or folded[0].plain.isdigit()):
        return "单个字母或数字会误伤太多内容"
    return None


def decoded(content: bytes) -> str:
    """Raise Invalid `encoding_unknown`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("encoding_unknown", "文件编码无法识别，请保存为 UTF-8 或 GB18030")


def read(content: bytes) -> Read:
    """Text or CSV, of which the first column counts; blank lines, and lines that begin with `#`, are left out."""
    words: dict[str, None] = {}
    faults: list[Fault] = []
    repeated = 0
    for number, line in enumerate(_cells(decoded(content)), 1):
        word = tidied(line)
        if not word or word.startswith("#") or (number == 1 and word == _HEADING):
            continue
        if (message := fault_of(word)) is not None:
            faults.append(Fault(number, word[:MOST_WORD], message))
        elif word in words:
            repeated += 1
        else:
            words[word] = None
    return Read(tuple(words), tuple(faults), repeated)


def as_text(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()


def as_csv(words: Iterable[str]) -> bytes:
    """With the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_HEADING])
    writer.writerows([_safe(word)] for word in words)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(text: str) -> Iterable[str]:
    """The first cell of each line. A line that is no CSV is a word as it stands."""
    for line in text.splitlines():
        cell = line
        if line.startswith('"') or "," in line:
            try:
                cell = next(csv.reader([line], strict=True), [""])[0]
            except csv.Error:
                cell = line
        yield cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
