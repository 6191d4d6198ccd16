"""What is printed can be read: by people, by programs, and on machines that have no Chinese font."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from server.core.errors import Unprocessable
from server.core.paper import Column, Paper, Press
from server.core.paper import press as press_module

HASH = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def read(content: bytes) -> tuple[PdfReader, list[str]]:
    reader = PdfReader(io.BytesIO(content))
    return reader, [page.extract_text() for page in reader.pages]


def fonts(reader: PdfReader) -> list[Any]:
    pages: Any = reader.pages
    return [font for page in pages for font in page["/Resources"]["/Font"].values()]


def test_rare_names_come_out_again_from_an_embedded_font(press: Press) -> None:
    paper = Paper(
        "支部党员大会会议记录", subject="第三季度", author="生产第一党支部", made_at=datetime(2026, 7, 1, 12, tzinfo=UTC)
    )
    paper.heading("一、出席")
    paper.facts([("主持人", "䶮堃"), ("记录人", "喆𠅤\n列席")])
    paper.items(["学习文件", "讨论"])
    paper.paragraph("𫖯翀")
    reader, (text,) = read(press.print(paper))
    for words in ("支部党员大会会议记录", "一、出席", "䶮堃", "喆𠅤", "𫖯翀", "1. 学习文件", "第 1 页，共 1 页"):
        assert words in text
    described = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts(reader)]
    assert described
    assert all(each.keys() & {"/FontFile2", "/FontFile3"} for each in described)
    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("zh-CN", True), "tagged, for those who have it read out"
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("支部党员大会会议记录", "生产第一党支部")


def test_a_long_table_goes_on_with_its_headings_and_stays_small(press: Press) -> None:
    paper = Paper("签到表")
    paper.table([Column("姓名", 2), Column("方式"), Column("校验码", 3)], [[f"党员{n}", "扫码", HASH] for n in range(300)])
    content = press.print(paper)
    _, pages = read(content)
    assert len(pages) > 5
    assert all("校验码" in page for page in pages)
    assert pages[-1].endswith(f"第 {len(pages)} 页，共 {len(pages)} 页")
    assert "党员299" in pages[-1]
    assert HASH in pages[0].replace("\n", ""), "broken to fit, and copied as it was"
    assert len(content) < 500_000


def test_nothing_written_is_markup_and_nothing_written_stops_the_press(press: Press) -> None:
    paper = Paper('#import "x" *[', running="\x00\ud800")
    wild = ['#read("/etc/passwd")', "$ x $ \\ @ref <label> //", "😀𣈶\u202e\ufeff\x07", "a" * 500, "", "\n\n", "`raw` = 标题"]
    for text in wild:
        paper.paragraph(text)
    paper.table([Column("一")], [[text] for text in wild])
    _, pages = read(press.print(paper))
    text = "".join(pages)
    assert '#read("/etc/passwd")' in text
    assert "$ x $ \\ @ref <label> //" in text


def test_what_the_font_lacks_is_seen_as_a_box(press: Press) -> None:
    def boxes(text: str) -> int:
        paper = Paper("甲")
        paper.paragraph(text)
        reader, _ = read(press.print(paper))
        contents = reader.pages[0].get_contents()
        assert contents is not None
        return len(contents.get_data())

    assert boxes("甲\U0001f600") > boxes("甲"), "something stands there"


def test_a_row_of_another_length_and_a_text_without_end_are_refused(press: Press) -> None:
    paper = Paper("甲")
    with pytest.raises(ValueError, match="cells"):
        paper.table([Column("一"), Column("二")], [["一"]])
    paper.paragraph("字" * 1_500_000)
    with pytest.raises(Unprocessable) as refused:
        press.print(paper)
    assert refused.value.code == "paper_too_long"


async def test_printing_keeps_nobody_waiting_and_leaves_nothing_in_memory(press: Press) -> None:
    assert (await press.printed(Paper("甲"))).startswith(b"%PDF-")
    assert "typst" not in sys.modules, "which remembers all that it has ever set"


def test_a_template_that_cannot_be_set_is_said(press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "paper.typ").write_text("#nothing-of-this-name")
    monkeypatch.setattr(press_module, "_TEMPLATE", tmp_path / "paper.typ")
    with pytest.raises(RuntimeError, match="nothing-of-this-name"):
        press.print(Paper("甲"))
