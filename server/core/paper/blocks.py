"""What a paper consists of, in the order in which it is added. Pure data; `press` sets it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Align = Literal["left", "center", "right"]

# No text of a person holds these (`core.texts`); a stray one must not stop a document. Line breaks stay.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """`share`: of the width, in relation to the other columns."""

    heading: str
    share: float = 1
    align: Align = "left"


class Paper:
    """`title` stands on the first page and in the document's properties, `running` on top of all further pages; `made_at` is
    the document's date."""

    def __init__(
        self, title: str, *, running: str = "", author: str = "", subject: str = "", made_at: datetime | None = None
    ) -> None:
        self._blocks: list[dict[str, Any]] = []
        self._head = {
            "title": clean(title),
            "running": clean(running or title),
            "author": clean(author),
            "subject": clean(subject),
        }
        self._made_at = made_at
        self._pictures: dict[str, bytes] = {}

    def heading(self, text: str, level: Literal[1, 2] = 1) -> None:
        """Never the last thing on a page."""
        self._add("heading", text=clean(text), level=level)

    def paragraph(self, text: str, *, note: bool = False) -> None:
        """Line breaks are kept. `note`: small and grey."""
        self._add("paragraph", text=clean(text), note=note)

    def items(self, texts: Iterable[str]) -> None:
        """Numbered from 1."""
        self._add("items", texts=[clean(text) for text in texts])

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """A name and what it is, line by line."""
        self._add("facts", pairs=[[clean(name), clean(value)] for name, value in pairs])

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Breaks over pages; the headings stand on each. Raise ValueError for a row of another length."""
        cells = [[clean(value) for value in row] for row in rows]
        if any(len(row) != len(columns) for row in cells):
            raise ValueError("a row has as many cells as there are columns")
        self._add(
            "table",
            headings=[clean(column.heading) for column in columns],
            shares=[column.share for column in columns],
            aligns=[column.align for column in columns],
            rows=cells,
        )

    def picture(self, jpeg: bytes, caption: str) -> None:
        """With its caption under it, never torn from it; as wide as the page, and half as high as one at most."""
        name = f"picture-{len(self._pictures)}.jpg"
        self._pictures[name] = jpeg
        self._add("picture", name=name, caption=clean(caption))

    def new_page(self) -> None:
        self._add("page")

    def data(self) -> dict[str, Any]:
        """For the template."""
        made = self._made_at
        parts = None if made is None else [made.year, made.month, made.day, made.hour, made.minute, made.second]
        return {**self._head, "made_at": parts, "blocks": self._blocks}

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """Files that the template names."""
        return self._pictures

    def _add(self, kind: str, **more: Any) -> None:
        self._blocks.append({"kind": kind, **more})


def clean(text: str) -> str:
    """What can be printed of it; the rest as U+FFFD, for it must not vanish unseen."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", " "))
