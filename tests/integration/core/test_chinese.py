"""Names stand by pinyin on both databases."""

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from server.core.chinese import chinese_order
from server.core.db import Database

NAMES = ["安然", "陈晓", "陈晓东", "高红", "李梅", "欧阳建国", "王五", "张三", "郑和"]


class Here(DeclarativeBase):
    """Tables of this test alone."""


class Named(Here):
    __tablename__ = "named"
    name: Mapped[str] = mapped_column(primary_key=True)


async def test_names_are_sorted_and_compared_by_pinyin(database_url: str) -> None:
    database = Database(database_url)
    await database.run_sync(Here.metadata.create_all)
    async with database.transaction() as session:
        session.add_all([Named(name=name) for name in reversed(NAMES)])
    key = chinese_order(Named.__table__.c.name)
    async with database.reading() as session:
        assert list(await session.scalars(select(Named.name).order_by(key))) == NAMES
        last = await session.scalar(select(key).where(Named.name == "李梅"))
        assert list(await session.scalars(select(Named.name).where(key > last).order_by(key))) == NAMES[5:]
    await database.close()
