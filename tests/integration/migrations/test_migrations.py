from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, func, insert, inspect, select, table

from server.core.db import Base, Database
from server.core.ids import new_id
from server.migrations import check_schema, downgrade, upgrade


async def test_every_revision_goes_up_and_down_and_ends_at_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    for _ in range(2):  # the second time shows that the way down left nothing behind
        await upgrade(database)
        await check_schema(database)
        differences: list[object] = []

        def compare(connection: Connection, found: list[object] = differences) -> None:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            found.extend(compare_metadata(context, Base.metadata))

        await database.run_sync(compare)
        assert differences == []
        await downgrade(database, "base")
        tables: list[str] = []
        await database.run_sync(lambda connection, found=tables: found.extend(inspect(connection).get_table_names()))
        assert tables == ["alembic_version"]
    await database.close()


async def test_upgrading_what_is_new_does_nothing(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database)
    await upgrade(database)
    await check_schema(database)
    await database.close()


async def test_what_hangs_on_a_row_outlives_every_change_of_its_table(database_url: str) -> None:
    """SQLite puts a copy in the place of a table that is altered; dropping the old one must not take comments along."""
    database = Database(database_url)
    await upgrade(database, "0005")
    member, broadcast, comment = new_id(), new_id(), new_id()
    rows: dict[str, dict[str, object]] = {
        "members": {"id": member, "name": "甲", "mobile": "10000000001", "status": "full", "created_at": 0},
        "broadcasts": {
            "id": broadcast, "host_id": member, "title": "题", "intro": "", "starts_at": 0, "minutes_planned": 60,
            "visibility": "members", "comment_mode": "off", "orientation": "landscape", "state": "ended", "created_at": 0,
            "peak_viewers": 0, "revision": 0, "token_count": 0, "recording": "none", "replay_published": False,
            "download_allowed": False,
        },
        "comments": {
            "id": comment, "broadcast_id": broadcast, "offset": 1, "author_id": member, "client_id": new_id(), "digest": "x"
        },
        "removed_comments": {
            "comment_id": comment, "at": 0, "by_id": member, "why": "author", "reason": "", "text": "词"
        },
    }  # fmt: skip
    async with database.transaction() as session:
        for name, values in rows.items():
            await session.execute(insert(table(name, *map(column, values))).values(**values))
    for revision in ("head", "0005"):
        await (upgrade(database) if revision == "head" else downgrade(database, revision))
        async with database.reading() as session:
            for name in rows:
                kept = (await session.execute(select(func.count()).select_from(table(name)))).scalar_one()
                assert kept == 1, f"{name} at {revision}"
    await database.close()
