"""The order in which Chinese names are looked up: by pinyin, as in any printed list.

PostgreSQL knows it (ICU's Chinese collation). SQLite is given a function: GB 18030 keeps the order of GB 2312, whose 3755
most frequent characters stand by pinyin; rarer ones follow by radical.
"""

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

SQLITE_FUNCTION = "chinese_order"


class chinese_order(GenericFunction[str]):  # noqa: N801 - named as it is called in a query
    """`chinese_order(text)`: something to sort and compare by; equal for equal texts only."""

    type = Text()
    inherit_cache = True

    def __init__(self, text: ColumnElement[str]) -> None:
        super().__init__(text)


@compiles(chinese_order, "postgresql")
def _collated(element: chinese_order, compiler: SQLCompiler, **how: Any) -> str:
    return f'({compiler.process(element.clauses, **how)} COLLATE "zh-x-icu")'


def chinese_key(text: str) -> str:
    """The same for what is sorted here, whatever the database."""
    return text.encode("gb18030", "replace").hex()


def sqlite_chinese_order(text: str | None) -> str | None:
    return None if text is None else chinese_key(text)
