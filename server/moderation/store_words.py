"""Word lists in the database, and the versions of what processes remember."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .model import Action, WordList
from .tables import ListedWordRow, ModerationVersionRow, WordListRow

WORDS, MUTES = "words", "mutes"
_AT_ONCE = 500


async def versions(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(select(ModerationVersionRow.name, ModerationVersionRow.version))
    return {name: version for name, version in rows}  # noqa: C416  # rows are no pairs to a type checker


def changes() -> ColumnElement[int]:
    """How many there have been, of all kinds: a version only ever goes up, by one."""
    return select(func.coalesce(func.sum(ModerationVersionRow.version), 0)).scalar_subquery()


async def raise_version(session: AsyncSession, name: str) -> None:
    """Holds its row until the commit: of two changes one comes after the other."""
    row = ModerationVersionRow
    await session.execute(update(row).where(row.name == name).values(version=row.version + 1))


async def lists(session: AsyncSession) -> list[tuple[WordList, int, datetime]]:
    """Each with the number of its words and when it was last changed, by name."""
    counted = select(ListedWordRow.list_id, func.count().label("words")).group_by(ListedWordRow.list_id).subquery()
    query = (
        select(WordListRow, func.coalesce(counted.c.words, 0))
        .outerjoin(counted, counted.c.list_id == WordListRow.id)
        .order_by(WordListRow.name)
    )
    return [(_list(row), count, row.changed_at) for row, count in await session.execute(query)]


async def find(session: AsyncSession, list_id: str, *, lock: bool = False) -> WordList | None:
    row = await session.get(WordListRow, list_id, with_for_update=True if lock else None)
    return None if row is None else _list(row)


async def named(session: AsyncSession, name: str) -> str | None:
    """The id of the list with this name."""
    found: str | None = await session.scalar(select(WordListRow.id).where(WordListRow.name == name))
    return found


async def count(session: AsyncSession, *, but: str | None = None) -> int:
    """Words of all lists, or of all but one."""
    query = select(func.count()).select_from(ListedWordRow)
    return int((await session.execute(query if but is None else query.where(ListedWordRow.list_id != but))).scalar_one())


async def put(session: AsyncSession, words: WordList, now: datetime, by: str) -> None:
    await session.merge(WordListRow(id=words.id, name=words.name, action=words.action.value, changed_at=now, changed_by=by))
    await session.flush()


async def drop(session: AsyncSession, list_id: str) -> None:
    await session.execute(delete(ListedWordRow).where(ListedWordRow.list_id == list_id))
    await session.execute(delete(WordListRow).where(WordListRow.id == list_id))


async def words_of(session: AsyncSession, list_id: str) -> list[str]:
    query = select(ListedWordRow.word).where(ListedWordRow.list_id == list_id).order_by(ListedWordRow.word)
    return list(await session.scalars(query))


async def add_words(session: AsyncSession, list_id: str, words: Sequence[str]) -> None:
    """Those that are not there yet, the caller knows."""
    for start in range(0, len(words), _AT_ONCE):
        rows = [{"list_id": list_id, "word": word} for word in words[start : start + _AT_ONCE]]
        await session.execute(insert(ListedWordRow), rows)


async def drop_words(session: AsyncSession, list_id: str, words: Sequence[str]) -> None:
    for start in range(0, len(words), _AT_ONCE):
        some = words[start : start + _AT_ONCE]
        await session.execute(delete(ListedWordRow).where(ListedWordRow.list_id == list_id, ListedWordRow.word.in_(some)))


async def everything(session: AsyncSession) -> list[tuple[WordList, list[str]]]:
    found: dict[str, tuple[WordList, list[str]]] = {
        row.id: (_list(row), []) for row in await session.scalars(select(WordListRow).order_by(WordListRow.name))
    }
    for list_id, word in await session.execute(select(ListedWordRow.list_id, ListedWordRow.word).order_by(ListedWordRow.word)):
        if list_id in found:
            found[list_id][1].append(word)
    return list(found.values())


def _list(row: WordListRow) -> WordList:
    return WordList(row.id, row.name, Action(row.action))
